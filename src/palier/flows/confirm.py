"""The link of a letter that finishes a renewal's payment at the bank: from any device, without logging in.

It names one payment and ends by itself. Whoever has it sees who sells, which invoice and which sum, and nothing else.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

from palier.apps.payments.models import Payment

BANK_WAITS: Final = timedelta(days=1)
"""How long a confirmation can be given: what the letter promises."""

LIFETIME: Final = timedelta(days=7)
"""How long the link leads somewhere: once the bank has stopped waiting, the page says what became of the payment."""

_SALT: Final = "palier.confirm_payment"


def token_of(payment: Payment) -> str:
    """What the link of a payment carries: the same each time, so that it can be the charge's return address as well."""
    return _signer().sign_object([payment.id, int(ends_at(payment).timestamp())])


def ends_at(payment: Payment) -> datetime:
    """When the link ends, in the account's own time."""
    return payment.started_at + LIFETIME


def bank_waits_until(payment: Payment) -> datetime:
    """When a payment that nobody has confirmed fails, in the account's own time."""
    return payment.started_at + BANK_WAITS


def url_of(payment: Payment) -> str:
    """The whole address."""
    return f"{settings.BASE_URL}/pay/{token_of(payment)}/"


def payment_of(token: str, *, now: datetime) -> Payment | None:
    """The payment that a link names; None for a forged one or one that has ended. ``now`` is the present."""
    try:
        payment_id, until = _signer().unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    found = Payment.objects.select_related("account", "invoice", "method").filter(pk=payment_id, invoice__isnull=False)
    payment = found.first()
    if payment is None or (now + payment.account.clock_ahead).timestamp() > until:
        return None
    return payment


def _signer() -> Signer:
    return Signer(salt=_SALT, sep=".")
