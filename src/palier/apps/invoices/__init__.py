"""Issued documents: numbered without gaps, never altered."""
