"""A payment service for demonstrations and tests: a program of its own, with its own book, clock and pages.

It moves no money. It behaves as card services do, also on their bad days (``faults``), and it knows nothing of the
programs that use it: it is reached over HTTP only. Reference: docs/reference/sandbox.md.
"""
