"""What a bank said to a payment that failed, in the customer's words."""

from dataclasses import dataclass

from django.utils import translation

from palier.apps.gateways.reasons import reason
from palier.apps.payments.models import Payment, PaymentState


@dataclass(frozen=True, slots=True)
class Decline:
    """Why it failed, its stable code, and what the customer can do."""

    code: str
    words: str
    next_step: str


def decline_of(payment: Payment | None) -> Decline | None:
    """None where there is no payment, or it has not failed."""
    if payment is None or payment.state != PaymentState.FAILED:
        return None
    language, said = translation.get_language() or "en", reason(payment.reason)
    return Decline(said.told, said.words(language), said.next_step(language))
