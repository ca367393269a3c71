"""``palier migrate``."""

import argparse
import os
from collections.abc import Sequence

import django
from django.core.management import call_command


def main(arguments: Sequence[str]) -> int:
    """Bring the database up to this version of the program. Repeatable."""
    parser = argparse.ArgumentParser(prog="palier migrate", description=main.__doc__)
    parser.add_argument("--quiet", action="store_true", help="say nothing")
    options = parser.parse_args(arguments)
    os.environ.setdefault("PALIER_DB_POOL", "0")  # one thread, and a database that is down is told at once
    django.setup()
    call_command("migrate", interactive=False, verbosity=0 if options.quiet else 1)
    return 0
