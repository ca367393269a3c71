"""Defects around one attempt to take money: what is sent, what silence means, who holds the slot, and until when."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from palier.apps.accounts.models import Account
from palier.apps.events.actions import record
from palier.apps.events.authors import Author
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Failed, Outcome, Succeeded, Unknown
from palier.apps.orders.models import Order
from palier.apps.payments.models import UNRESOLVED, Payment, PaymentState
from palier.flows import collect, dun, order, settle
from tests.faults.planted.bug import Bug, swapped


def charge_before_row() -> AbstractContextManager[None]:
    """*Pay* charges while the order and its attempt are not committed."""
    place = order.place

    def careless(*values: Any, now: datetime, **options: Any) -> Order:
        with transaction.atomic():
            placed = place(*values, now=now, **options)
            collect.payment(placed.payments.latest("attempt").id, now=now)
        return placed

    return swapped((order, "place", careless))


def fresh_key_on_retry() -> AbstractContextManager[None]:
    """Whoever finds a payment without an answer sends it again, under another key."""

    def again(attempt: Payment, *, now: datetime) -> Outcome:
        wish = collect.wish(attempt)
        outcome = gateway().charge(replace(wish, reference=f"{wish.reference}.again"))
        return replace(outcome, reference=wish.reference) if isinstance(outcome, Succeeded) else outcome

    return swapped((collect, "_ask", again))


def key_reused_after_24_h() -> AbstractContextManager[None]:
    """Whoever finds a payment without an answer sends it again under the same key, however old that is."""

    def again(attempt: Payment, *, now: datetime) -> Outcome:
        return gateway().charge(collect.wish(attempt))

    return swapped((collect, "_ask", again))


def unknown_read_as_declined() -> AbstractContextManager[None]:
    """No answer is taken for a no."""
    written = settle.payment

    def sure(payment_id: int, outcome: Outcome, *, now: datetime) -> None:
        written(payment_id, Failed("declined") if isinstance(outcome, Unknown) else outcome, now=now)

    return swapped((settle, "payment", sure))


def timer_releases_the_slot() -> AbstractContextManager[None]:
    """Ten minutes without an answer, and the attempt is called failed: the next may begin."""
    looked_after = collect.unknown

    def impatient(*, now: datetime) -> int:
        old = Payment.objects.filter(state__in=UNRESOLVED, started_at__lte=now - timedelta(minutes=10))
        old.update(state=PaymentState.FAILED, reason="expired", resolved_at=now)
        return looked_after(now=now)

    return swapped((collect, "unknown", impatient))


def hosted_page_ignores_the_slot() -> AbstractContextManager[None]:
    """An invoice may be paid at our screen while the bank's own page for it is open."""

    def live(invoice: Any) -> bool:
        mine = Payment.objects.filter(invoice=invoice).exclude(state=PaymentState.FAILED)
        return mine.exclude(state=PaymentState.ACTION_REQUIRED).exists()

    return swapped((dun, "_live", live))


def lock_never_freed() -> AbstractContextManager[None]:
    """A decline is noted and told; the slot that the attempt holds is not given back."""

    def noted(attempt: Payment, reason: str, *, by: Author, gateway_id: str, now: datetime) -> None:
        record(attempt.account_id, "payment.failed", by=by, now=now, payment=attempt.public_id, reason=reason)

    return swapped((settle, "_failed", noted))


def zombie_without_fence() -> AbstractContextManager[None]:
    """A worker that was taken for dead writes what it had learnt, whatever another has written since."""

    def unfenced(payment_id: int, outcome: Outcome, *, now: datetime) -> None:
        if not isinstance(outcome, Unknown):
            return written(payment_id, outcome, now=now)
        with transaction.atomic():
            Account.objects.locked_by(payments=payment_id)
            Payment.objects.filter(pk=payment_id).update(state=PaymentState.UNKNOWN, reason="no_answer")
        return None

    written = settle.payment
    return swapped((settle, "payment", unfenced))


BUGS = (
    Bug(
        "charge_before_row",
        "the bare design “charge, then write” (600 of 900 kills charged twice); Kill Bill issue 508",
        "I04",
        "that we know nothing of",
        charge_before_row,
    ),
    Bug(
        "fresh_key_on_retry",
        "“lock, fresh key, stale lock cleared” (498 of 917 kills); Polar PR 10653",
        "I04",
        "that we know nothing of",
        fresh_key_on_retry,
    ),
    Bug(
        "key_reused_after_24_h",
        "Stripe's keys of API v1: a day later the same key is a new charge",
        "I03",
        "was taken again for the same thing",
        key_reused_after_24_h,
    ),
    Bug(
        "unknown_read_as_declined",
        "Kill Bill issue 1015: unknown, paid again, then resolved",
        "I03",
        "was taken again for the same thing",
        unknown_read_as_declined,
    ),
    Bug(
        "timer_releases_the_slot",
        "Lago PR 5931: ten minutes, chosen from the longest wait seen",
        "I03",
        "was taken again for the same thing",
        timer_releases_the_slot,
    ),
    Bug(
        "hosted_page_ignores_the_slot",
        "Lago PR 5708: hosted page and automatic charge, two keys",
        "I03",
        "was taken again for the same thing",
        hosted_page_ignores_the_slot,
        walls=(("payments_payment", "one_slot_per_invoice"),),
    ),
    Bug(
        "lock_never_freed",
        "Polar PR 13272: a lock stuck for ever",
        "I08",
        "is sent since",
        lock_never_freed,
    ),
    Bug(
        "zombie_without_fence",
        "procrastinate: a rescued job runs beside a worker that was only paused",
        "I09",
        "is paid by nothing",
        zombie_without_fence,
    ),
)
