"""The seat journal as people read it: a list, the newest first, and a drawing of the seats over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import SeatEntry
from palier.interfaces.ui.charts import Point, step_chart
from palier.interfaces.ui.templatetags.ui import day
from palier.kit import formats

LONGEST: Final = 100

CAUSES: Final = {
    "bought": gettext_lazy("First purchase"),
    "added": gettext_lazy("Users added"),
    "reduced": gettext_lazy("Fewer at the renewal"),
    "reduction_withdrawn": gettext_lazy("Reduction withdrawn"),
    "canceled": gettext_lazy("Canceled at the renewal"),
    "cancel_withdrawn": gettext_lazy("Cancellation withdrawn"),
    "moved": gettext_lazy("Moved between monthly and annual"),
    "renewed": gettext_lazy("Renewed"),
    "basket": gettext_lazy("Changed during the day"),
    "ended": gettext_lazy("Ended"),
}


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One entry, in the reader's words; ``who`` is empty where nobody pressed anything."""

    at: datetime
    cause: str
    who: str
    interval: str
    now: int
    at_renewal: int


def journal_of(account: Account) -> list[SeatEntry]:
    """The latest entries of all subscriptions of an account, the oldest first, in one statement."""
    entries = SeatEntry.objects.filter(subscription__account=account).select_related("subscription", "member__user")
    return list(reversed(entries.order_by("-id")[:LONGEST]))


def lines_of(entries: Sequence[SeatEntry]) -> list[JournalLine]:
    """The entries as lines, the newest first."""
    return [
        JournalLine(
            at=entry.at,
            cause=str(CAUSES.get(entry.cause, entry.cause)),
            who=entry.member.user.name if entry.member else "",
            interval=entry.subscription.interval,
            now=entry.seats_now,
            at_renewal=entry.seats_at_renewal,
        )
        for entry in reversed(entries)
    ]


def chart(entries: Sequence[SeatEntry], *, now: datetime) -> SafeString:
    """The seats of all subscriptions over time, up to now."""
    held: dict[int, int] = {}
    points: list[Point] = []
    for entry in entries:
        held[entry.subscription_id] = entry.seats_now
        total = sum(held.values())
        if points and points[-1].at == entry.at:
            points.pop()
        if not points or points[-1].value != total:
            points.append(Point(entry.at, total, f"{day(entry.at)}: {_users(total)}"))
    if not points:
        return SafeString("")
    return step_chart("seats-chart", _("Users over time"), points, until=max(now, points[-1].at))


def _users(number: int) -> str:
    said = formats.whole_number(number, get_language() or "en")
    return ngettext("%(number)s user", "%(number)s users", number) % {"number": said}
