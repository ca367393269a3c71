"""Days, months and shares, counted by hand: nothing of the engine but its rounding."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from palier.engine.money import Rounding, rounded

PARIS = ZoneInfo("Europe/Paris")
MONTHS = {"month": 1, "year": 12}


def midnight(day: date) -> datetime:
    """When a day begins in Paris."""
    return datetime.combine(day, time(), tzinfo=PARIS).astimezone(UTC)


def day_of(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def edge(anchor: date, months: int) -> date:
    """So many months after the anchor; the month's last day where it has no such day."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def end_after(anchor: date, interval: str, start: date) -> date:
    """The first edge of the anchor after a day."""
    count = 0
    while edge(anchor, count * MONTHS[interval]) <= start:
        count += 1
    return edge(anchor, count * MONTHS[interval])


def share(start: date, end: date, cut: date) -> Fraction:
    """What is left of [start, end) from a day on."""
    return Fraction(max(0, (end - max(start, cut)).days), max(1, (end - start).days))


def half_up(exact: Fraction) -> int:
    return rounded(exact.numerator, exact.denominator, Rounding.HALF_UP)


def next_day(day: date) -> date:
    return day + timedelta(days=1)
