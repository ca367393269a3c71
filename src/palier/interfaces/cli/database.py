"""``palier migrate``."""

import argparse
from collections.abc import Sequence

import django
from django.core.management import call_command


def main(arguments: Sequence[str]) -> int:
    """Bring the database up to this version of the program. Repeatable."""
    parser = argparse.ArgumentParser(prog="palier migrate", description=main.__doc__)
    parser.add_argument("--quiet", action="store_true", help="say nothing")
    options = parser.parse_args(arguments)
    django.setup()
    call_command("migrate", interactive=False, verbosity=0 if options.quiet else 1)
    return 0
