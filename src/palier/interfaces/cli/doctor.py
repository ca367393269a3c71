"""``palier doctor``: ask every invariant; ``palier doctor release ACC_ID`` lets a parked account go on."""

import argparse
import getpass
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from palier.interfaces.cli.start import start
from palier.kit import clock, ids

if TYPE_CHECKING:
    from palier.flows.doctor import Findings


def main(arguments: Sequence[str]) -> int:
    """0: all holds, or released; 1: an invariant is broken, the gateway is silent, sealing has stopped, the database
    keeps nothing just now, or refused."""
    options = _parser().parse_args(arguments)
    start()
    if options.verb == "release":
        return _release(options)
    from palier.flows import doctor  # models exist only now

    patience = timedelta(hours=options.patience_hours)
    if options.park:
        found = doctor.rounds(now=clock.now())
    else:
        found = doctor.examine(now=clock.now(), patience=patience, with_the_gateway=not options.without_gateway)
    print(json.dumps(asdict(found), indent=2, default=str) if options.json else told(found))
    if not options.json and (newest := doctor.newest_seal()):
        print(f"The ledger's {newest}")
    return 1 if found.breaches or found.silent or found.unsealed or found.unwritable else 0


def told(found: "Findings") -> str:
    """A line for each breach, then the count."""
    lines = [
        f"{one.code}  {ids.public_id('acc', one.account_id) if one.account_id else '-':<18} {one.subject} {one.fact}"
        for one in found.breaches
    ]
    if found.silent:
        lines.append(f"The gateway's book could not be read: {found.silent}")
    if found.unwritable:
        lines.append(f"The database keeps nothing just now: it is {found.unwritable}.")
    if found.unsealed:
        lines.append(f"The ledger is not sealed any more: {found.unsealed}")
    lines += [f"Waits for a person: {one.subject} {one.fact} ({one.command})" for one in found.matters]
    return "\n".join([*lines, f"{found.asked} invariants asked, {len(found.breaches)} breaches."])


def _release(options: argparse.Namespace) -> int:
    from palier.apps.accounts.models import Account
    from palier.flows import doctor

    try:
        account = Account.objects.get(pk=ids.parse(Account.id_prefix, options.account))
    except (ids.UnknownId, Account.DoesNotExist):
        print(f"palier doctor: there is no account “{options.account}”.", file=sys.stderr)
        return 1
    doctor.release(account, who=options.by or getpass.getuser(), word=options.word, now=clock.now())
    print(f"{account.public_id} goes on.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palier doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.add_argument("--park", action="store_true", help="as every hour: park what breaks one and tell the operator")
    parser.add_argument("--without-gateway", action="store_true", help="ask our own book only")
    parser.add_argument(
        "--patience-hours", type=float, default=24.0, help="how long work may be on its way (default: 24)"
    )
    verbs = parser.add_subparsers(dest="verb")
    release = verbs.add_parser("release", help="let a parked account go on, once somebody has looked")
    release.add_argument("account", help="its public id, acc_…")
    release.add_argument("--word", required=True, help="what was found and done")
    release.add_argument("--by", default="", help="who you are (default: your log-in name)")
    return parser
