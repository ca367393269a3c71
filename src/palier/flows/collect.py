"""Collecting one amount, between the two transactions: nothing is open and nothing locked while the gateway works.

A payment is sent once under its own key. Whenever it may have been sent before, the gateway is asked by that same
reference instead; only a charge that it surely does not have, and whose key it surely remembers, is sent again.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery, Value

from palier.apps.accounts import clocks
from palier.apps.accounts.models import Account
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Charge, GatewayUnreachable, Outcome, Unknown
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.payments import actions as payments
from palier.apps.payments.models import UNRESOLVED, Payment, PaymentState
from palier.flows import attempts, confirm, settle
from palier.kit import jobs, writes

QUIET: Final = timedelta(seconds=30)
"""How long a payment may be under way before it is asked about: longer than the gateway's own time-out."""

PATIENCE: Final = timedelta(minutes=5)
"""The longest time between two questions about a payment, and the usual one while the customer's bank waits for them:
the webhook and their return tell sooner."""

SPREAD: Final = 64
"""Among so many parts payments spread, by their ids: what was asked at one instant is not asked at one instant again,
so that a gateway back from an outage meets no wave. The least patient asks twice as often as the most patient."""

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
    attempt = Payment.objects.select_related("method__account", "order__quote", "invoice", "account").get(pk=payment_id)
    if attempt.state not in UNRESOLVED:
        return
    if attempt.state == PaymentState.STARTED and attempt.account.parked_at is not None:
        return  # nothing was sent, and nothing is until a person has released the account
    if attempt.state == PaymentState.STARTED and _promised_long_ago(attempt, now=now):
        settle.not_sent(payment_id, now=now)
        return
    if attempt.state == PaymentState.STARTED and attempt.invoice is not None and not attempt.on_session:
        reason = attempts.obstacle(attempt.method, now=now)
        if reason and settle.not_tried(payment_id, reason, now=now):
            return
    outcome = gateway().charge(wish(attempt)) if payments.mark_sent(attempt, now=now) else _ask(attempt, now=now)
    if outcome is None:
        settle.park(payment_id, "unknown_to_gateway", now=now)
    else:
        settle.payment(payment_id, outcome, now=now)
    if attempt.state == PaymentState.UNKNOWN and not isinstance(outcome, Unknown):
        _answers_again(attempt)


def unknown(*, now: datetime) -> int:
    """Defer a question for every payment that is not over and due for one; returns how many. Periodic.

    A payment twice as old as when it was last asked about is due, within the bounds of ``QUIET`` and ``PATIENCE``;
    sooner by up to a half of that time, each by its own part of ``SPREAD``. The newest that is unknown is due whenever
    ``QUIET`` is over: its customer may still be looking, and its answer tells that a gateway is back.
    """
    asked_ago = ExpressionWrapper(clocks.own_time(now) - F("asked_at"), output_field=DurationField())
    impatience = 1 + F("id") % SPREAD / Value(float(SPREAD))
    felt_ago = ExpressionWrapper(F("asked_ago") * impatience, output_field=DurationField())
    queued = Q(state=PaymentState.STARTED, invoice__isnull=False, on_session=False)  # ``flows.charge`` sends them
    silent = Payment.objects.filter(state__in=(PaymentState.SENT, PaymentState.UNKNOWN))
    due = (
        Payment.objects.filter(~queued, state__in=UNRESOLVED)
        .annotate(asked_ago=asked_ago)
        .annotate(felt_ago=felt_ago)
        .filter(
            Q(asked_ago__gt=QUIET, felt_ago__gte=F("asked_at") - F("started_at"))
            & ~Q(state=PaymentState.ACTION_REQUIRED)
            | Q(felt_ago__gt=PATIENCE)
            | Q(asked_ago__gt=QUIET, pk=Subquery(silent.order_by("-id").values("pk")[:1]))
        )
    )
    room = max(0, QUESTIONS_WAITING - len(jobs.waiting("collect_payment", "payment_id")))
    with transaction.atomic(), writes.together():
        free = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("asked_at")
        claimed = list(free.values_list("id", flat=True)[:room])
        if not claimed:
            return 0
        ahead = Account.objects.filter(pk=OuterRef("account")).values("clock_ahead")
        Payment.objects.filter(pk__in=claimed).update(asked_at=Value(now) + Subquery(ahead))
        for payment_id in claimed:
            jobs.defer("collect_payment", priority=AFTER_EVERYTHING_ELSE, payment_id=payment_id)
    return len(claimed)


def soon(paid: Order | Invoice) -> None:
    """The customer is back from the bank's page: find out at once what became of the payment."""
    waiting = paid.payments.filter(state=PaymentState.ACTION_REQUIRED).first()
    if waiting is not None:
        jobs.defer("collect_payment", payment_id=waiting.id)


def wish(attempt: Payment) -> Charge:
    """The charge of an attempt, the same each time: key, sum and card are its row's.

    The name and address of the product are settings: while one of them changes, a gateway may refuse to repeat a charge
    under its key. That answer is Unknown, and the payment is asked about as before.
    """
    what, where = _subject(attempt)
    return Charge(
        reference=attempt.public_id,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        token=attempt.method.token,
        description=f"{settings.HOST_NAME} {what}",
        return_url=f"{settings.BASE_URL}{where}",
        on_session=attempt.on_session,
    )


def _answers_again(attempt: Payment) -> None:
    """The gateway has told what became of an unknown payment: whatever it did not tell until then is asked anew, as if
    it had begun to be unknown now."""
    asked_at = attempt.asked_at - attempt.account.clock_ahead
    before = Payment.objects.filter(
        state=PaymentState.UNKNOWN, asked_at__gt=F("started_at"), asked_at__lte=clocks.own_time(asked_at)
    )
    with transaction.atomic():
        free = before.select_for_update(skip_locked=True, no_key=True, of=("self",))
        Payment.objects.filter(pk__in=list(free.values_list("id", flat=True))).update(asked_at=F("started_at"))


def _subject(attempt: Payment) -> tuple[str, str]:
    """What is paid, in a bank statement's words, and the page to which the bank sends the customer back."""
    if attempt.order is not None:
        order = attempt.order
        return f"{order.quote.plan} {order.public_id}", f"/orders/{order.public_id}/return/"
    assert attempt.invoice is not None  # noqa: S101 - the database holds one of the two
    invoice = attempt.invoice
    what = f"{invoice.number} {invoice.public_id}"
    if not attempt.on_session:
        return what, f"/pay/{confirm.token_of(attempt)}/return/"
    return what, f"/settings/billing/invoices/{invoice.public_id}/return/"


def _promised_long_ago(attempt: Payment, *, now: datetime) -> bool:
    """An order's price is promised for a while; an invoice is owed until it is paid."""
    return attempt.order is not None and now - attempt.order.quote.expires_at > SENDING_GRACE


def _ask(attempt: Payment, *, now: datetime) -> Outcome | None:
    """The gateway's word on a payment that may have been sent; None when it has none and may not be sent again."""
    try:
        outcome = gateway().find(attempt.public_id)
    except GatewayUnreachable:
        return Unknown("unreachable")
    if outcome is not None:
        return outcome
    first_sent_at = attempt.sent_at or attempt.started_at
    return gateway().charge(wish(attempt)) if now - first_sent_at < key_memory() else None


def key_memory() -> timedelta:
    """How long after it first left a request may be sent again: the gateway surely knows its key."""
    return timedelta(seconds=gateway().key_memory_seconds * KEY_MEMORY_USED_PERCENT // 100)
