"""The clock's work: what is due now, each row by the flow that knows its kind, each account in its own time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from django.db.models import Q

from palier.apps.accounts import clocks
from palier.apps.agenda.models import Due
from palier.flows import basket_bills, dun, notify, renew, trial, upcoming
from palier.kit import jobs


class Flow(Protocol):
    """Does what a row says, in a transaction of its own, and takes the row away or moves it. Harmless to repeat."""

    def __call__(self, row: Due, *, now: datetime) -> None: ...


FLOWS: Final[dict[str, Flow]] = {
    basket_bills.BASKET: basket_bills.due,
    upcoming.RENEWAL: renew.due,
    upcoming.RETRY: dun.due,
    upcoming.SUSPEND: dun.due,
    upcoming.GIVE_UP: dun.due,
    upcoming.NOTICE: notify.renewal,
    notify.CARD_EXPIRY: notify.card_expiry,
    trial.ENDS_SOON: trial.ends_soon,
    trial.ENDS: trial.ends,
}
"""What happens by kind. A flow of this table may be deferred again while it waits for something: its row stays."""

AT_ONCE: Final = 500


def work(*, now: datetime) -> int:
    """Defer what is due; returns how many rows. Periodic. Renewals of accounts in the present are ``renew.plan``'s."""
    ahead = Q()
    for account_id, by in clocks.travelling():
        ahead |= Q(account_id=account_id, due_at__lte=now + by)
    present = Q(due_at__lte=now) & ~Q(kind=upcoming.RENEWAL)
    rows = Due.objects.filter(present | ahead if ahead else present)
    return jobs.defer_forgotten("work_off", "due_id", rows, at_most=AT_ONCE)


def work_off(due_id: int, *, now: datetime) -> None:
    """Do what one row says, if it still is due in its account's own time. ``now`` is the present."""
    row = Due.objects.filter(pk=due_id).first()
    if row is None:
        return
    own = clocks.time_of(now, pk=row.account_id)
    if row.due_at <= own:
        FLOWS[row.kind](row, now=own)


def next_of(account_id: int, until: datetime, *, later: Mapping[tuple[str, int], datetime] | None = None) -> Due | None:
    """The first thing due to an account up to an instant of its own time; baskets close before renewals.

    What made no progress, by kind and subject, waits until its instant in ``later``.
    """
    later = later or {}
    rows = Due.objects.filter(account_id=account_id, due_at__lte=until, kind__in=FLOWS)
    turns = {row: max(row.due_at, later.get((row.kind, row.subject), row.due_at)) for row in rows}
    ready = (row for row in rows if turns[row] <= until)
    return min(ready, key=lambda row: (turns[row], _ORDER.index(row.kind), row.id), default=None)


_ORDER: Final = list(FLOWS)
