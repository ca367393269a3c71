"""The service's own clock: the machine's time plus what a test has added to it. It survives a restart."""

import time
from datetime import UTC, datetime

from palier_sandbox.book import Book


class Clock:
    """Seconds since 1970. Cards expire, keys are forgotten and retries fall due by this clock."""

    def __init__(self, book: Book) -> None:
        self._book = book
        row = book.one("select value from settings where name = 'clock_offset'")
        self._offset = float(row["value"]) if row else 0.0

    def now(self) -> float:
        """The present instant."""
        return time.time() + self._offset

    def today(self) -> datetime:
        """The present instant as an aware UTC datetime."""
        return datetime.fromtimestamp(self.now(), UTC)

    def set(self, at: datetime) -> None:
        """Travel to ``at``; time goes on from there."""
        self._keep(at.timestamp() - time.time())

    def advance(self, seconds: float) -> None:
        """Travel forward, or back when negative."""
        self._keep(self._offset + seconds)

    def _keep(self, offset: float) -> None:
        datetime.fromtimestamp(time.time() + offset, UTC)  # an instant no calendar has is refused before it is kept
        self._book.run("insert or replace into settings values ('clock_offset', ?)", repr(offset))
        self._offset = offset


def iso(at: float | None) -> str | None:
    """An instant as the API writes it."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
