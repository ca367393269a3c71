"""``palier restored --since INSTANT``: after a backup was restored, before anything runs again."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from palier.apps.gateways.contract import GatewayUnreachable
from palier.interfaces.cli.start import start

if TYPE_CHECKING:
    from palier.flows.restored import Restored


def main(arguments: Sequence[str]) -> int:
    """0: all is done, or there is nothing to do; 1: something is left or to be done, the gateway is silent, or
    refused."""
    options = _parser().parse_args(arguments)
    start()
    from palier.flows import restored  # models exist only now

    try:
        found = (restored.put_right if options.apply else restored.look)(options.since)
    except GatewayUnreachable as silence:
        print(f"palier restored: the gateway's book could not be read ({silence}). Repeat it.", file=sys.stderr)
        return 1
    print(told(found, applied=options.apply))
    return 1 if found.left or (found.to_do and not options.apply) else 0


def told(found: "Restored", *, applied: bool) -> str:
    """A line for each payment, then the counts."""
    lines = [
        f"{one.reference}  {one.kept_minor} {one.currency} (minor units), taken {one.created_at:%Y-%m-%d %H:%M} UTC, "
        f"{'given back' if one.reference in found.back else 'to be given back'}"
        for one in found.unknown
    ]
    lines += [
        f"{reference}  may still be taken, {'given up' if reference in found.given_up else 'to be given up'}"
        for reference in found.waiting
    ]
    lines += [f"{reference}  left as before: {sent}" for reference, sent in found.left]
    lines += [f"{reference}  has left since the backup: it is asked about, not sent" for reference in found.asked]
    more = "" if applied or not found.to_do else " Nothing was changed; --apply does it."
    return "\n".join(
        [
            *lines,
            f"{len(found.unknown)} taken that we know nothing of, {len(found.back)} given back; "
            f"{len(found.waiting)} that may still be taken, {len(found.given_up)} given up; "
            f"{len(found.left)} left to a person.{more}",
        ]
    )


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="palier restored",
        description="After a backup was restored: give back what the gateway took since, of payments that are lost.",
    )
    parser.add_argument(
        "--since",
        required=True,
        type=_instant,
        metavar="INSTANT",
        help="when the backup was made: 2026-11-26T05:50 (UTC)",
    )
    parser.add_argument("--apply", action="store_true", help="do it; without this it is only listed")
    return parser
