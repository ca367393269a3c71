"""``palier renewals list|retry|accept``: renewals that could not be done."""

import argparse
import getpass
import sys
from collections.abc import Sequence

from palier.interfaces.cli.start import start
from palier.kit import clock, ids


def main(arguments: Sequence[str]) -> int:
    """0: done; 1: refused, nothing was changed."""
    options = _parser().parse_args(arguments)
    start()
    from palier.apps.subscriptions.models import Subscription  # models exist only now
    from palier.flows import failed_renewals

    if options.verb == "list":
        found = failed_renewals.all_of()
        for one in found:
            names = f"{ids.public_id('sub', one.subject)} of {ids.public_id('acc', one.account_id)}"
            print(f"{names}  since {one.first_at:%Y-%m-%d %H:%M}, {one.times} times: {one.error}")
        print(f"{len(found)} renewals could not be done.")
        return 0
    try:
        identity = ids.parse(Subscription.id_prefix, options.subscription)
        if options.verb == "retry":
            failed_renewals.retry(identity, now=clock.now())
            print(f"{options.subscription} is tried again now.")
        else:
            who = options.by or getpass.getuser()
            broken = failed_renewals.accept(identity, who=who, why=options.word, now=clock.now())
            print(f"{options.subscription} is renewed now: {broken}, accepted.")
    except (ids.UnknownId, Subscription.DoesNotExist):
        print(f"palier renewals: there is no subscription “{options.subscription}”.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palier renewals", description="Renewals that could not be done.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|retry|accept")
    verbs.add_parser("list", help="which ones, since when, and why")
    retry = verbs.add_parser("retry", help="try it again now, instead of within the hour")
    accept = verbs.add_parser("accept", help="charge the sum that is computed now, though another one was told")
    for verb in (retry, accept):
        verb.add_argument("subscription", metavar="SUB_ID", help="its public id, sub_…")
    accept.add_argument("--word", required=True, help="why it is right: kept with your name as a fact")
    accept.add_argument("--by", default="", help="who you are (default: your log-in name)")
    return parser
