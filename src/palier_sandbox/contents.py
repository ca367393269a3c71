"""What the book holds, as a checker reads it: everything, or what concerns a few cards."""

import json
from collections.abc import Sequence
from typing import Final

from palier_sandbox.book import Book, Row
from palier_sandbox.clock import iso

ABOUT: Final = """
reference in (select reference from charges where token in (select value from json_each(?))
    union select value from json_each(?))
"""
REFERENCES: Final = """
select a.reference, count(*) as attempts,
    (select count(*) from charges c where c.reference = a.reference) as charges,
    (select count(*) from charges c where c.reference = a.reference and c.state = 'succeeded') as captured,
    (select coalesce(sum(amount_minor), 0) from charges c where c.reference = a.reference and c.state = 'succeeded')
        as captured_minor,
    (select coalesce(sum(amount_minor), 0) from refunds r where r.reference = a.reference) as refunded_minor
from attempts a where {about} group by a.reference order by min(a.number)
"""
HIDDEN: Final = {"secret", "told", "webhooks", "capture_anyway"}


def whole(book: Book) -> Row:
    """Every charge, refund, attempt and event, and counts by reference."""
    return _contents(book, "true", ())


def about(book: Book, cards: Sequence[str], references: Sequence[str]) -> Row:
    """The same of what was charged to these cards, and of what was asked under these references."""
    return _contents(book, ABOUT, (json.dumps(cards), json.dumps(references)))


def _contents(book: Book, about: str, values: tuple[str, ...]) -> Row:
    def rows(query: str) -> list[Row]:
        return book.all(query.format(about=about), *values)

    return {
        "charges": [charge_row(row) for row in rows("select * from charges where {about} order by created_at, id")],
        "refunds": [
            {**row, "created_at": iso(row["created_at"])}
            for row in rows("select * from refunds where {about} order by created_at, id")
        ],
        "attempts": [
            {**row, "at": iso(row["at"])} for row in rows("select * from attempts where {about} order by number")
        ],
        "references": {row.pop("reference"): row for row in rows(REFERENCES)},
        "events": [
            _event_row(row)
            for row in rows(
                "select * from events where charge in (select id from charges where {about}) order by number"
            )
        ],
    }


def charge_row(row: Row) -> Row:
    """A charge with all that is no secret of the service."""
    stated = {name: value for name, value in row.items() if name not in HIDDEN}
    instants = {name: iso(row[name]) for name in ("created_at", "ended_at", "capture_at")}
    return {**stated, **instants, "on_session": bool(row["on_session"])}


def _event_row(row: Row) -> Row:
    instants = {name: iso(row[name]) for name in ("due_at", "created_at", "delivered_at")}
    return {**row, **instants, "body": json.loads(row["body"])}
