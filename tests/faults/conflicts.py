"""The database says no at a chosen statement of a flow, in its own words, and the books are read from outside.

The server itself raises the error, in the session of the flow and instead of the statement: so the transaction is lost
as it is after a real conflict, and nothing in the program knows of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import psycopg
from django.db import connection

from tests.actors.points import name_of
from tests.faults.pauses import Action

CODES: Final = ("40001", "40P01", "55P03")
"""A serialisation failure, a deadlock, a lock that does not come."""

_RAISE: Final = "DO $$ BEGIN RAISE EXCEPTION 'said on purpose' USING ERRCODE = '{code}'; END $$"
_TABLES: Final = """
SELECT format('SELECT %L, md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM %I t', tablename, tablename)
FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename
"""


@dataclass
class Snag:
    """Strikes at statement ``number`` (from 0; None: never) with an SQLSTATE. ``struck`` names what it took the place
    of, and ``before`` is what stood committed at that moment."""

    books: "Books"
    number: int | None = None
    code: str = ""
    passed: int = 0
    struck: str = ""
    before: dict[str, str] = field(default_factory=dict)

    def on(self, action: Action) -> Action:
        """The action, with this snag in its session."""

        def doing() -> object:
            with connection.execute_wrapper(self._statement):
                return action()

        return doing

    def _statement(self, execute: Callable[..., Any], statement: str, values: Any, many: bool, how: Any) -> Any:
        self.passed += 1
        if self.passed - 1 == self.number:
            self.struck, self.before = name_of(statement), self.books.now()
            return execute(_RAISE.format(code=self.code), None, False, how)
        return execute(statement, values, many, how)


class Books:
    """All that is committed, seen by another session."""

    def __init__(self, url: str) -> None:
        self._session = psycopg.connect(url, autocommit=True)

    def now(self) -> dict[str, str]:
        """A digest of the rows of each table."""
        return dict(self._session.execute(self._question()).fetchall())

    def close(self) -> None:
        self._session.close()

    @cache  # noqa: B019 - as long as a test
    def _question(self) -> str:
        return " UNION ALL ".join(line for (line,) in self._session.execute(_TABLES).fetchall())
