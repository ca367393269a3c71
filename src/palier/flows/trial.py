"""Trying a paid plan without a card: once per account and per owner's address, for the days that the catalogue gives.

Afterwards the account is read-only until it buys. Nothing is ever charged.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from palier.apps.accounts.models import Account, Member, Role
from palier.apps.agenda import actions as agenda
from palier.apps.agenda.models import Due
from palier.apps.catalogue import current
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK
from palier.apps.notices import letters_renewal as letters
from palier.apps.notices.actions import post as post_letter
from palier.apps.notices.letters import Letter
from palier.apps.subscriptions.models import Subscription, Trial
from palier.flows import notify
from palier.flows.facts import Facts
from palier.flows.people import buyers
from palier.kit import formats
from palier.kit.refusals import Refusal

ENDS_SOON: Final = "trial_ends_soon"
ENDS: Final = "trial_ends"

WARNED: Final = timedelta(days=3)
"""How long before its end a trial's end is told."""


class NoTrial(Refusal):
    code = "trial.none"
    en = "There is no trial at the moment. Nothing was changed or charged; choose a plan, or stay on the free one."
    fr = (
        "Aucun essai n’est proposé en ce moment. Rien n’a été modifié ni prélevé\u202f; choisissez un plan, ou restez "
        "sur le plan gratuit."
    )


class TriedBefore(Refusal):
    code = "trial.tried_before"
    en = "A trial can be had once, and yours was used. Nothing was changed or charged; choose a plan to go on."
    fr = (
        "L’essai n’est possible qu’une fois, et le vôtre a été utilisé. Rien n’a été modifié ni prélevé\u202f; "
        "choisissez un plan pour continuer."
    )


class SubscribedBefore(Refusal):
    code = "trial.subscribed_before"
    en = "A trial is for accounts that never had a paid plan. Nothing was changed or charged; choose a plan instead."
    fr = (
        "L’essai est réservé aux comptes qui n’ont jamais eu de plan payant. Rien n’a été modifié ni prélevé\u202f; "
        "choisissez plutôt un plan."
    )


def offered(facts: Facts) -> int:
    """How many days of trial an account may begin now; 0: none."""
    if facts.held or facts.had_before or facts.trial is not None:
        return 0
    return facts.catalogue.trial.days


def start(account: Account, member: Member, *, now: datetime) -> Trial:
    """Begin the trial of an account. Raises refusals."""
    buyers.require(member, account.id)
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        catalogue = current()
        offer = catalogue.trial
        if not offer.days:
            raise NoTrial
        owner = account.members.select_related("user").get(role=Role.OWNER, deactivated_at=None).user
        address = _sha256(owner.email)
        if Trial.objects.filter(account=account).exists() or Trial.objects.filter(email_sha256=address).exists():
            raise TriedBefore
        if Subscription.objects.filter(account=account).exists():
            raise SubscribedBefore
        trial = Trial.objects.create(
            account=account,
            email_sha256=address,
            plan=offer.plan,
            catalogue_version_id=catalogue.version_id,
            started_at=now,
            ends_at=now + timedelta(days=offer.days),
        )
        agenda.put(ENDS_SOON, trial.id, account.id, max(now, trial.ends_at - WARNED))
        agenda.put(ENDS, trial.id, account.id, trial.ends_at)
        record(account.id, "trial.started", by=member.author, now=now, trial=trial.public_id)
        if offer.days > WARNED.days:
            _tell(trial, "started", now=now)
    return trial


def ends_soon(row: Due, *, now: datetime) -> None:
    """Some days before the end: told, unless a plan was bought meanwhile."""
    with transaction.atomic():
        trial = _still_trying(row)
        if trial is not None and now < trial.ends_at:
            _tell(trial, "ends_soon", now=now)


def ends(row: Due, *, now: datetime) -> None:
    """The end: the account is read-only by itself from this instant on; here it is told."""
    with transaction.atomic():
        trial = _still_trying(row)
        if trial is not None:
            record(trial.account_id, "trial.ended", by=CLOCK, now=now, trial=trial.public_id)
            _tell(trial, "ended", now=now)


def _still_trying(row: Due) -> Trial | None:
    """The trial that a row is about, under its account's lock; None where something was bought meanwhile."""
    account = Account.objects.locked(row.account_id)
    if not agenda.take(row) or Subscription.objects.filter(account=account).exists():
        return None
    return Trial.objects.select_related("account").get(pk=row.subject)


def _tell(trial: Trial, what: str, *, now: datetime) -> None:
    to, language = notify.reader_of(trial.account)
    catalogue = current()
    plan = catalogue.item_name(trial.plan, language)
    day = formats.long_day(trial.ends_at, language, catalogue.policy.zone)
    post_letter(
        trial.account_id,
        _letter(what, language, plan, day, trial),
        to=to,
        key=f"trial_{what}:{trial.public_id}",
        now=now,
    )


def _letter(what: str, language: str, plan: str, day: str, trial: Trial) -> Letter:
    plans = f"{settings.BASE_URL}/settings/billing/plans/"
    if what == "started":
        days = (trial.ends_at - trial.started_at).days
        url = f"{settings.BASE_URL}/"
        return letters.trial_started(language, plan=plan, days=days, ends_on=day, url=url)
    if what == "ends_soon":
        return letters.trial_ends_soon(language, plan=plan, ends_on=day, url=plans)
    return letters.trial_ended(language, plan=plan, url=plans)


def _sha256(email: str) -> str:
    """What is kept of an address: not its case, nor what follows a plus sign in it."""
    name, _, host = email.casefold().rpartition("@")
    return hashlib.sha256(f"{name.partition('+')[0]}@{host}".encode()).hexdigest()
