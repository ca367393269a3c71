"""Giving a payment back in full: money that came for nothing, or too late."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from palier.apps.accounts import clocks
from palier.apps.accounts.models import Account
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK, GATEWAY, Author
from palier.apps.events.models import Event
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Refunded, RefundRefused, Succeeded
from palier.apps.payments.models import Payment, PaymentState
from palier.flows import collect
from palier.kit import ids, jobs
from palier.kit.refusals import Refusal

log: Final = logging.getLogger(__name__)

ASKED_AFTER: Final = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
)
"""How long after a payment has failed the gateway is asked whether it took the money after all: its event may never
come. What is taken later still is found by the examination of the books within the hour."""

REMEMBERED: Final = timedelta(days=7)
"""Questions that nobody answered are asked for so long: clock, worker or gateway may have been away."""


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
    answered = Payment.objects.filter(pk=payment_id)
    if not isinstance(taken, Succeeded):
        answered.update(asked_at=now)
        return
    with transaction.atomic():
        Account.objects.locked_by(payments=payment_id)
        answered.update(asked_at=now)  # with what follows from it, or not at all
        if _known(attempt, "payment.taken_late") or _known(attempt, "payment.refunded"):
            return
        _record(attempt, "payment.taken_late", taken, by=GATEWAY, now=now)
        jobs.defer("refund_late_payment", payment_id=payment_id)
    log.error("%s was taken after it had failed (%s); it is being refunded", attempt, attempt.reason)


def ask_about_failed(*, now: datetime) -> int:
    """Defer a question about each failed payment for which one of ``ASKED_AFTER`` has passed since the last answer;
    returns about how many. Periodic.

    ``now`` is the present; a payment is looked at in its account's own time. Of what was never sent nothing is asked.
    """
    own = clocks.own_time(now)
    due = Q()
    for passed in ASKED_AFTER:
        due |= Q(resolved_at__lte=own - passed, asked_at__lt=F("resolved_at") + passed)
    failed = Payment.objects.filter(due, state=PaymentState.FAILED, sent_at__isnull=False)
    recent = failed.filter(resolved_at__gt=now - REMEMBERED)
    return jobs.defer_forgotten(
        "ask_about_failed_payment", "payment_id", recent, priority=collect.AFTER_EVERYTHING_ELSE
    )


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
            _record(attempt, "payment.refunded", taken, by=CLOCK, now=now)


def forgotten(*, now: datetime) -> int:
    """Defer the refunds that are not done after an hour and whose jobs gave up; returns how many. Periodic.

    However long ago it was taken: what is owed is asked for until it is given back.
    """
    done = Event.objects.filter(
        account_id=OuterRef("account_id"), kind="payment.refunded", payload__payment=OuterRef("payload__payment")
    )
    owed = Event.objects.filter(kind="payment.taken_late", at__lt=now - timedelta(hours=1)).exclude(Exists(done))
    names = owed.values_list("payload__payment", flat=True)
    payments = Payment.objects.filter(pk__in=[ids.parse(Payment.id_prefix, name) for name in names])
    return jobs.defer_forgotten("refund_late_payment", "payment_id", payments)


def whole(attempt: Payment, taken: Succeeded) -> None:
    """Have the gateway give back what it says it took, once however often it is asked.

    What it lists as given back already, whoever asked for it, is not asked for again: it may have forgotten the key of
    a refund whose answer was lost. Raises NotRefunded, and GatewayUnreachable while it gives no list.
    """
    listed = [back for back in gateway().refunds(attempt.public_id) if back.currency == taken.currency]
    if sum(back.amount_minor for back in listed) >= taken.amount_minor:
        return
    answer = gateway().refund(attempt.public_id, amount_minor=taken.amount_minor, key=f"{attempt.public_id}.refund")
    if not isinstance(answer, Refunded):
        raise NotRefunded(why=answer.reason if isinstance(answer, RefundRefused) else answer.detail)


def _known(attempt: Payment, kind: str) -> bool:
    return Event.objects.filter(account_id=attempt.account_id, kind=kind, payload__payment=attempt.public_id).exists()


def _record(attempt: Payment, kind: str, taken: Succeeded, *, by: Author, now: datetime) -> None:
    record(
        attempt.account_id,
        kind,
        by=by,
        now=now,
        payment=attempt.public_id,
        amount_minor=taken.amount_minor,
        currency=taken.currency,
    )
