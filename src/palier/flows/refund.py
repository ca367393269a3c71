"""Giving a payment back in full: money that came for nothing, or too late."""

import logging
from datetime import datetime
from typing import Final

from django.db import transaction

from palier.apps.accounts.models import Account
from palier.apps.events.actions import record
from palier.apps.events.models import Event
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Refunded, RefundRefused, Succeeded
from palier.apps.payments.models import Payment
from palier.kit import jobs
from palier.kit.refusals import Refusal

log: Final = logging.getLogger(__name__)


class NotRefunded(Refusal):
    code = "payment.not_refunded"
    en = "The gateway has not confirmed the refund ({why}). Nothing was changed here; try again, it is given back once."
    fr = (
        "Le prestataire de paiement n’a pas confirmé le remboursement ({why}). Rien n’a changé ici\u202f; réessayez, "
        "il n’aura lieu qu’une fois."
    )


def noticed(payment_id: int, *, now: datetime) -> None:
    """Ask about a failed payment that the gateway speaks of again; what it took after all goes back.

    The order and its other attempts stay as they are. Harmless to repeat. Raises GatewayUnreachable.
    """
    attempt = Payment.objects.get(pk=payment_id)
    taken = gateway().find(attempt.public_id)
    if not isinstance(taken, Succeeded):
        return
    with transaction.atomic():
        Account.objects.locked_by(payments=payment_id)
        if _known(attempt, "payment.taken_late") or _known(attempt, "payment.refunded"):
            return
        _record(attempt, "payment.taken_late", taken, now=now)
        jobs.defer("refund_late_payment", payment_id=payment_id)
    log.error("%s was taken after it had failed (%s); it is being refunded", attempt, attempt.reason)


def late(payment_id: int, *, now: datetime) -> None:
    """Give back what ``noticed`` found. Harmless to repeat. Raises NotRefunded and GatewayUnreachable."""
    attempt = Payment.objects.get(pk=payment_id)
    taken = gateway().find(attempt.public_id)
    if not isinstance(taken, Succeeded):
        raise NotRefunded(why=f"it says {taken}")
    whole(attempt, taken)
    with transaction.atomic():
        Account.objects.locked_by(payments=payment_id)
        if not _known(attempt, "payment.refunded"):
            _record(attempt, "payment.refunded", taken, now=now)


def whole(attempt: Payment, taken: Succeeded) -> None:
    """Have the gateway give back what it says it took, once however often it is asked. Raises NotRefunded."""
    answer = gateway().refund(attempt.public_id, amount_minor=taken.amount_minor, key=f"{attempt.public_id}.refund")
    if not isinstance(answer, Refunded):
        raise NotRefunded(why=answer.reason if isinstance(answer, RefundRefused) else answer.detail)


def _known(attempt: Payment, kind: str) -> bool:
    return Event.objects.filter(account_id=attempt.account_id, kind=kind, payload__payment=attempt.public_id).exists()


def _record(attempt: Payment, kind: str, taken: Succeeded, *, now: datetime) -> None:
    record(
        attempt.account_id,
        kind,
        now=now,
        payment=attempt.public_id,
        amount_minor=taken.amount_minor,
        currency=taken.currency,
    )
