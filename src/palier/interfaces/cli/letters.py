"""``palier letters list|resend|drop``: letters that could not be delivered."""

import argparse
import getpass
import sys
from collections.abc import Sequence

from palier.interfaces.cli.start import start
from palier.kit import clock, ids

ALL = "all"


def main(arguments: Sequence[str]) -> int:
    """0: done; 1: refused, nothing was changed."""
    options = _parser().parse_args(arguments)
    start()
    from palier.apps.notices.models import Mail  # models exist only now
    from palier.flows import dead_letters

    if options.verb == "list":
        found = dead_letters.all_of()
        for mail in found:
            print(f"{mail.public_id}  {mail.written_at:%Y-%m-%d %H:%M}  {mail}: {mail.trouble or 'no answer'}")
        print(f"{len(found)} letters could not be delivered.")
        return 0
    who, now = options.by or getpass.getuser(), clock.now()
    if options.letter == ALL:
        identities = [mail.id for mail in dead_letters.all_of()]
    else:
        try:
            identities = [ids.parse(Mail.id_prefix, options.letter)]
        except ids.UnknownId:
            print(f"palier letters: there is no letter “{options.letter}”.", file=sys.stderr)
            return 1
    step = {"resend": dead_letters.resend, "drop": dead_letters.drop}[options.verb]
    for identity in identities:
        try:
            mail = step(identity, who=who, now=now)
        except dead_letters.NotGivenUp:
            if options.letter != ALL:
                raise
            continue  # somebody else has seen to it meanwhile
        print(f"{mail.public_id} {'is on its way' if options.verb == 'resend' else 'is dropped'}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palier letters", description="Letters that could not be delivered.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|resend|drop")
    verbs.add_parser("list", help="which ones, to whom, and what the mail server said")
    for verb, summary in (
        ("resend", "send it as it was written, once what stood in the way is over"),
        ("drop", "let it be: nobody is at that address, or was told in another way"),
    ):
        command = verbs.add_parser(verb, help=summary)
        command.add_argument("letter", metavar="MAI_ID|all", help="its public id, mai_…, or all of them")
        command.add_argument("--by", default="", help="who you are (default: your log-in name)")
    return parser
