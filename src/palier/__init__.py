"""Palier: account upgrade and seat-based subscription billing, as one self-hosted product."""
