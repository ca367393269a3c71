"""New rows of several tables in one statement, and their jobs in one more.

An action gives its new rows to ``insert``. Alone, they are written at once. Inside of ``together()``, which a flow puts
around a story, they wait for the end of the block: an invoice with its lines, ledger, facts and letter is then one
round trip instead of one for each. Nothing written in a block may be read back within it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection
from django.db.models import AutoField, Model
from django.db.models.sql import InsertQuery
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from palier.kit import database

manager: Final = JobManager(DjangoConnector())
"""On Django's own connection: the app's is another one within the worker, whose jobs would be committed by themselves,
before the rows that they are about, and stay where those are rolled back."""


@dataclass(slots=True)
class _Batch:
    rows: list[Model] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


_waiting: ContextVar[_Batch | None] = ContextVar("waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Write what the block inserts at its end, in the caller's transaction; nothing where the block raises."""
    batch = _Batch()
    token = _waiting.set(batch)
    try:
        yield
    finally:
        _waiting.reset(token)
    insert(*batch.rows)
    enqueue(*batch.jobs)


def insert(*rows: Model) -> None:
    """Insert new rows, in one statement whatever their tables."""
    batch = _waiting.get()
    if batch is not None:
        batch.rows.extend(rows)
    elif rows:
        sql, params = _statement(rows)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
        for row in rows:
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def enqueue(*jobs: Job) -> None:
    """Hand jobs to the worker."""
    batch = _waiting.get()
    if batch is not None:
        batch.jobs.extend(jobs)
    elif jobs:
        with told_as_ours():
            manager.batch_defer_jobs(list(jobs))


@contextmanager
def told_as_ours() -> Iterator[None]:
    """A database that is lost while a job is deferred is lost in Django's words, as at any other statement."""
    try:
        yield
    except ConnectorException as trouble:
        if isinstance(trouble.__cause__, database.AWAY):
            raise OperationalError(str(trouble.__cause__)) from trouble.__cause__
        raise


def _statement(rows: Sequence[Model]) -> tuple[str, list[Any]]:
    """``WITH a AS (INSERT …), b AS (INSERT …) INSERT …``: Django's own INSERT of each table, joined.

    Foreign keys between them hold at the end of the statement; ours are checked at commit.
    """
    tables: dict[type[Model], list[Model]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(row)
    texts: list[str] = []
    params: list[Any] = []
    for model, its_rows in tables.items():
        fields = [each for each in model._meta.concrete_fields if not isinstance(each, AutoField)]
        query = InsertQuery(model)
        query.insert_values(fields, its_rows)
        for text, values in query.get_compiler(connection=connection).as_sql():
            texts.append(text)
            params.extend(values)
    *first, last = texts
    steps = ", ".join(f"step_{number} AS ({text})" for number, text in enumerate(first))
    return f"WITH {steps} {last}" if first else last, params
