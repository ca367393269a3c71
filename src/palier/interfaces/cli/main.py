"""``palier <command>``: one module for each command, imported only when it is called.

A command's module has ``main(arguments) -> int``, which parses its own arguments and returns the exit code.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from django.db.utils import InternalError, OperationalError, ProgrammingError

from palier.kit import database
from palier.kit.refusals import Refusal

COMMANDS: Final = {
    "catalogue": ("palier.interfaces.cli.catalogue", "check catalogue.toml, or publish it"),
    "articles": ("palier.interfaces.help.check", "tell which help articles name what the catalogue lacks"),
    "quote": ("palier.interfaces.cli.quote", "compute a price from JSON, with every step explained"),
    "migrate": ("palier.interfaces.cli.database", "bring the database up to this version of the program"),
    "serve": ("palier.interfaces.cli.serve", "run the web server"),
    "worker": ("palier.interfaces.cli.worker", "run the background jobs"),
    "payment": ("palier.interfaces.cli.payment", "look into a payment, and let a parked one out"),
    "doctor": ("palier.interfaces.cli.doctor", "examine the books, and release an account that was parked"),
    "restored": ("palier.interfaces.cli.restored", "put payments right after a backup was restored"),
    "letters": ("palier.interfaces.cli.letters", "letters that could not be delivered: send them again, or drop them"),
    "renewals": ("palier.interfaces.cli.renewals", "renewals that could not be done: try again, or accept another sum"),
    "operator": ("palier.interfaces.cli.operator", "who answers customers at the desk"),
    "demo-data": ("palier.interfaces.cli.demo_data", "create the demonstration's companies and its team"),
}
_USAGE_ERROR: Final = 2
_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code: 0 done, 1 refused, 2 wrong use."""
    command, *rest = list(sys.argv[1:] if arguments is None else arguments) or [""]
    if command in ("", "-h", "--help"):
        print(_overview())
        return 0 if command else _USAGE_ERROR
    if command not in COMMANDS:
        print(f"palier: there is no command “{command}”.\n\n{_overview()}", file=sys.stderr)
        return _USAGE_ERROR
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "palier.config.settings")
    try:
        code: int = import_module(COMMANDS[command][0]).main(rest)
    except Refusal as refusal:
        print(f"palier {command}: {refusal.text('en')}", file=sys.stderr)
        return 1
    except OperationalError as error:
        print(
            f"palier {command}: the database does not answer. Check DATABASE_URL. ({_first_line(error)})",
            file=sys.stderr,
        )
        return 1
    except InternalError as error:
        if not database.is_away(error):
            raise
        print(f"palier {command}: the database keeps nothing just now. ({_first_line(error)})", file=sys.stderr)
        return 1
    except ProgrammingError as error:
        print(
            f"palier {command}: the database is not ready. Run: palier migrate ({_first_line(error)})", file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]


def _overview() -> str:
    lines = [f"  {name:<11} {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(["usage: palier <command> [arguments]", "", *lines, "", "palier <command> --help says more."])
