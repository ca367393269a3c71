from datetime import datetime

from palier.apps.accounts.models import Account
from palier.apps.gateways.contract import Card
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment, PaymentMethod, PaymentState
from palier.kit import writes


def keep_card(account: Account, gateway: str, card: Card, *, now: datetime) -> PaymentMethod:
    """Keep a card that the gateway tokenised.

    It becomes the account's default by ``use_by_default``, once it has paid.
    """
    method, _new = PaymentMethod.objects.get_or_create(
        account=account,
        gateway=gateway,
        token=card.token,
        defaults={
            "brand": card.brand,
            "last4": card.last4,
            "expiry_month": card.expiry_month,
            "expiry_year": card.expiry_year,
            "fingerprint": card.fingerprint,
            "added_at": now,
        },
    )
    return method


def use_by_default(method: PaymentMethod) -> None:
    """Make a card the one that renewals are charged to."""
    if method.is_default:
        return
    PaymentMethod.objects.filter(account_id=method.account_id, is_default=True).update(is_default=False)
    PaymentMethod.objects.filter(pk=method.pk).update(is_default=True)


def start(order: Order, method: PaymentMethod, *, attempt: int, now: datetime) -> Payment:
    """Write the attempt ahead: it is committed before any byte leaves for the gateway.

    Amount (minor units) and currency are those of the accepted quote. The database refuses a second live attempt.
    """
    payment = Payment(
        account_id=order.account_id,
        order=order,
        attempt=attempt,
        method=method,
        amount_minor=order.quote.total_minor,
        currency=order.quote.currency,
        quote_digest=order.quote.digest,
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
