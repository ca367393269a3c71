"""Attempts to collect one amount, and the cards that they use."""
