"""Collecting one amount, between the two transactions: nothing is open and nothing locked while the gateway works.

A payment is sent once under its own key. Whenever it may have been sent before, the gateway is asked by that same
reference instead; only a charge that it surely does not have, and whose key it surely remembers, is sent again.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Charge, GatewayUnreachable, Outcome, Unknown
from palier.apps.orders.models import Order
from palier.apps.payments import actions as payments
from palier.apps.payments.models import UNRESOLVED, Payment, PaymentState
from palier.flows import settle
from palier.kit import jobs, writes

QUIET: Final = timedelta(seconds=30)
"""How long a payment may be under way before it is asked about: longer than the gateway's own time-out."""

PATIENCE: Final = timedelta(minutes=5)
"""The longest time between two questions about a payment, and the usual one while the customer's bank waits for them:
the webhook and their return tell sooner."""

QUESTIONS_WAITING: Final = 500
"""No further questions while so many payments wait for the worker: the gateway is slow, and more would only pile up."""

AFTER_EVERYTHING_ELSE: Final = -1
"""The priority of a question: a hanging gateway leaves the next free place to new payments, mails and documents."""

KEY_MEMORY_USED_PERCENT: Final = 80
"""Past this part of the gateway's memory of keys nothing is sent again: an old key could be a new charge."""

SENDING_GRACE: Final = timedelta(minutes=30)
"""How long after the end of its quote's promise a payment may still be sent; later, nobody expects it any more."""


def payment(payment_id: int, *, now: datetime) -> None:
    """Send a payment, or find out what became of it, and settle the outcome. Harmless to repeat."""
    attempt = Payment.objects.select_related("method", "order__quote").get(pk=payment_id)
    if attempt.state not in UNRESOLVED:
        return
    if attempt.state == PaymentState.STARTED and now - attempt.order.quote.expires_at > SENDING_GRACE:
        settle.not_sent(payment_id, now=now)
        return
    outcome = gateway().charge(wish(attempt)) if payments.mark_sent(attempt, now=now) else _ask(attempt, now=now)
    if outcome is None:
        settle.park_absent(payment_id, now=now)
    else:
        settle.payment(payment_id, outcome, now=now)


def unknown(*, now: datetime) -> int:
    """Defer a question for every payment that is not over and due for one; returns how many. Periodic.

    A payment twice as old as when it was last asked about is due, within the bounds of ``QUIET`` and ``PATIENCE``.
    """
    doubled = Q(asked_at__lte=F("started_at") + (now - F("asked_at")))
    due = Payment.objects.filter(state__in=UNRESOLVED).filter(
        Q(asked_at__lt=now - QUIET) & doubled & ~Q(state=PaymentState.ACTION_REQUIRED) | Q(asked_at__lt=now - PATIENCE)
    )
    room = max(0, QUESTIONS_WAITING - len(jobs.waiting("collect_payment", "payment_id")))
    with transaction.atomic(), writes.together():
        free = due.select_for_update(skip_locked=True, no_key=True).order_by("asked_at")
        claimed = list(free.values_list("id", flat=True)[:room])
        Payment.objects.filter(pk__in=claimed).update(asked_at=now)
        for payment_id in claimed:
            jobs.defer("collect_payment", priority=AFTER_EVERYTHING_ELSE, payment_id=payment_id)
    return len(claimed)


def soon(order: Order) -> None:
    """The customer is back from the bank's page: find out at once what became of the order's payment."""
    waiting = order.payments.filter(state=PaymentState.ACTION_REQUIRED).first()
    if waiting is not None:
        jobs.defer("collect_payment", payment_id=waiting.id)


def wish(attempt: Payment) -> Charge:
    """The charge of an attempt, the same each time: key, sum and card are its row's.

    The name and address of the product are settings: while one of them changes, a gateway may refuse to repeat a charge
    under its key. That answer is Unknown, and the payment is asked about as before.
    """
    order = attempt.order
    return Charge(
        reference=attempt.public_id,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        token=attempt.method.token,
        description=f"{settings.HOST_NAME} {order.quote.plan} {order.public_id}",
        return_url=f"{settings.BASE_URL}/orders/{order.public_id}/return/",
        on_session=True,
    )


def _ask(attempt: Payment, *, now: datetime) -> Outcome | None:
    """The gateway's word on a payment that may have been sent; None when it has none and may not be sent again."""
    try:
        outcome = gateway().find(attempt.public_id)
    except GatewayUnreachable:
        return Unknown("unreachable")
    if outcome is not None:
        return outcome
    memory = timedelta(seconds=gateway().key_memory_seconds * KEY_MEMORY_USED_PERCENT // 100)
    first_sent_at = attempt.sent_at or attempt.started_at
    return gateway().charge(wish(attempt)) if now - first_sent_at < memory else None
