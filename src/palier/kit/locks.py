"""Advisory locks of the database: who takes one keeps it until the end of the transaction."""

from enum import IntEnum, unique
from typing import Final

from django.db import connection

_HALF: Final = 2**31


@unique
class Lock(IntEnum):
    """What one transaction at a time does. Other transactions wait for the number, so each has its own."""

    PUBLISHING = 7_021_001
    """The versions of the catalogue are numbered."""

    PLANNING = 7_021_002
    """The night is cut into chunks."""

    OPENING_HOURS = 7_021_003
    """The team's week is written anew."""

    WRITING = 7_021_021
    """Somebody writes in conversations: one of each account, and each operator."""


def wait(lock: Lock, of: int | None = None) -> None:
    """Take it as soon as nobody else has it; ``of`` makes it one of many, by the last bits of an id."""
    with connection.cursor() as cursor:
        if of is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock, of % _HALF])


def try_for(lock: Lock) -> bool:
    """Take it unless somebody else has it; whether it was taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        return bool(cursor.fetchone()[0])
