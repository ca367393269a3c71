"""The night against COPY: renewals a second beside the rate at which the very same rows are copied and moved.

Each turn renews everybody for one month; then the rows that it wrote are copied, chunk by chunk as it wrote them, into
twins of the tables with the same indexes and checks, without foreign keys and triggers, by as many sessions.
"""

import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import subscribers
from bench.report import Measure, at_most, figure, share_of
from bench.stage import Stage
from palier.apps.agenda.models import BillingChunk, BillingRun
from palier.apps.catalogue import current
from palier.engine.periods import Interval, period_at
from palier.flows import renew

FEW: Final = 10_000
MANY: Final = 10 * FEW
ROUNDS: Final = 3
START: Final = datetime(2023, 12, 31, 23, tzinfo=UTC)
WORKERS: Final = 2

Company = Sequence[subprocess.Popen[str]]

TABLES: Final = {
    "ledger_entry": "transaction_id IN (SELECT id FROM ledger_transaction WHERE posted_at = %(at)s AND {mine})",
    "ledger_transaction": "posted_at = %(at)s AND {mine}",
    "invoices_invoiceline": "invoice_id IN (SELECT id FROM invoices_invoice WHERE issued_at = %(at)s AND {mine})",
    "subscriptions_billingperiod": "subscription_id BETWEEN %(first)s AND %(last)s AND period @> %(at)s",
    "payments_payment": "started_at = %(at)s AND {mine}",
    "events_event": "at = %(at)s AND {mine}",
    "invoices_invoice": "issued_at = %(at)s AND {mine}",
}
"""What a night writes, and how its rows of one chunk are found again."""

MINE: Final = f"account_id BETWEEN %(first)s - {3 * subscribers.APART} AND %(last)s - {3 * subscribers.APART}"


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds of the wall, and of CPU of the workers and of their database sessions; the largest worker."""

    seconds: float
    own: float
    database: float
    megabytes: float


def measures(staged: Stage) -> list[Measure]:
    """Rates and ratios of one and two workers, growth, memory, statements."""
    subscribers.subscribe(range(FEW), anchor=START, renews_after=START)
    _make_twins()
    with _processes(WORKERS) as renewing, _processes(WORKERS) as copying:
        return _measured(staged, renewing, copying)


def _measured(staged: Stage, renewing: Company, copying: Company) -> list[Measure]:
    ours: dict[int, list[Turn]] = {1: [], WORKERS: []}
    raws: dict[int, list[Turn]] = {1: [], WORKERS: []}
    month = 0
    for _ in range(ROUNDS):
        for workers in ours:
            at = _night(month)
            turn, run = _renewed(at, renewing[:workers])
            ours[workers].append(turn)
            raws[workers].append(_copied(_files(staged.folder, run, at), copying[:workers]))
            month += 1
    asked = _statements(_night(month))
    few = [_renewed(_night(month + later), renewing)[0] for later in range(1, 4)]
    subscribers.subscribe(range(FEW, MANY), anchor=START, renews_after=_night(month + 3))
    many = _renewed(_night(month + 4), renewing)[0]
    return [*_told(ours, raws), *_growth(few, many), Measure("night: statements of a chunk", str(asked))]


def _told(ours: dict[int, list[Turn]], raws: dict[int, list[Turn]]) -> Iterator[Measure]:
    for workers, turns in ours.items():
        rate = FEW / median(turn.seconds for turn in turns)
        limit = FEW / median(turn.seconds for turn in raws[workers])
        name = f"night, {workers} worker{'' if workers == 1 else 's'}"
        yield share_of(name, rate, limit, 0.75, "/s", of="COPY and update, as many sessions")
        if workers == WORKERS:
            yield Measure(f"{name}: renewals", f"{figure(rate)} /s", ">= 10,000 /s", rate / 10_000, rate >= 10_000)
    turns, limits = ours[WORKERS], raws[WORKERS]
    own, database, least = (
        median(seconds) / FEW * 1e6
        for seconds in (
            [turn.own for turn in turns],
            [turn.database for turn in turns],
            [turn.database for turn in limits],
        )
    )
    said = f"{figure(own)} us of Python, {figure(database)} us of the database; COPY and update {figure(least)} us"
    yield Measure("night: CPU of a renewal", said, ratio=least / (own + database) if own else None)


def _growth(few: Sequence[Turn], many: Turn) -> Iterator[Measure]:
    before = median(turn.seconds for turn in few) / FEW
    yield at_most("night: a renewal at 10 x the subscriptions", many.seconds / MANY / before, 1.2, "x")
    yield at_most("night: memory of a worker", many.megabytes, 300, "MB")


def _night(month: int) -> datetime:
    """Two hours after the period of that month has ended."""
    return period_at(START, Interval.MONTH, month, current().policy.zone).end + timedelta(hours=2)


def _renewed(at: datetime, processes: Company) -> tuple[Turn, BillingRun]:
    _pay_all(at)
    run = renew.plan(now=at)
    assert run is not None  # noqa: S101 - everybody is due
    chunks = list(run.chunks.order_by("id").values_list("id", flat=True))
    workers = len(processes)
    shares = [{"chunks": chunks[place::workers], "at": at.isoformat()} for place in range(workers)]
    turn = _worked(shares, processes)
    done = sum(BillingChunk.objects.filter(run=run).values_list("renewed", flat=True))
    if done != run.planned:
        raise RuntimeError(f"{done} renewed of {run.planned}")
    return turn, run


def _pay_all(at: datetime) -> None:
    """What the nights before have invoiced: whoever owes is not renewed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE invoices_invoice SET state = 'paid', paid_at = %s WHERE state = 'open'", [at])
        cursor.execute(
            "UPDATE payments_payment SET state = 'succeeded', resolved_at = %s WHERE state = 'started'", [at]
        )
        cursor.execute("VACUUM ANALYZE invoices_invoice, payments_payment")


