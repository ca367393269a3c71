"""Promises and their acceptance: quotes and orders."""
