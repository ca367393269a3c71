"""``palier migrate``."""

import argparse
from collections.abc import Sequence

from django.core.management import call_command
from django.db import connection

from palier.interfaces.cli.start import start


def main(arguments: Sequence[str]) -> int:
    """Bring the database, and the search of the help centre, up to this version of the program. Repeatable."""
    parser = argparse.ArgumentParser(prog="palier migrate", description=main.__doc__)
    parser.add_argument("--quiet", action="store_true", help="say nothing")
    options = parser.parse_args(arguments)
    start()
    _patient()
    call_command("migrate", interactive=False, verbosity=0 if options.quiet else 1)
    from palier.apps.help import actions  # after setup: it knows models

    changed = actions.index()
    if changed and not options.quiet:
        print(f"  The search of the help centre knows {changed} new or changed articles.")
    return 0


def _patient() -> None:
    """A new version waits for the lock of a table as long as it takes; requests and jobs do not."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