def _copied(files: Sequence[Path], processes: Company) -> Turn:
    workers = len(processes)
    return _worked([{"files": [str(path) for path in files[place::workers]]} for place in range(workers)], processes)


def _worked(shares: Sequence[dict[str, Any]], processes: Company) -> Turn:
    for process, share in zip(processes, shares, strict=True):
        _say(process, json.dumps(share))
    for process in processes:
        _answer(process)
    started = time.perf_counter()
    for process in processes:
        _say(process, "go")
    answers = [json.loads(_answer(process)) for process in processes]
    seconds = time.perf_counter() - started
    own, database = (sum(answer[name] for answer in answers) for name in ("own", "database"))
    return Turn(seconds, own, database, max(answer["megabytes"] for answer in answers))


@contextmanager
def _processes(count: int) -> Iterator[list[subprocess.Popen[str]]]:
    with ExitStack() as closing:
        started = []
        for _ in range(count):
            command = [sys.executable, "-m", "bench.nightly"]
            process = subprocess.Popen(
                command, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            started.append(closing.enter_context(process))
            closing.callback(process.kill)
        yield started


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a worker ended by itself")
    return line


def _make_twins() -> None:
    """Tables beside ours, with the same columns, indexes, checks and exclusions."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA raw")
        for table in (*TABLES, "subscriptions_subscription", "agenda_due"):
            cursor.execute(f"CREATE TABLE raw.{table} (LIKE public.{table} INCLUDING ALL)")
        cursor.execute("ALTER TABLE raw.subscriptions_subscription SET (fillfactor = 50)")
        for table in ("subscriptions_billingperiod", "subscriptions_subscription", "agenda_due"):
            cursor.execute(f"INSERT INTO raw.{table} SELECT * FROM public.{table}")  # noqa: S608
        cursor.execute("ANALYZE")


def _files(folder: Path, run: BillingRun, at: datetime) -> list[Path]:
    """What each chunk wrote, as PostgreSQL itself sends it, ready to be copied."""
    files = []
    for chunk in run.chunks.order_by("id"):
        values: dict[str, Any] = {"at": at, "first": chunk.first_subject, "last": chunk.last_subject}
        copies = []
        with connection.cursor() as cursor:
            for table, found in TABLES.items():
                rows = f"SELECT * FROM {table} WHERE {found.format(mine=MINE)} ORDER BY 1"  # noqa: S608
                with cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT binary)", values) as stream:
                    copies.append((f"COPY raw.{table} FROM STDIN (FORMAT binary)", b"".join(stream)))
            cursor.execute(
                "SELECT id, period_end FROM subscriptions_subscription WHERE id BETWEEN %(first)s AND %(last)s", values
            )
            subjects, ends = zip(*cursor.fetchall(), strict=True)
        path = folder / f"chunk_{chunk.id}"
        path.write_bytes(pickle.dumps({"copies": copies, "moves": {"subjects": list(subjects), "ends": list(ends)}}))
        files.append(path)
    return files


def _statements(at: datetime) -> int:
    """What one chunk asks of the database, COPY included."""
    _pay_all(at)
    run = renew.plan(now=at)
    assert run is not None  # noqa: S101 - everybody is due
    first, *others = run.chunks.order_by("id")
    with CaptureQueriesContext(connection) as heard:
        renew.chunk(first.id, now=at)
    for chunk in others:
        renew.chunk(chunk.id, now=at)
    return len(heard)
