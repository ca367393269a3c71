"""Defects of what is written: jobs and letters beside their transaction, numbers, sums, and periods."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, connections, transaction
from procrastinate.jobs import Job

from palier.apps.invoices import actions as invoices
from palier.apps.invoices.actions import Numbers
from palier.apps.notices.actions import post
from palier.engine import drafts
from palier.engine.periods import Interval, Period
from palier.engine.taxes import TaxAmount, TaxRule
from palier.flows import renew_sums, settle
from palier.kit import writes
from tests.faults.planted.bug import Bug, swapped


def job_deferred_outside_the_transaction() -> AbstractContextManager[None]:
    """Jobs are handed to the worker once the transaction is committed, as a call of its own."""
    enqueue = writes.enqueue

    def afterwards(*jobs: Job) -> None:
        transaction.on_commit(lambda: enqueue(*jobs))

    return swapped((writes, "enqueue", afterwards))


def receipt_sent_before_commit() -> AbstractContextManager[None]:
    """The receipt leaves while the settlement may still be undone."""

    def at_once(*values: Any, **options: Any) -> None:
        def alone() -> None:
            try:
                post(*values, **options)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as another_connection:
            another_connection.submit(alone).result()

    return swapped((settle, "post_letter", at_once))


@contextmanager
def number_taken_by_a_sequence() -> Iterator[None]:
    """Invoice numbers come from a sequence, which gives back nothing when a transaction is undone."""

    def from_sequence(series: str, count: int, today: date) -> Numbers:
        prefix = f"{series}{today.year}-"
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(nextval('planted_numbers')) FROM generate_series(1, %s)", [count])
            (last,) = cursor.fetchone()
            cursor.execute(
                "INSERT INTO invoices_numberseries VALUES (%(prefix)s, %(last)s, %(today)s)"
                " ON CONFLICT (prefix) DO UPDATE SET last_number = %(last)s",
                {"prefix": prefix, "last": last, "today": today},
            )
        return Numbers(prefix, last - count + 1, today)

    mine = _made_a_sequence()
    try:
        with swapped((invoices, "take_numbers", from_sequence)):
            yield
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("DROP SEQUENCE planted_numbers")


def _made_a_sequence() -> bool:
    """Whether it was not there: it is made by the test, and used by the processes that die as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('planted_numbers') IS NULL")
        (mine,) = cursor.fetchone()
        if mine:
            cursor.execute("CREATE SEQUENCE planted_numbers")
            cursor.execute(
                "SELECT setval('planted_numbers', last_number) FROM invoices_numberseries WHERE last_number > 0"
                " ORDER BY last_number DESC LIMIT 1"
            )
    return bool(mine)


def double_finalisation() -> AbstractContextManager[None]:
    """What is settled is settled again when its answer comes a second time."""
    return swapped((settle, "FINAL", ()), (settle, "_stands", lambda attempt, order: True))


def float_money() -> AbstractContextManager[None]:
    """Tax is a fraction of euros, kept as a float, and what is left of the cent is cut."""

    def floats(nets: Iterable[tuple[TaxRule, int]]) -> tuple[TaxAmount, ...]:
        bases: dict[TaxRule, int] = {}
        for rule, net_minor in nets:
            bases[rule] = bases.get(rule, 0) + net_minor
        return tuple(TaxAmount(rule, base, _cents(base / 100 * (rule.rate_ppm / 1e6))) for rule, base in bases.items())

    return swapped((drafts, "taxes", floats))


def _cents(euros: float) -> int:
    return int(euros * 100)


def local_time_period() -> AbstractContextManager[None]:
    """A month is added on the clock of the machine, which stands at UTC, and not on the calendar of the seller."""

    def on_this_clock(anchor_at: datetime, interval: Interval, index: int, zone: str) -> Period:
        return Period(_later(anchor_at, index * interval.months), _later(anchor_at, (index + 1) * interval.months))

    return swapped((drafts, "period_at", on_this_clock))


@contextmanager
def end_of_month_drift() -> Iterator[None]:
    """A period's end is a month after the end before, so that a short month cuts all that follow."""

    def after_the_last(anchor_at: datetime, interval: Interval, at: datetime, zone: str) -> Period:
        there = at.astimezone(ZoneInfo(zone))
        return Period(at, _later(there, interval.months))

    def forget() -> None:
        renew_sums._known.cache_clear()
        renew_sums._end.cache_clear()

    forget()
    places = ((drafts, "period_containing", after_the_last), (renew_sums, "period_containing", after_the_last))
    try:
        with swapped(*places):
            yield
    finally:
        forget()


def _later(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


BUGS = (
    Bug(
        "job_deferred_outside_the_transaction",
        "a queue that is no part of the transaction; Subbly's lost link of April 2024 is of this family",
        "assert_bought_once",
        "its document is not made once",
        job_deferred_outside_the_transaction,
    ),
    Bug(
        "receipt_sent_before_commit",
        "a classic of no system read for this: a mail in the middle of a transaction",
        "I26",
        "has a receipt and is not paid here",
        receipt_sent_before_commit,
    ),
    Bug(
        "number_taken_by_a_sequence",
        "Formance: a gap in ids that took several engineers a week",
        "I12",
        "numbers and has",
        number_taken_by_a_sequence,
    ),
    Bug(
        "double_finalisation",
        "Lago PR 5523: double finalisation took two numbers",
        "I09",
        "is paid by nothing",
        double_finalisation,
        walls=(
            ("ledger_transaction", "posted_once"),
            ("subscriptions_subscription", "one_live_subscription_per_interval"),
        ),
    ),
    Bug(
        "float_money",
        "a classic of no system read for this: money in floats",
        "I14",
        "where its rate makes",
        float_money,
    ),
    Bug(
        "local_time_period",
        "a classic of no system read for this: the night when the clocks change",
        "I29",
        "its anchor makes",
        local_time_period,
    ),
    Bug(
        "end_of_month_drift",
        "a classic of no system read for this: 31 January, 28 February, 28 March",
        "I29",
        "its anchor makes",
        end_of_month_drift,
    ),
)
