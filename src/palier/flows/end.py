"""A subscription ends: its seats, its dates and the fact, the same whatever it ends of."""

from datetime import datetime

from palier.apps.agenda import actions as agenda
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions import states
from palier.apps.subscriptions.models import Subscription
from palier.flows.upcoming import NOTICE, RENEWAL


def subscription(held: Subscription, reason: str, *, at: datetime, now: datetime) -> None:
    """End one, in the caller's transaction. ``reason`` is "canceled" or "unpaid"; ``at`` is the instant from which it
    grants nothing, the end of the paid period of one that is canceled."""
    before = {held.public_id: states.told_of(states.state_of(held))}
    subscriptions.end(held, reason, at=at)
    subscriptions.note_seats(held, 0, 0, "ended", member=None, now=now)
    agenda.drop((RENEWAL, NOTICE), held.id)
    record(
        held.account_id,
        "subscription.ended",
        by=CLOCK,
        now=now,
        subscription=held.public_id,
        reason=reason,
        before=before,
        after={held.public_id: ""},
    )
