from datetime import datetime
from typing import Any

from django.db.models import Exists, Q

from palier.apps.accounts.models import Account
from palier.apps.gateways.contract import Card
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment, PaymentMethod, PaymentState
from palier.kit import writes


def keep_card(account: Account, gateway: str, card: Card, *, now: datetime) -> PaymentMethod:
    """Keep a card that the gateway tokenised.

    It becomes the account's default by ``use_by_default``, once it has paid.
    """
    seen = {**_recognised_by(card), "added_at": now}
    method, _new = PaymentMethod.objects.get_or_create(
        account=account, gateway=gateway, token=card.token, defaults=seen
    )
    return method


def unkept(account: Account, gateway: str, card: Card, *, now: datetime) -> PaymentMethod:
    """A card that the gateway tokenised, for questions about it; nothing is written."""
    return PaymentMethod(account=account, gateway=gateway, token=card.token, added_at=now, **_recognised_by(card))


def _recognised_by(card: Card) -> dict[str, Any]:
    return {
        "brand": card.brand,
        "last4": card.last4,
        "expiry_month": card.expiry_month,
        "expiry_year": card.expiry_year,
        "fingerprint": card.fingerprint,
    }


def use_by_default(method: PaymentMethod, *, unless: Q | None = None) -> bool:
    """Make a card the one that renewals are charged to; False where it is already, or where the one on file is among
    ``unless`` and stays."""
    if method.is_default:
        return False
    on_file = PaymentMethod.objects.filter(account_id=method.account_id, is_default=True)
    (on_file.exclude(unless) if unless is not None else on_file).update(is_default=False)
    return PaymentMethod.objects.filter(~Exists(on_file), pk=method.pk).update(is_default=True) == 1


def start(order: Order, method: PaymentMethod, *, attempt: int, address: str | None = None, now: datetime) -> Payment:
    """Write the attempt ahead: it is committed before any byte leaves for the gateway.

    Amount (minor units) and currency are those of the accepted quote; ``address`` is the one on the internet from which
    Pay was pressed, this time. The database refuses a second live attempt.
    """
    payment = Payment(
        account_id=order.account_id,
        order=order,
        attempt=attempt,
        method=method,
        amount_minor=order.quote.total_minor,
        currency=order.quote.currency,
        quote_digest=order.quote.digest,
        address=address,
        started_at=now,
        asked_at=now,
    )
    writes.insert(payment)
    return payment


def start_for_invoice(
    invoice: Invoice,
    method: PaymentMethod,
    *,
    attempt: int,
    on_session: bool,
    address: str | None = None,
    now: datetime,
) -> Payment:
    """The same for an invoice that was issued before it is paid: its whole total, in its currency."""
    payment = Payment(
        account_id=invoice.account_id,
        invoice=invoice,
        attempt=attempt,
        method=method,
        amount_minor=invoice.total_minor,
        currency=invoice.currency,
        on_session=on_session,
        address=address,
        started_at=now,
        asked_at=now,
    )
    writes.insert(payment)
    return payment


def mark_sent(payment: Payment, *, now: datetime) -> bool:
    """Commit that a request may leave. False when it was marked before: then the gateway must be asked first."""
    marked = Payment.objects.filter(pk=payment.pk, state=PaymentState.STARTED).update(
        state=PaymentState.SENT, sent_at=now
    )
    return marked == 1


def end_unsent(payment: Payment, *, reason: str, now: datetime) -> bool:
    """End an attempt of which no byte has left. False when ``mark_sent`` was first: then only the gateway knows."""
    ended = Payment.objects.filter(pk=payment.pk, state=PaymentState.STARTED).update(
        state=PaymentState.FAILED, reason=reason, resolved_at=now
    )
    return ended == 1


def move(
    payment: Payment, state: PaymentState, *, reason: str = "", action_url: str = "", gateway_id: str = ""
) -> None:
    """An attempt that is not over: waiting for the customer, unknown or parked."""
    payment.state, payment.reason, payment.action_url = state, reason, action_url
    payment.gateway_id = gateway_id or payment.gateway_id
    payment.save(update_fields=["state", "reason", "action_url", "gateway_id"])


def end(payment: Payment, state: PaymentState, *, reason: str = "", gateway_id: str = "", now: datetime) -> None:
    """An attempt that is over: succeeded, or failed for sure."""
    payment.state, payment.reason, payment.action_url, payment.resolved_at = state, reason, "", now
    payment.gateway_id = gateway_id or payment.gateway_id
    payment.save(update_fields=["state", "reason", "action_url", "gateway_id", "resolved_at"])
