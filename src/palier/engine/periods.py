"""Billing periods: half-open, computed from the anchor, in the seller's zone."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from palier.engine.errors import EngineError


class NaiveInstant(EngineError):
    """An instant without a zone; the engine only takes aware ones."""

    code: ClassVar[str] = "naive_instant"


class UnknownZone(EngineError):
    """Not a zone of the IANA database, such as "Europe/Paris"."""

    code: ClassVar[str] = "unknown_zone"


class ReversedPeriod(EngineError):
    """A period that ends before it starts."""

    code: ClassVar[str] = "reversed_period"


class Interval(StrEnum):
    """How long one paid period is."""

    MONTH = "month"
    YEAR = "year"

    @property
    def months(self) -> int:
        return 12 if self is Interval.YEAR else 1


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) in aware UTC. Empty (start == end) when nothing of a period is left to pay."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            object.__setattr__(self, "start", in_utc(self.start))
            object.__setattr__(self, "end", in_utc(self.end))
        if self.end < self.start:
            raise ReversedPeriod(f"period ends at {self.end}, before its start {self.start}")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


def in_utc(at: datetime) -> datetime:
    """The same instant in UTC, or NaiveInstant."""
    if at.tzinfo is None:
        raise NaiveInstant(f"{at} has no time zone")
    return at.astimezone(UTC)


def zone_named(zone: str) -> ZoneInfo:
    """The IANA zone of that name, or UnknownZone."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise UnknownZone(f"{zone!r} is not an IANA time zone") from None


def local_date(at: datetime, zone: str) -> date:
    """The calendar day of an instant in a zone."""
    return in_utc(at).astimezone(zone_named(zone)).date()


def day_starts_at(day: date, zone: str) -> datetime:
    """First instant of a local calendar day, in UTC; where the clock skips midnight, the instant of the skip."""
    return datetime.combine(day, time(), tzinfo=zone_named(zone)).astimezone(UTC)


def start_of_day(at: datetime, zone: str) -> datetime:
    """First instant of the local calendar day that holds `at`, in UTC."""
    return day_starts_at(local_date(at, zone), zone)


def whole_second(at: datetime) -> datetime:
    """The instant in UTC without its fraction of a second."""
    return in_utc(at).replace(microsecond=0)


def period_at(anchor_at: datetime, interval: Interval, index: int, zone: str) -> Period:
    """The index-th period counted from the anchor (0 starts at the anchor itself; negative ones precede it).

    Each edge is computed from the anchor, never from the edge before, so a short month leaves no trace:
    31 January, 28 February, 31 March; 29 February, 28 February, and 29 again in the next leap year.
    """
    local = in_utc(anchor_at).astimezone(zone_named(zone))
    return Period(_edge(local, index * interval.months), _edge(local, (index + 1) * interval.months))


def period_containing(anchor_at: datetime, interval: Interval, at: datetime, zone: str) -> Period:
    """The period counted from the anchor that holds `at`."""
    local = in_utc(anchor_at).astimezone(zone_named(zone))
    there = in_utc(at).astimezone(local.tzinfo)
    months = (there.year - local.year) * 12 + there.month - local.month
    index = months // interval.months
    # The months differ by at most one either way from the true count, whatever the days and the clock changes.
    if _edge(local, index * interval.months) > at:
        index -= 1
    elif _edge(local, (index + 1) * interval.months) <= at:
        index += 1
    return period_at(anchor_at, interval, index, zone)


def _edge(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    # fold is dropped: an hour that comes twice means its first coming, on every edge alike.
    moved = local.replace(year=year, month=month + 1, day=day, fold=local.fold if months == 0 else 0)
    return moved.astimezone(UTC)


def days_between(first: date, last: date) -> int:
    """Calendar days from one local day to another."""
    return (last - first).days


def seconds_between(start: datetime, end: datetime) -> int:
    """Whole seconds from one instant to another."""
    return (end - start) // timedelta(seconds=1)
