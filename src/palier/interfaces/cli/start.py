"""What every command does before it looks at the database. Models may be imported only after it."""

import os

import django


def start() -> None:
    """Load the program for one thread: without a pool, a database that is down is told at once."""
    os.environ.setdefault("PALIER_DB_POOL", "0")
    django.setup()
