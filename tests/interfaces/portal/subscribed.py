"""Accounts that pay, for the tests of the pages about their subscriptions."""

from datetime import datetime, timedelta

from palier.apps.agenda.models import Due
from palier.apps.orders.models import Order
from palier.flows import order, quote, renew, schedule
from palier.flows.change import Choice
from tests import world
from tests.world import NOON, Cast

MID_JUNE = NOON + timedelta(days=14)
"""The 15th of a 30-day month: half of it is left."""


def changed(cast: Cast, choice: Choice, *, now: datetime = MID_JUNE) -> Order:
    """A choice bought with the saved card."""
    kept = quote.make(world.fresh(cast.account), cast.owner, choice, now=now)
    accepted = order.place(kept, member=cast.owner, card="saved", evidence=world.evidence(), now=now)
    world.collected(accepted, now=now)
    return Order.objects.get(pk=accepted.pk)


def renewed(cast: Cast, *, now: datetime) -> None:
    """What falls due at the end of the paid period has happened."""
    for row in Due.objects.filter(account_id=cast.account.id, kind="renewal", due_at__lte=now):
        renew.due(row, now=now)


def ended(cast: Cast, *, now: datetime) -> None:
    """Canceled, and the paid period is over."""
    schedule.cancel(world.fresh(cast.account), cast.owner, now=MID_JUNE)
    renewed(cast, now=now)
