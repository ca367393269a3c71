"""The service's own book: one SQLite file, one writer at a time, every change committed before it is answered."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
create table if not exists settings (name text primary key, value text not null);
create table if not exists cards (
    token text primary key, reference text, brand text not null, last4 text not null,
    expiry_month integer not null, expiry_year integer not null, fingerprint text not null,
    behaviour text not null, authenticated_at real, detached_at real, created_at real not null
);
create index if not exists cards_by_reference on cards (reference);
create table if not exists charges (
    id text primary key, reference text not null, token text not null, amount_minor integer not null,
    currency text not null, description text not null, return_url text not null, on_session integer not null,
    state text not null, reason text not null default '', secret text not null,
    refunded_minor integer not null default 0, told text not null default '{}', webhooks text not null default '{}',
    capture_at real, capture_anyway integer not null default 0,
    created_at real not null, ended_at real
);
create index if not exists charges_by_reference on charges (reference);
create index if not exists charges_by_token on charges (token);
create index if not exists charges_to_capture on charges (capture_at) where capture_at is not null;
create index if not exists charges_to_confirm on charges (created_at) where state = 'action_required';
create table if not exists keys (
    key text primary key, parameters text not null, subject text not null, created_at real not null
);
create index if not exists keys_by_age on keys (created_at);
create table if not exists errors (key text primary key, created_at real not null);
create table if not exists attempts (
    number integer primary key, reference text not null, answer text not null, at real not null
);
create index if not exists attempts_by_reference on attempts (reference);
create table if not exists refunds (
    id text primary key, reference text not null, charge text not null, key text not null,
    amount_minor integer not null, currency text not null, created_at real not null
);
create index if not exists refunds_by_reference on refunds (reference);
create table if not exists faults (
    number integer primary key, kind text not null, remaining integer, parameters text not null
);
create table if not exists events (
    number integer primary key, id text not null unique, charge text not null, kind text not null, body text not null,
    state text not null, copies integer not null default 1, due_at real not null, tries integer not null default 0,
    answer text not null default '', created_at real not null, delivered_at real
);
create index if not exists events_by_charge on events (charge);
create index if not exists events_due on events (due_at) where state = 'waiting';
"""

Row = dict[str, Any]


class Book:
    """The SQLite file. Amounts are minor units; instants are seconds since 1970 by the service's own clock."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(folder / "book.sqlite3", isolation_level=None, check_same_thread=False)
        self._db.row_factory = _as_dict
        # A write-ahead log survives the death of this process at any moment; no more is asked of a sandbox.
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(SCHEMA)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, alone; nested uses join the outer one. An exception rolls everything back."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._db.execute("begin immediate")
                yield
                if self._depth == 1:
                    self._db.execute("commit")
            except BaseException:
                if self._depth == 1 and self._db.in_transaction:
                    self._db.execute("rollback")
                raise
            finally:
                self._depth -= 1

    def all(self, query: str, *values: object) -> list[Row]:
        """Every row of a query."""
        with self._lock:
            return list(self._db.execute(query, values))

    def one(self, query: str, *values: object) -> Row | None:
        """The first row of a query."""
        with self._lock:
            row: Row | None = self._db.execute(query, values).fetchone()
            return row

    def run(self, statement: str, *values: object) -> int:
        """Run a statement; the number of rows changed."""
        with self._lock:
            return self._db.execute(statement, values).rowcount

    def add(self, table: str, row: Row) -> None:
        """Insert a row. Table and column names are ours, never a request's."""
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        self.run(f"insert into {table} ({columns}) values ({marks})", *row.values())  # noqa: S608

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
