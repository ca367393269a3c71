"""Renewals that could not be done, for a person who looked: tried again at once, or a sum accepted that was told
otherwise."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts import clocks
from palier.apps.accounts.models import Account
from palier.apps.agenda import actions as agenda
from palier.apps.agenda.models import Due, Failure
from palier.apps.events.actions import record
from palier.apps.events.authors import operator
from palier.apps.notices.models import RenewalPromise
from palier.apps.subscriptions.models import Subscription
from palier.flows import renew_checks, renew_facts, renew_sums, upcoming
from palier.flows.renew_checks import Broken
from palier.kit import card_numbers
from palier.kit.refusals import Refusal


class NothingFailed(Refusal):
    code = "renewal.nothing_failed"
    en = "No renewal of this subscription has failed. Nothing was changed."
    fr = "Aucun renouvellement de cet abonnement n’a échoué. Rien n’a changé."


class NoBrokenPromise(Refusal):
    code = "renewal.no_broken_promise"
    en = "What this renewal would charge is what was told, or cannot be computed. Nothing was changed; try it again."
    fr = (
        "Ce renouvellement coûterait ce qui a été annoncé, ou ne peut pas être calculé. Rien n’a changé\u202f; "
        "relancez-le."
    )


def all_of() -> list[Failure]:
    """The newest first."""
    return list(agenda.failures(upcoming.RENEWAL).order_by("-id"))


def retry(subscription_id: int, *, now: datetime) -> Subscription:
    """Let the clock try again at once, instead of within the hour. ``now`` is the present."""
    with transaction.atomic():
        held = _locked(subscription_id)
        _due_at_once(held, now=now)
    return held


def accept(subscription_id: int, *, who: str, why: str, now: datetime) -> Broken:
    """Let a renewal go on at the sum that is computed now, though another one was told; the customer's letter explains
    the difference. Another sum than this one would be stopped again."""
    with transaction.atomic():
        held = _locked(subscription_id)
        broken = _broken(held)
        if broken is None:
            raise NoBrokenPromise
        RenewalPromise.objects.filter(pk=broken.promise.pk).update(accepted_minor=broken.net_minor)
        record(
            held.account_id,
            "renewal.accepted",
            by=operator(who),
            now=clocks.time_of(now, pk=held.account_id),
            subscription=held.public_id,
            before=broken.promise.net_minor,
            after=broken.net_minor,
            why=card_numbers.hidden(why),
        )
        _due_at_once(held, now=now)
    return broken


def _due_at_once(held: Subscription, *, now: datetime) -> None:
    own = clocks.time_of(now, pk=held.account_id)
    agenda.put_off(upcoming.RENEWAL, [held.id], max(own, held.period_end))


def _locked(subscription_id: int) -> Subscription:
    """A subscription whose renewal has failed, under its account's lock."""
    held = Subscription.objects.get(pk=subscription_id)
    Account.objects.locked(held.account_id)
    if not agenda.failures(upcoming.RENEWAL).filter(subject=held.id).exists():
        raise NothingFailed
    return held


def _broken(held: Subscription) -> Broken | None:
    """The promise that a renewal would break, as the night computes it."""
    due = Due.objects.get(kind=upcoming.RENEWAL, subject=held.id)
    found = renew_facts.read([held.id], now=due.due_at)
    for each in found.held:
        renewal = renew_sums.of(renew_checks.without_blocked(found, renew_checks.blocked_changes(found)), each)
        if renewal is not None:
            return renew_checks.broken_promises([renewal]).get(held.id)
    return None
