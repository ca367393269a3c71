"""The database's own walls, taken down for the time of a block: what is left to notice is the examination."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.test import TransactionTestCase

_CONSTRAINT = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND conrelid = to_regclass(%s)"


@contextmanager
def taken_down(walls: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Without these constraints, (table, name). They come back once the database is as empty as it is after each test:
    what they would have refused is gone then."""
    rebuilt = [_take_down(table, name) for table, name in walls]
    try:
        yield
    finally:
        if rebuilt:
            TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # Django's own
        for statement in rebuilt:
            with connection.cursor() as cursor:
                cursor.execute(statement)


def _take_down(table: str, name: str) -> str:
    """Drop a constraint or a unique index; returns the statement that makes it again."""
    definition = definition_of(table, name)
    assert definition, f"{table} has no wall {name}"
    is_index = definition.startswith("CREATE")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}" if is_index else f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return definition if is_index else f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"


def definition_of(table: str, name: str) -> str:
    """What a constraint or a unique index says, as PostgreSQL writes it down; empty where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINT, [name, table])
        found = cursor.fetchone()
        if found is None:
            cursor.execute("SELECT pg_get_indexdef(to_regclass(%s))", [name])
            found = cursor.fetchone()
    return str(found[0] or "") if found else ""
