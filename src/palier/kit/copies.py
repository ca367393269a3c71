"""Many rows at once: COPY, and what is checked row by row elsewhere checked for all of them together.

A run that writes thousands of rows pays more for PostgreSQL's key triggers, one per row and key, than for the rows.
Inside of ``proved()`` they do not fire, where the role may say so; the caller then proves the same by one query over
what it wrote, in the same transaction (``require_nothing``). Nothing else is switched off: checks, unique keys and
exclusions are no triggers, and each trigger of ours says in its migration that it fires all the same (ADR 0016).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Final

from django.db import IntegrityError, connection
from django.db.models import AutoField, Model

NULL: Final = "\\N"

_PROVED: Final = """
SELECT set_config('session_replication_role', 'replica', true)
WHERE has_parameter_privilege('session_replication_role', 'SET')
"""
_DECLARED: Final = """
SELECT set_config('session_replication_role', 'origin', true)
WHERE has_parameter_privilege('session_replication_role', 'SET')
"""


class NotProved(IntegrityError):
    """Rows were written that refer to nothing, or fewer than should be; the transaction must not commit."""


def text(value: str) -> str:
    """A text as COPY reads it."""
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def copy(model: type[Model], columns: str, rows: Iterable[str]) -> None:
    """Write rows, each a line of tab-separated values that ends in a newline; ``columns`` names them in order.

    Every column is named except a key that the database counts: a new one on the model is noticed here.
    """
    lines = list(rows)
    if not lines:
        return
    with connection.cursor() as cursor:
        with connection.wrap_database_errors, cursor.copy(_statement(model, columns)) as stream:
            stream.write("".join(lines))
        if cursor.rowcount != len(lines):
            raise NotProved(f"{cursor.rowcount} of {len(lines)} rows of {model.__name__} were written")


@cache
def _statement(model: type[Model], columns: str) -> str:
    needed = {str(field.column) for field in model._meta.concrete_fields if not isinstance(field, AutoField)}
    named = columns.split()
    if set(named) != needed:
        raise TypeError(f"the columns of {model.__name__} to copy are {sorted(needed)}, not {sorted(named)}")
    return f"COPY {model._meta.db_table} ({', '.join(named)}) FROM STDIN"


@contextmanager
def proved() -> Iterator[None]:
    """Leave the declared foreign keys of what the block writes to the caller's proof, within its transaction.

    Where the role has no right to ``SET session_replication_role``, the keys are checked row by row as ever: slower,
    the same result.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PROVED)
        yield  # where it raises, the transaction is rolled back, and this setting with it
        cursor.execute(_DECLARED)


def require_nothing(query: str, values: Mapping[str, int]) -> None:
    """Raise NotProved with what a query for broken references finds."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        broken = [what for (what,) in cursor.fetchall()]
    if broken:
        raise NotProved(f"refers to nothing: {', '.join(broken)}")
