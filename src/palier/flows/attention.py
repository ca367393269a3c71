"""What breaks nothing and goes on only once a person has looked: it parks nobody, and the operator is told."""

from dataclasses import dataclass

from palier.apps.notices import letters_operator
from palier.apps.subscriptions.models import Subscription
from palier.flows import dead_letters, failed_renewals
from palier.kit import ids


@dataclass(frozen=True, slots=True)
class Matter:
    """``command``: what lists it with the ways out. ``told``: whether a letter about it has a chance to be read."""

    subject: str
    fact: str
    command: str
    told: bool = True


def matters() -> list[Matter]:
    """All that waits for a person, the newest of each kind first."""
    return [*_renewals(), *_letters()]


def _renewals() -> list[Matter]:
    return [
        Matter(
            ids.public_id(Subscription.id_prefix, one.subject),
            f"could not be renewed since {one.first_at:%Y-%m-%d %H:%M} UTC: {one.error}",
            "palier renewals list",
        )
        for one in failed_renewals.all_of()
    ]


def _letters() -> list[Matter]:
    return [
        Matter(
            mail.public_id,
            f"({mail.kind}) to {mail.recipient} could not be delivered: {mail.trouble or 'the mail server was away'}",
            "palier letters list",
            told=mail.kind not in letters_operator.KINDS,
        )
        for mail in dead_letters.all_of()
    ]
