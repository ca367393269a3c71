"""What the database says when it cannot do something just now: it undid the whole, and the same can be done again.

And whether it could keep anything at this moment, asked before somebody loses their patience.
"""

from typing import Final

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

READ_ONLY: Final = psycopg.errors.ReadOnlySqlTransaction
"""A standby that has not taken over yet, or a server that an operator has turned read-only. psycopg counts it among the
mistakes of a program."""

AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError, READ_ONLY)
"""What psycopg says of a database that is gone, full or read-only, or where somebody else was first."""

LOCK_CONFLICTS: Final = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


def is_away(error: BaseException) -> bool:
    """Whether the database did not do it for reasons of its own: it is gone, full or read-only, or somebody else was
    first. Nobody's fault: nothing to park, to bisect or to show as broken."""
    return isinstance(error, OperationalError | InterfaceError) or isinstance(error.__cause__, READ_ONLY)


_TAKES_ROOM: Final = """
SET LOCAL work_mem = '64kB'; SET LOCAL temp_tablespaces = '';
WITH megabyte AS MATERIALIZED (SELECT repeat('x', 1000) || n AS row FROM generate_series(1, 1000) n)
SELECT count(row) FROM megabyte
"""
"""A megabyte that may not lie in memory: it lies on the disk of the database for a moment."""


def why_unwritable() -> str:
    """Why the database keeps nothing just now: "read-only", or "full" where its disk has not one megabyte left.

    "" where it keeps what it is given. Writes no row. Raises OperationalError where the database is away.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        if cursor.fetchone() == ("on",):
            return "read-only"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TAKES_ROOM)
    except OperationalError as trouble:
        if isinstance(trouble.__cause__, psycopg.errors.DiskFull):
            return "full"
        raise
    return ""
