"""What stops another attempt before it starts: too many failed ones, or a card that its bank refused for good.

Without a limit, whoever steals card numbers tries them out here; and the card networks fine whoever repeats what a bank
has refused for good.
"""

from datetime import datetime, timedelta
from typing import Final

from palier.apps.gateways.reasons import REASONS
from palier.apps.payments.models import Payment, PaymentMethod, PaymentState
from palier.kit.refusals import Refusal

FAILURES: Final = 10
WITHIN: Final = timedelta(hours=24)
"""So many payments of an account may fail within this time; the next has to wait until the first of them is older."""

REMEMBERED: Final = 100
"""How many failed payments of an account are looked at: those of ten days at least."""


class TooManyFailures(Refusal):
    code = "order.too_many_failures"
    en = (
        "{failures} payments of your account have failed within a day. Nothing was taken; you can try again in "
        "{hours} h, or write to us."
    )
    fr = (
        "{failures} paiements de votre compte ont échoué en une journée. Rien n’a été prélevé\u202f; vous pourrez "
        "réessayer dans {hours} h, ou nous écrire."
    )
    field = "card"


class CardRefusedForGood(Refusal):
    code = "order.card_refused_for_good"
    en = "Your bank has refused this card for good, so it was not asked again. Nothing was taken; use another card."
    fr = (
        "Votre banque a refusé cette carte définitivement\u202f: elle n’a pas été sollicitée à nouveau. Rien n’a été "
        "prélevé\u202f; utilisez une autre carte."
    )
    field = "card"


def refusal(method: PaymentMethod, *, now: datetime) -> Refusal | None:
    """Why this account may not try this card now, or None."""
    failed = Payment.objects.filter(account=method.account_id, state=PaymentState.FAILED).select_related("method")
    latest = list(failed.order_by("-id")[:REMEMBERED])
    recent = [payment.started_at for payment in latest if payment.started_at > now - WITHIN]
    if len(recent) >= FAILURES:
        left = recent[FAILURES - 1] + WITHIN - now
        return TooManyFailures(failures=FAILURES, hours=-(-left // timedelta(hours=1)))
    last = next((payment for payment in latest if _same_card(payment.method, method)), None)
    if last is not None and last.reason in REASONS and REASONS[last.reason].final:
        return CardRefusedForGood()
    return None


def _same_card(one: PaymentMethod, other: PaymentMethod) -> bool:
    """Typed again, a card has another token but the same fingerprint; renewed, another expiry."""
    seen = [(card.fingerprint or card.id, card.expiry_month, card.expiry_year) for card in (one, other)]
    return seen[0] == seen[1]
