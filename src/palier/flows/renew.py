"""The night: every subscription whose period is over gets its next one, in chunks, each in one transaction.

A run is cut into ranges of subscriptions. A chunk locks its accounts in key order (those that somebody else holds are
left for the next run), reads everything in a fixed number of statements, and sorts out what is to be renewed. That is
written all at once (``flows.renew_rows``), at sums that the engine drafted (``flows.renew_sums``). What ends instead,
has no card, or belongs to a sandbox account with its own numbers, follows one by one. Repeating any of it is harmless:
what was renewed is no longer due, and the database refuses to bill an instant twice. Where writing fails, the halves
are written instead, down to the one subscription at fault; it becomes a failure to look at, and the others go on.

While an invoice of a subscription is open its renewal waits, and catches up once the invoice is paid: the customer is
never charged for two periods at a time, after an outage either. Where the invoice is never paid, ``flows.dun`` ends the
subscription on the day that it told. Charging is elsewhere: each renewal writes its payment ahead, and ``flows.charge``
sends it at its own pace.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F

from palier.apps.agenda import actions as agenda
from palier.apps.agenda.models import BillingChunk, BillingRun, Due
from palier.apps.invoices.models import Invoice
from palier.apps.subscriptions.models import Subscription, SubscriptionState
from palier.flows import dun, end, notify, renew_blocked, renew_checks, renew_facts, renew_rows, renew_sums, upcoming
from palier.flows.renew_facts import Chunk, Held
from palier.flows.renew_sums import Renewal
from palier.kit import database, jobs, locks, writes
from palier.kit.locks import Lock
from palier.kit.troubles import told

log: Final = logging.getLogger(__name__)

CHUNK: Final = 2_000
"""Subscriptions of one transaction: their accounts are locked for a few tenths of a second."""

AFTER_CUSTOMERS: Final = -1
"""The priority of a chunk: who pays at the screen comes first."""

AGAIN: Final = timedelta(hours=1)
"""When a renewal that failed is tried again."""

SETTLING: Final = timedelta(minutes=10)
"""When one is looked at again of which an invoice is being paid."""

PURSUED: Final = timedelta(days=1)
"""The same where a payment has failed: once it is paid after all, its renewal is due at once."""

_TRAVELLERS: Final = "account_id <> ALL(ARRAY(SELECT id FROM accounts_account WHERE clock_ahead > interval '0'))"
"""Accounts that live ahead of the present are renewed one by one, in their own time."""

_PLANNED: Final = f"""
SELECT count(*) FROM agenda_due WHERE kind = 'renewal' AND due_at <= %(until)s AND {_TRAVELLERS}
"""  # noqa: S608 - put together from constants

_PLAN: Final = f"""
INSERT INTO agenda_billingchunk (id, run_id, first_subject, last_subject, renewed, "left")
SELECT %(run)s + place + 1, %(run)s, min(subject), max(subject), 0, 0
FROM (SELECT subject, (row_number() OVER (ORDER BY subject) - 1) / %(size)s AS place
    FROM agenda_due WHERE kind = 'renewal' AND due_at <= %(until)s AND {_TRAVELLERS}) due
