"""The ways out of a parked payment, for a person who looked: each rests on the gateway's own word and leaves a fact."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from palier.apps.accounts.models import Account
from palier.apps.events.actions import record
from palier.apps.events.authors import operator
from palier.apps.events.models import Event
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Failed, GatewayUnreachable, Outcome, Succeeded, Unknown
from palier.apps.payments import actions as payments
from palier.apps.payments.models import Payment, PaymentState
from palier.flows import dun, settle
from palier.flows import refund as refunds
from palier.kit.refusals import Refusal


class NotParked(Refusal):
    code = "payment.not_parked"
    en = "This payment is not parked but {state}. Nothing was changed."
    fr = "Ce paiement n’est pas en attente d’examen mais dans l’état {state}. Rien n’a changé."


class NoFinalWord(Refusal):
    code = "payment.no_final_word"
    en = "The gateway's word is not final ({word}). Nothing was changed; ask again later."
    fr = (
        "La réponse du prestataire de paiement n’est pas définitive ({word}). Rien n’a changé\u202f; redemandez plus "
        "tard."
    )


class MoneyTaken(Refusal):
    code = "payment.money_taken"
    en = "The gateway says that it took {amount_minor} {currency} (minor units). Nothing was changed; refund it."
    fr = (
        "Le prestataire de paiement dit avoir prélevé {amount_minor} {currency} (unités mineures). Rien n’a "
        "changé\u202f; remboursez."
    )


class NothingToRefund(Refusal):
    code = "payment.nothing_to_refund"
    en = "The gateway does not say that it took anything ({word}). Nothing was changed."
    fr = "Le prestataire de paiement ne dit pas avoir prélevé quoi que ce soit ({word}). Rien n’a changé."


@dataclass(frozen=True, slots=True)
class Findings:
    """A payment as we know it, with its order, and as the gateway knows it; ``word`` None: it surely has none."""

    payment: Payment
    facts: tuple[Event, ...]
    word: Outcome | None


def show(payment_id: int) -> Findings:
    """What both books say about a payment in any state. A gateway that is silent is Unknown."""
    attempt = _read(payment_id)
    about = Event.objects.filter(account_id=attempt.account_id, payload__payment=attempt.public_id)
    try:
        word = gateway().find(attempt.public_id)
    except GatewayUnreachable as silence:
        word = Unknown(str(silence))
    return Findings(attempt, tuple(about.order_by("id")), word)


def ask(payment_id: int, *, who: str, why: str, now: datetime) -> Payment:
    """Ask the gateway again and settle its word as if it came now: it is parked again while it contradicts the order.

    Raises GatewayUnreachable and the refusals NotParked and NoFinalWord.
    """
    word = _word(payment_id)
    if not isinstance(word, Succeeded | Failed):
        raise NoFinalWord(word=word)
    with transaction.atomic():
        attempt = _parked(payment_id)
        payments.move(attempt, PaymentState.UNKNOWN, reason=attempt.reason)
        _record(attempt, "payment.asked_again", who, why, now=now)
        settle.payment(payment_id, word, now=now)
    return _read(payment_id)


def fail(payment_id: int, *, who: str, why: str, now: datetime) -> Payment:
    """End a payment of which the gateway surely has no charge, or says that it failed; the order's slot is free again.

    Raises GatewayUnreachable and the refusals NotParked, MoneyTaken and NoFinalWord.
    """
    word = _word(payment_id)
    if isinstance(word, Succeeded):
        raise MoneyTaken(amount_minor=word.amount_minor, currency=word.currency)
    if word is not None and not isinstance(word, Failed):
        raise NoFinalWord(word=word)
    return _end(payment_id, reason=word.reason if word else "not_arrived", who=who, why=why, now=now)


def refund(payment_id: int, *, who: str, why: str, now: datetime) -> Payment:
    """Give back what the gateway says it took, then end the payment; repeated, it is given back once.

    Raises GatewayUnreachable and the refusals NotParked, NothingToRefund and ``flows.refund.NotRefunded``.
    """
    word = _word(payment_id)
    if not isinstance(word, Succeeded):
        raise NothingToRefund(word=word)
    refunds.whole(_read(payment_id), word)
    return _end(payment_id, reason="refunded", who=who, why=why, now=now, amount_minor=word.amount_minor)


def _word(payment_id: int) -> Outcome | None:
    attempt = _read(payment_id)
    if attempt.state != PaymentState.PARKED:
        raise NotParked(state=attempt.state)
    return gateway().find(attempt.public_id)


def _end(payment_id: int, *, reason: str, who: str, why: str, now: datetime, **more: int) -> Payment:
    with transaction.atomic():
        attempt = _parked(payment_id)
        payments.end(attempt, PaymentState.FAILED, reason=reason, now=now)
        if reason == "refunded":
            _record(attempt, "payment.refunded", who, why, now=now, **more)
        _record(attempt, "payment.failed", who, why, now=now, reason=reason)
        if attempt.invoice is not None:
            dun.failed(attempt, attempt.invoice, reason, now=now)
    return attempt


def _record(attempt: Payment, kind: str, who: str, why: str, *, now: datetime, **more: int | str) -> None:
    record(attempt.account_id, kind, by=operator(who), now=now, payment=attempt.public_id, why=why, **more)


def _parked(payment_id: int) -> Payment:
    """The payment under its account's lock."""
    Account.objects.locked_by(payments=payment_id)
    attempt = _read(payment_id)
    if attempt.state != PaymentState.PARKED:
        raise NotParked(state=attempt.state)
    return attempt


def _read(payment_id: int) -> Payment:
    return Payment.objects.select_related("account", "method", "order__quote", "invoice").get(pk=payment_id)
