"""Customers: accounts, their members, invitations and billing profiles."""