GROUP BY place
"""  # noqa: S608

_RANGE: Final = f"""
SELECT subject FROM agenda_due
WHERE kind = 'renewal' AND due_at <= %(until)s AND subject BETWEEN %(first)s AND %(last)s AND {_TRAVELLERS}
ORDER BY subject
"""  # noqa: S608


class _Claimed(Exception):
    """Another worker is at this chunk, or has done it."""


def plan(*, now: datetime, size: int = CHUNK) -> BillingRun | None:
    """Cut all renewals that are due into chunks and defer them; None while nothing is due. Periodic.

    An unfinished run goes on first: its chunks whose jobs were lost are deferred again. Two planners at a time make one
    run: the database knows at most one that has not ended.
    """
    running = BillingRun.objects.filter(ended_at=None).first()
    if running is not None:
        jobs.defer_forgotten("renew_chunk", "chunk_id", running.chunks.filter(done_at=None))
        _end(running, now=now)
        return running
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLANNED, {"until": now})
        (planned,) = cursor.fetchone()
        if not planned or not _first_planner():
            return None
        run = BillingRun.objects.create(until=now, planned=planned, planned_at=now)
        cursor.execute(_PLAN, {"run": run.id, "size": size, "until": now})
        with writes.together():
            for chunk_id in run.chunks.order_by("id").values_list("id", flat=True):
                jobs.defer("renew_chunk", priority=AFTER_CUSTOMERS, chunk_id=chunk_id)
    return run


def chunk(chunk_id: int, *, now: datetime) -> None:
    """Renew what is due in one chunk's range. Harmless to repeat, and by two workers at a time."""
    its = BillingChunk.objects.select_related("run").get(pk=chunk_id)
    if its.done_at is None:
        bounds: dict[str, Any] = {"until": its.run.until, "first": its.first_subject, "last": its.last_subject}
        with connection.cursor() as cursor:
            cursor.execute(_RANGE, bounds)
            subjects = [subject for (subject,) in cursor.fetchall()]
        try:
            renewed = _all_of(subjects, claim=chunk_id, now=now)
        except _Claimed:
            return
        BillingChunk.objects.filter(pk=chunk_id, done_at=None).update(left=len(subjects) - renewed, done_at=now)
    _end(its.run, now=now)


def these(subscription_ids: Sequence[int], *, now: datetime) -> int:
    """Renew some subscriptions that are due; returns how many were, those that ended instead included."""
    return _all_of(subscription_ids, claim=None, now=now)


def due(row: Due, *, now: datetime) -> None:
    """Renew one subscription, for an account that travels through time."""
    these([row.subject], now=now)


def _first_planner() -> bool:
    return locks.try_for(Lock.PLANNING) and not BillingRun.objects.filter(ended_at=None).exists()


def _end(run: BillingRun, *, now: datetime) -> None:
    if not run.chunks.filter(done_at=None).exists():
        BillingRun.objects.filter(pk=run.pk, ended_at=None).update(ended_at=now)


@dataclass(slots=True)
class _Sorted:
    """What is to become of each subscription of a chunk; who is in none of these is left for the next run."""

    renewals: list[Renewal] = field(default_factory=list)
    alone: list[int] = field(default_factory=list)
    settling: list[int] = field(default_factory=list)
    pursued: list[int] = field(default_factory=list)
    failed: list[tuple[int, Exception | str]] = field(default_factory=list)


def _all_of(subscription_ids: Sequence[int], *, claim: int | None, now: datetime) -> int:
    """Renew together, or in halves where that fails, and the odd ones alone; returns how many are done."""
    if not subscription_ids:
        return 0
    try:
        done, fates = _together(subscription_ids, claim=claim, now=now)
    except _Claimed:
        raise
    except Exception as error:
        if database.is_away(error):
            raise  # nobody's fault
        if len(subscription_ids) == 1:
            _fail(subscription_ids[0], error, now=now)
            return 0
        log.warning("%s renewals could not be written together: %r", len(subscription_ids), error)
        middle = len(subscription_ids) // 2
        halves = (subscription_ids[:middle], subscription_ids[middle:])
        return sum(_all_of(half, claim=claim, now=now) for half in halves)
    for subscription_id, refused in fates.failed:
        _fail(subscription_id, refused, now=now)
    return done + sum(_one(subscription_id, now=now) for subscription_id in fates.alone)


def _together(subscription_ids: Sequence[int], *, claim: int | None, now: datetime) -> tuple[int, _Sorted]:
    with transaction.atomic():
        if claim is not None:
            _claim(claim)
        found = renew_facts.read(subscription_ids, now=now)
        fates = _sorted(found)
        renewed = [each.held.id for each in fates.renewals]
        if renewed:
            renew_rows.write(found, fates.renewals)
            agenda.resolve(upcoming.RENEWAL, renewed, now=now)
        for owing, later in ((fates.settling, SETTLING), (fates.pursued, PURSUED)):
            if owing:
                agenda.put_off(upcoming.RENEWAL, owing, now + later)
        if claim is not None:
            BillingChunk.objects.filter(pk=claim).update(renewed=F("renewed") + len(renewed))
    return len(renewed), fates


