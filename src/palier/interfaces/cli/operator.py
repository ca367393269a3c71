"""``palier operator add|end|list``: who answers customers at the desk."""

import argparse
import secrets
import sys
from collections.abc import Sequence
from typing import Final

import django

from palier.kit import clock

LETTERS: Final = 12
"""Random bytes of a password that is made here."""


def main(arguments: Sequence[str]) -> int:
    """0: done; 1: refused, nothing was changed."""
    options = _parser().parse_args(arguments)
    django.setup()
    from palier.flows.conversations import team  # models exist only now

    now = clock.now()
    match options.verb:
        case "add":
            made = "" if options.password_stdin else secrets.token_urlsafe(LETTERS)
            password = made or sys.stdin.readline().rstrip("\n")
            operator = team.join(
                options.email, name=options.name, password=password, language=options.language, now=now
            )
            print(f"{operator.user.email} answers customers at /desk/ from now on.")
            if made:
                print(f"Password, shown this once: {made}")
        case "end":
            operator = team.leave(options.email, now=now)
            print(f"The desk is closed to {operator.user.email}. What they wrote stays under their name.")
        case _list:
            for one in team.everybody():
                until = f" until {one.ended_at:%Y-%m-%d}" if one.ended_at else ""
                seen = f", last seen {one.seen_at:%Y-%m-%d %H:%M} UTC" if one.seen_at else ""
                print(f"{one.user.email:<40}{one.user.name}, since {one.joined_at:%Y-%m-%d}{until}{seen}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palier operator", description="The operator's people, who answer customers.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|end|list")
    add = verbs.add_parser("add", help="let somebody answer customers, also somebody who had left")
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("--name", default="", help="what customers see beside an answer")
    add.add_argument("--language", default="en", choices=("en", "fr"), help="of the desk, at first")
    add.add_argument("--password-stdin", action="store_true", help="read the password from a line of standard input")
    end = verbs.add_parser("end", help="close the desk to somebody, at once")
    end.add_argument("email", metavar="EMAIL")
    verbs.add_parser("list", help="who is of the team, and who was")
    return parser
