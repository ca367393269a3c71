"""Palier on one machine: database, payment service, mail catcher, worker and web server, started and stopped together.

This package imports nothing of `palier`: it starts programs and watches them.
"""
