"""What the tables of an export are made of."""

from collections.abc import Mapping
from datetime import datetime

from palier.kit import formats

type Cell = str | int | None
type Row = Mapping[str, Cell]


def instant(at: datetime | None) -> str | None:
    """An instant in UTC (ISO 8601), nothing for none."""
    return at.isoformat() if at else None


def figure(minor: int, currency: str) -> str:
    """A sum of minor units as a decimal figure of its currency."""
    return str(formats.decimal_of(minor, currency))


def told(answer: bool | None) -> str | None:
    """A yes or no, nothing where nobody has answered."""
    return None if answer is None else str(answer).lower()
