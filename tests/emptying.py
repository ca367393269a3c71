"""After a test that really commits: the database is empty again, at the cost of what the test has written.

Django's own way is a TRUNCATE of every table, with a new file for each of them and for each of their 200 indexes, and
then every permission is written anew: a third of a second of work, mostly for tables that nobody has touched.
"""

from collections.abc import Iterable

from django.db import connection, transaction
from psycopg import sql

_TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY relname
"""
_MAY_SILENCE = "SELECT has_parameter_privilege('session_replication_role', 'SET')"
_STEADFAST = """
SELECT relname, tgname, CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE tgenabled IN ('A', 'R') AND relname = ANY(%s) ORDER BY relname, tgname
"""


class Emptying:
    """Of the database that Django is connected to. A table that holds something now keeps it, and all else in it."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)
            tables = [name for (name,) in cursor.fetchall()]
        kept = self._filled(tables)
        self._tables = [name for name in tables if name not in kept]

    @property
    def possible(self) -> bool:
        """Whether the role may silence the database's own triggers."""
        with connection.cursor() as cursor:
            cursor.execute(_MAY_SILENCE)
            return bool(cursor.fetchone()[0])

    def __call__(self) -> None:
        """Delete every row of the other tables; no trigger speaks, also not of what is append-only for everybody."""
        filled = self._filled(self._tables)
        if not filled:
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STEADFAST, [filled])
            steadfast = cursor.fetchall()
            statements = [
                sql.SQL("SET LOCAL session_replication_role = replica"),
                *(_alter("DISABLE", table, trigger) for table, trigger, _how in steadfast),
                *(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in filled),
                *(_alter(f"ENABLE {how}", table, trigger) for table, trigger, how in steadfast),
            ]
            cursor.execute(sql.SQL("; ").join(statements))

    def _filled(self, tables: Iterable[str]) -> list[str]:
        """Those that hold a row."""
        asked = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(table), sql.Identifier(table))
            for table in tables
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(" UNION ALL ").join(asked))
            return [name for (name,) in cursor.fetchall()]


def _alter(how: str, table: str, trigger: str) -> sql.Composed:
    names = {"table": sql.Identifier(table), "trigger": sql.Identifier(trigger)}
    return sql.SQL("ALTER TABLE {table} {how} TRIGGER {trigger}").format(how=sql.SQL(how), **names)
