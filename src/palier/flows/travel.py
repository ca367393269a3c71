"""A sandbox account's clock goes forward, through everything that falls due on the way, each at its own instant.

A journey is stored with its target and goes on step by step: the clock is put to the instant of what is due next, its
flow runs as it would have run that day, and the payments that it started are collected. What waits for a person waits
as in life, a bank's confirmation as long as the bank does. Every step is committed before the next, and harmless to
repeat, so a journey whose worker died goes on where it was.

Only Palier travels: the payment service keeps its own clock and nobody here commands it. Its banks' day therefore ends
here: what is not confirmed within it is given up there.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction

from palier.apps.accounts import clocks
from palier.apps.accounts.models import Account, Travel
from palier.apps.agenda.models import Due, Failure
from palier.apps.payments.models import Payment, PaymentState
from palier.flows import agenda, collect, confirm, release
from palier.kit import database, jobs
from palier.kit.refusals import Refusal
from palier.kit.troubles import told

log: Final = logging.getLogger(__name__)

FARTHEST_AT_ONCE: Final = timedelta(days=3 * 366)
FARTHEST_AHEAD: Final = timedelta(days=20 * 366)

LOOKED_AT_AGAIN: Final = timedelta(days=1)
"""What made no progress, e.g. a renewal while an order is being paid, is looked at once more at the same instant (its
account may have been locked for a moment) and then a day later."""

POSTPONED: Final = timedelta(hours=1)
"""What moves no further than this has only been put off."""

AT_THE_GATEWAY: Final = (PaymentState.STARTED, PaymentState.SENT, PaymentState.UNKNOWN)
"""Payments that end by themselves; one that waits for the customer does not."""

QUESTIONS: Final = 3
"""How often a payment whose answer got lost is asked about before a journey stops."""

Later = dict[tuple[str, int], datetime]


class NoTestClock(Refusal):
    code = "clock.none"
    en = "This account lives in the present: only a sandbox account has a test clock. Nothing was changed; open one."
    fr = (
        "Ce compte vit au présent\u202f: seul un compte d’essai a une horloge de test. Rien n’a été modifié\u202f; "
        "ouvrez un compte d’essai."
    )


class ClockGoesForward(Refusal):
    code = "clock.backwards"
    en = "A test clock only goes forward, and stands at {stands}. Nothing was changed; choose a later moment."
    fr = (
        "Une horloge de test ne va que vers l’avant, et marque {stands}. Rien n’a été modifié\u202f; choisissez un "
        "moment ultérieur."
    )
    field = "to"


class TooFar(Refusal):
    code = "clock.too_far"
    en = (
        "A test clock travels three years at once at the most. Nothing was changed; choose a nearer moment, then go on."
    )
    fr = (
        "Une horloge de test avance de trois ans au plus en une fois. Rien n’a été modifié\u202f; choisissez un moment "
        "plus proche, puis continuez."
    )
    field = "to"


class StillTravelling(Refusal):
    code = "clock.travelling"
    en = "The test clock is travelling already. Nothing was changed; wait until it has arrived, or stop it."
    fr = (
        "L’horloge de test est déjà en voyage. Rien n’a été modifié\u202f; attendez qu’elle soit arrivée, ou "
        "arrêtez-la."
    )


def depart(account: Account, to: datetime, *, now: datetime) -> Travel:
    """Store a journey of the account's clock to an instant of its own time, and defer it. ``now`` is the present."""
    if not account.sandbox:
        raise NoTestClock
    own = now + account.clock_ahead
    if to <= own:
        raise ClockGoesForward(stands=f"{own:%Y-%m-%d %H:%M} UTC")
    if to - own > FARTHEST_AT_ONCE or to - now > FARTHEST_AHEAD:
        raise TooFar
    try:
        with transaction.atomic():
            journey = clocks.depart(account, to, now=now)
            jobs.defer("travel_account", travel_id=journey.id)
    except IntegrityError as error:
        raise StillTravelling from error
    return journey