def _claim(chunk_id: int) -> None:
    free = BillingChunk.objects.filter(pk=chunk_id, done_at=None).select_for_update(skip_locked=True, no_key=True)
    if free.first() is None:
        raise _Claimed


def _sorted(found: Chunk) -> _Sorted:
    """Sort a chunk before anything is written, so that no odd one disturbs the others."""
    fates = _Sorted()
    blocked = renew_checks.blocked_changes(found)
    for held in found.held:
        if held.state == SubscriptionState.ENDED:
            fates.alone.append(held.id)
        elif held.owes:
            (fates.settling if held.state == SubscriptionState.ACTIVE else fates.pursued).append(held.id)
        elif held.state != SubscriptionState.ACTIVE or held.is_being_bought or held.collects_seats:
            continue
        elif _blocked_change(found, held, blocked):
            fates.alone.append(held.id)
        else:
            _sort(found, held, fates)
    broken = renew_checks.broken_promises(fates.renewals)
    if broken:
        fates.failed += ((subject, str(one)) for subject, one in broken.items())
        fates.renewals = [each for each in fates.renewals if each.held.id not in broken]
    return fates


def _sort(found: Chunk, held: Held, fates: _Sorted) -> None:
    try:
        renewal = renew_sums.of(found, held)
    except Exception as error:  # what the engine or the catalogue refuses, or rows that cannot be
        fates.failed.append((held.id, error))
        return
    if renewal is None or held.sandbox or (held.card_id is None and renewal.sum.total_minor):
        fates.alone.append(held.id)
    else:
        fates.renewals.append(renewal)


def _blocked_change(found: Chunk, held: Held, blocked: Collection[int]) -> int | None:
    """The waiting change of a subscription that must go on waiting."""
    return next((change.id for change in found.waiting.get(held.id, ()) if change.id in blocked), None)


def _one(subscription_id: int, *, now: datetime) -> bool:
    """What cannot be done in bulk, in a transaction of its own; False where it is left."""
    try:
        with transaction.atomic():
            return _do_alone(subscription_id, now=now)
    except Exception as error:
        if database.is_away(error):
            raise
        _fail(subscription_id, error, now=now)
        return False


def _do_alone(subscription_id: int, *, now: datetime) -> bool:
    found = renew_facts.read([subscription_id], now=now)
    if not found.held or subscription_id not in _sorted(found).alone:
        return False  # held by somebody, or changed meanwhile: the next run sees
    (held,) = found.held
    if held.state == SubscriptionState.ENDED:
        agenda.drop([upcoming.RENEWAL], held.id)
        return False
    blocked = renew_checks.blocked_changes(found)
    renewal = renew_sums.of(renew_checks.without_blocked(found, blocked), held)
    if renewal is None:
        _cancel(held.id, now=now)
    elif broken := renew_checks.broken_promises([renewal]):
        _fail(held.id, str(broken[held.id]), now=now)
        return False
    else:
        (invoice_id,) = renew_rows.write(found, [renewal])
        if held.card_id is None and renewal.sum.total_minor:
            dun.without_card(Invoice.objects.get(pk=invoice_id), now=now)
        if change_id := _blocked_change(found, held, blocked):
            renew_blocked.keep(held, change_id, blocked[change_id], found.catalogue, now=now)
        agenda.resolve(upcoming.RENEWAL, [held.id], now=now)
    return True


def _fail(subscription_id: int, why: Exception | str, *, now: datetime) -> None:
    error, trace = (told(why), why) if isinstance(why, Exception) else (why, None)
    log.error("subscription %s could not be renewed: %s", subscription_id, error, exc_info=trace)
    with transaction.atomic():
        row = Due.objects.filter(kind=upcoming.RENEWAL, subject=subscription_id).first()
        if row is not None:
            agenda.fail(row, error, retry_at=now + AGAIN, now=now)
            agenda.put(row.kind, row.subject, row.account_id, now + AGAIN)


def _cancel(subscription_id: int, *, now: datetime) -> None:
    subscription = Subscription.objects.get(pk=subscription_id)
    notify.ended(subscription, now=now)
    end.subscription(subscription, "canceled", at=subscription.period_end, now=now)
