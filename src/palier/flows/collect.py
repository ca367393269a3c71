"""Collecting one amount, between the two transactions: nothing is open and nothing locked while the gateway works.

A payment is sent once under its own key. Whenever it may have been sent before, the gateway is asked by that same
reference instead; only a charge that it surely does not have, and whose key it surely remembers, is sent again.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Charge, GatewayUnreachable, Outcome, Unknown
from palier.apps.orders.models import Order
from palier.apps.payments import actions as payments
from palier.apps.payments.models import UNRESOLVED, Payment, PaymentState
from palier.flows import settle
from palier.kit import jobs

QUIET: Final = timedelta(seconds=30)
"""How long a payment may be under way before it is asked about: longer than the gateway's own time-out."""

CUSTOMER_QUIET: Final = timedelta(minutes=5)
"""The same while the customer's bank waits for them: the webhook and their return tell sooner."""

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
    """Look after every payment that is not over; returns how many. Periodic."""
    waiting_for_customer = Q(state=PaymentState.ACTION_REQUIRED)
    due = Payment.objects.filter(state__in=UNRESOLVED).filter(
        Q(asked_at__lt=now - QUIET) & ~waiting_for_customer | Q(asked_at__lt=now - CUSTOMER_QUIET)
    )
    identities = list(due.order_by("id").values_list("id", flat=True)[:500])
    for payment_id in identities:
        Payment.objects.filter(pk=payment_id).update(asked_at=now)
        payment(payment_id, now=now)
    return len(identities)


def soon(order: Order) -> None:
    """The customer is back from the bank's page: find out at once what became of the order's payment."""
    waiting = order.payments.filter(state=PaymentState.ACTION_REQUIRED).first()
    if waiting is not None:
        jobs.defer("collect_payment", payment_id=waiting.id)


def wish(attempt: Payment) -> Charge:
    """The charge of an attempt, a function of its row alone: repeating it repeats the same key and the same sum."""
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
