"""The queue of charges: what renewals wrote ahead, sent at the seller's pace, after everybody who is at the screen.

A payment is its own place in the queue: no job is written with it. Every ``TICK`` each lane takes the next ones of its
share, the oldest first, and sends them one after another. So there are never more requests at the gateway than lanes;
one that is slow or away makes its lane slow, not the queue of everybody else; and while an answer is missing, a lane
sends one payment as a question and waits for the next turn.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Mod

from palier.apps.payments.models import Payment, PaymentState
from palier.flows import collect
from palier.kit import jobs

TICK: Final = timedelta(seconds=2)
"""How often each lane has its turn."""


def queue() -> QuerySet[Payment]:
    """What waits to be sent for the first time: of invoices that nobody at the screen is paying."""
    waiting = Payment.objects.filter(state=PaymentState.STARTED, invoice__isnull=False, on_session=False)
    return waiting.filter(account__parked_at=None).order_by("id")


def wake() -> int:
    """Give every lane its turn while something waits; one that is still busy is not given a second. Periodic."""
    if not queue().exists():
        return 0
    lanes = int(settings.PALIER_CHARGE_LANES)
    for lane in range(lanes):
        jobs.defer_once("charge_lane", f"charge_lane_{lane}", priority=collect.AFTER_EVERYTHING_ELSE, lane=lane)
    return lanes


def turn(lane: int) -> list[int]:
    """The payments of a lane's turn, in order: as many as the pace allows, one while the gateway owes an answer."""
    lanes = int(settings.PALIER_CHARGE_LANES)
    per_turn = settings.PALIER_CHARGES_PER_SECOND * TICK.total_seconds() / lanes
    mine = queue().annotate(lane=Mod(F("id"), lanes)).filter(lane=lane).values_list("id", flat=True)
    return list(mine[: 1 if _owes_an_answer() else max(1, int(per_turn))])


def one(payment_id: int, *, now: datetime) -> bool:
    """Send a payment; False when its answer is missing, and the rest of the turn had better wait. ``now`` is the time
    of the payment's account. Harmless to repeat: what was sent before is asked about."""
    collect.payment(payment_id, now=now)
    return not Payment.objects.filter(pk=payment_id, state__in=(PaymentState.SENT, PaymentState.UNKNOWN)).exists()


def _owes_an_answer() -> bool:
    unsure = Payment.objects.filter(state__in=(PaymentState.SENT, PaymentState.UNKNOWN))
    return unsure.filter(invoice__isnull=False, reason="no_answer").exists()
