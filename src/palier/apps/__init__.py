"""Nouns: one Django app each, with its state, its constraints and its small writes."""