def travel(account: Account, to: datetime, *, now: datetime) -> Travel:
    """A whole journey at once: everything due up to ``to`` happens, in order, and the clock stands there."""
    journey = depart(account, to, now=now)
    for later in stages(journey.id):
        step(journey.id, later, now=now)
    return Travel.objects.get(pk=journey.id)


def stages(travel_id: int) -> Iterator[Later]:
    """As long as a journey is under way: what a step is given and leaves to the next, so that none turns in circles."""
    later: Later = {}
    while Travel.objects.filter(pk=travel_id, state="travelling").exists():
        yield later


def step(travel_id: int, later: Later, *, now: datetime) -> None:
    """Do the next thing that is due on the way, or arrive. ``now`` is the present."""
    journey = Travel.objects.select_related("account").get(pk=travel_id)
    account, own = journey.account, now + journey.account.clock_ahead
    silent = settle(account, now=own)
    if silent:
        clocks.end_travel(travel_id, stopped_by=f"payment: no answer about {silent}", now=now)
        return
    row = agenda.next_of(account.id, journey.target_at, later=later)
    turn = max(row.due_at, later.get((row.kind, row.subject), row.due_at)) if row else journey.target_at
    waiting = Payment.objects.filter(account=account, state=PaymentState.ACTION_REQUIRED).order_by("started_at").first()
    if waiting is not None and (stops_at := confirm.bank_waits_until(waiting)) <= turn:
        _bank_stops_waiting(journey, waiting, at=clocks.put_forward(account.id, stops_at, now=now), now=now)
        return
    if row is None:
        clocks.put_forward(account.id, journey.target_at, now=now)
        clocks.end_travel(travel_id, now=now)
        return
    at = clocks.put_forward(account.id, turn, now=now)
    error = _done(row, now=at)
    if error:
        clocks.end_travel(travel_id, stopped_by=f"{row.kind}: {error}", now=now)
        return
    if _is_left(row, at):
        looked_at_before = later.get((row.kind, row.subject)) == at
        later[row.kind, row.subject] = at + LOOKED_AT_AGAIN if looked_at_before else at
    clocks.one_step(travel_id)


def stop(account: Account, *, now: datetime) -> bool:
    """Let a journey end where it is; what is done is done. False when none was under way."""
    journey = account.travels.filter(state="travelling").first()
    return journey is not None and clocks.end_travel(journey.id, stopped_by="asked", now=now)


def settle(account: Account, *, now: datetime) -> str:
    """Collect the account's payments that need nobody; returns the id of one that the gateway says nothing about."""
    waiting = Payment.objects.filter(account=account, state__in=AT_THE_GATEWAY).order_by("id")
    for _ in range(QUESTIONS):
        for payment in waiting.all():
            collect.payment(payment.id, now=now)
    silent = waiting.all().first()
    return silent.public_id if silent else ""


def forgotten() -> int:
    """Defer the journeys whose jobs gave up; returns how many. Periodic."""
    return jobs.defer_forgotten("travel_account", "travel_id", Travel.objects.filter(state="travelling"))


def _bank_stops_waiting(journey: Travel, waiting: Payment, *, at: datetime, now: datetime) -> None:
    if release.too_late(waiting, now=at):
        clocks.one_step(journey.id)
    else:
        clocks.end_travel(journey.id, stopped_by=f"payment: no answer about {waiting.public_id}", now=now)


def _is_left(row: Due, at: datetime) -> bool:
    """Whether a row stands where it stood, or has only been put off; one that is due again is caught up at once."""
    known = Due.objects.filter(kind=row.kind, subject=row.subject).first()
    return known is not None and (known.due_at == row.due_at or at < known.due_at <= at + POSTPONED)


def _done(row: Due, *, now: datetime) -> str:
    """Run the flow of a row; returns why it could not be done, or nothing."""
    try:
        agenda.FLOWS[row.kind](row, now=now)
    except Exception as error:  # a journey stops where something is wrong, for a person to look at
        if database.is_away(error):
            raise  # nothing is wrong with the row: its job does it again
        log.exception("%s of %s stops a journey", row.kind, row.account_id)
        return told(error)
    failure = Failure.objects.filter(kind=row.kind, subject=row.subject, resolved_at=None).first()
    return failure.error if failure else ""
