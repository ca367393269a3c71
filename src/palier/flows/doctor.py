"""Examine the books: ask every invariant, park the accounts that break one, and tell the operator.

It never changes money. What it found stays until a person has looked and released the account.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from palier.apps.accounts.models import Account, Parking
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK, operator
from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.ledger import seals
from palier.apps.notices import letters_operator
from palier.apps.notices.actions import OF_NO_ACCOUNT, post
from palier.apps.notices.letters import Letter
from palier.flows import attention
from palier.flows.attention import Matter
from palier.flows.invariants import OURS, SOON, WITH_THE_GATEWAY, Breach, Look, gateway_book
from palier.kit import card_numbers, database
from palier.kit.refusals import Refusal

log: Final = logging.getLogger(__name__)

PATIENCE: Final = timedelta(hours=24)
"""How long what is on its way may be between the two books (reliability: 100 % of rows agree within a day)."""


class NotParkedAccount(Refusal):
    code = "account.not_parked"
    en = "This account is not parked. Nothing was changed."
    fr = "Ce compte n’est pas en attente d’examen. Rien n’a changé."


@dataclass(frozen=True, slots=True)
class Findings:
    """What one examination found. ``silent``: why the gateway's book could not be read, or "" where it was.

    ``unsealed``: what in the ledger should have been sealed hours ago, or "" where nothing should. ``unwritable``: why
    the database keeps nothing just now, or "" where it does. ``matters``: what breaks nothing and waits for a person.
    """

    breaches: tuple[Breach, ...]
    asked: int
    silent: str = ""
    unsealed: str = ""
    unwritable: str = ""
    matters: tuple[Matter, ...] = ()


def examine(
    *, now: datetime, patience: timedelta = PATIENCE, soon: timedelta = SOON, with_the_gateway: bool = True
) -> Findings:
    """Ask everything once, in one reading of our book; writes nothing."""
    look = Look(now, patience, soon)
    with _one_reading():
        breaches = [breach for invariant in OURS for breach in invariant.breaches(look)]
    silent = ""
    if with_the_gateway:
        try:
            for breach in gateway_book.breaches(look):
                breaches.append(breach)  # noqa: PERF402 - what was found before the gateway fell silent is kept
        except GatewayUnreachable as trouble:
            silent = str(trouble)
    asked = len(OURS) + len(WITH_THE_GATEWAY) * (with_the_gateway and not silent)
    waiting = tuple(attention.matters())
    return Findings(tuple(breaches), asked, silent, seals.late(now=now), database.why_unwritable(), waiting)


@contextmanager
def _one_reading() -> Iterator[None]:
    """All questions see the book as it was at one instant, where this is a transaction of its own."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def rounds(*, now: datetime) -> Findings:
    """Examine, park, tell, and seal the ledger. Periodic; harmless to repeat: what is known is not told again."""
    found = examine(now=now)
    if seals.seal(until=seals.horizon(now=now), now=now):
        log.info("the ledger is sealed: %s", seals.newest())
    for breach in found.breaches:
        if breach.account_id is not None:
            _park(breach, now=now)
    _tell_of_parkings(now=now)
    found = replace(found, unsealed=seals.late(now=now))
    late = [Breach("I02", None, "the ledger", found.unsealed)] if found.unsealed else []
    _tell([*(breach for breach in found.breaches if breach.account_id is None), *late], now=now)
    _tell_matters(found.matters, now=now)
    return found


def newest_seal() -> str:
    """The newest seal of the ledger, in words; "" where nothing is sealed yet."""
    return seals.newest()


def release(account: Account, *, who: str, word: str, now: datetime) -> None:
    """A person has looked: the account goes on. ``word`` says what was done."""
    word = card_numbers.hidden(word)
    with transaction.atomic():
        account = Account.objects.locked(account.pk)
        if account.parked_at is None:
            raise NotParkedAccount
        account.parkings.filter(released_at=None).update(released_at=now, released_by=who[:120], word=word[:400])
        Account.objects.filter(pk=account.pk).update(parked_at=None)
        record(account.id, "account.released", by=operator(who), now=now, why=word)


def _park(breach: Breach, *, now: datetime) -> None:
    """Park the account of a breach, unless it is known."""
    with transaction.atomic():
        account = Account.objects.locked(breach.account_id or 0)
        about = {"code": breach.code, "subject": breach.subject[:80]}
        if account.parkings.filter(released_at=None, **about).exists():
            return
        Parking.objects.create(account=account, fact=breach.fact[:400], found_at=now, **about)
        if account.parked_at is None:
            Account.objects.filter(pk=account.pk).update(parked_at=now)
        record(account.id, "account.parked", by=CLOCK, now=now, invariant=breach.code, subject=breach.subject)


def _tell_of_parkings(*, now: datetime) -> None:
    """Tell of each parking once, also of those of an earlier round that ended before it could."""
    waiting = Parking.objects.filter(told_at=None).order_by("id")
    if not waiting.exists():
        return
    with transaction.atomic():
        untold = list(waiting.select_for_update(no_key=True))
        found = [Breach(each.code, each.account_id, each.subject, each.fact) for each in untold]
        _tell(found, about=[each.public_id for each in untold], now=now)
        Parking.objects.filter(pk__in=[each.pk for each in untold]).update(told_at=now)


def _tell(breaches: Sequence[Breach], *, about: Sequence[str] = (), now: datetime) -> None:
    """Say it in the log, and in one letter: one for the rows whose public ids are ``about``, or, where none are given,
    one for the same words."""
    if not breaches:
        return
    lines = [f"{one.code} {one.subject} {one.fact}" for one in breaches]
    log.critical("invariants broken: %s", "; ".join(lines))
    accounts = sorted({one.account_id for one in breaches if one.account_id is not None})
    letter = letters_operator.invariants_broken(lines, parked=len(accounts))
    _write(letter, about or lines, key="invariants", account_id=accounts[0] if accounts else OF_NO_ACCOUNT, now=now)


def _tell_matters(matters: Sequence[Matter], *, now: datetime) -> None:
    """The same for what waits for a person; a letter that the operator did not get leads to no other one."""
    if matters:
        log.error("waits for a person: %s", "; ".join(f"{one.subject} {one.fact}" for one in matters))
    told = [one for one in matters if one.told]
    if told:
        lines = [f"{one.subject} {one.fact}" for one in told]
        letter = letters_operator.needs_a_person(lines, sorted({one.command for one in told}))
        _write(letter, lines, key="matters", account_id=OF_NO_ACCOUNT, now=now)


def _write(letter: Letter, about: Sequence[str], *, key: str, account_id: int, now: datetime) -> None:
    if not settings.PALIER_OPERATOR_EMAIL:
        return
    told = hashlib.sha256("\n".join(sorted(about)).encode()).hexdigest()
    with transaction.atomic():
        post(account_id, letter, to=settings.PALIER_OPERATOR_EMAIL, key=f"{key}:{told}", now=now)
