"""What is left of a period, and the price of it: the whole-number core of every amount that Palier charges.

A share of a period is (left, units), two whole numbers; an amount is price x quantity x left / units, rounded
once by the policy. Nothing else in Palier prorates. docs/algorithms/proration.md has the rule in prose.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from palier.engine.errors import EngineError
from palier.engine.money import rounded
from palier.engine.periods import (
    Interval,
    Period,
    day_starts_at,
    days_between,
    in_utc,
    local_date,
    seconds_between,
    whole_second,
)
from palier.engine.policies import ChangeDay, DayCount, ProrationPolicy, RoundedPer, Unit

DAYS_OF_A_MONTH = 30
SECONDS_OF_A_DAY = 86_400


class ChangeOutsidePeriod(EngineError):
    """A change before the paid period starts, or at or after its end: there is nothing left to prorate."""

    code: ClassVar[str] = "change_outside_period"


@dataclass(frozen=True, slots=True)
class Share:
    """What is left of a period: `left` of `units` (days or seconds), 0 <= left <= units; `period` is the time left."""

    left: int
    units: int
    period: Period


def cut_at(at: datetime, policy: ProrationPolicy) -> datetime:
    """The instant from which a change made at `at` counts.

    Unit second: the whole second of the change. Unit day: the start of the local day of the change when that day
    is left, the start of the next one when it is used.
    """
    if policy.unit is Unit.SECOND:
        return whole_second(at)
    day = local_date(at, policy.zone)
    if policy.change_day is ChangeDay.USED:
        day += timedelta(days=1)
    return day_starts_at(day, policy.zone)


def require_inside(period: Period, at: datetime) -> None:
    """ChangeOutsidePeriod unless the period holds the instant."""
    if in_utc(at) not in period:
        raise ChangeOutsidePeriod(f"the change at {at} is not in the paid period {period.start} to {period.end}")


def remaining(period: Period, cut: datetime, interval: Interval, policy: ProrationPolicy, *, whole: bool) -> Share:
    """What is left of a period from the cut on; all of it if the cut is not after its start.

    `whole`: the period is a full billing period, which day count "30" takes as 30 days a month. A part of one (paid
    for when seats were added in mid-cycle) is measured by its own length in the same count.
    """
    units = units_of(period, interval, policy, whole=whole)
    if cut <= period.start:
        return Share(units, units, period)
    if cut >= period.end:
        return Share(0, units, Period(period.end, period.end))
    return Share(min(_count(cut, period.end, policy), units), units, Period(cut, period.end))


def prorated(unit_minor: int, quantity: int, left: int, units: int, policy: ProrationPolicy) -> int:
    """Minor units for `quantity` seats at `unit_minor` for left/units of a period, rounded by the policy."""
    if policy.rounded_per is RoundedPer.UNIT:
        return quantity * rounded(unit_minor * left, units, policy.rounding)
    return rounded(unit_minor * quantity * left, units, policy.rounding)


def unused(amount_minor: int, quantity: int, left: int, units: int, policy: ProrationPolicy) -> int:
    """The rest of an invoiced amount, before the cap: left/units of it, rounded by the policy."""
    if policy.rounded_per is RoundedPer.UNIT:
        return quantity * rounded(amount_minor * left, units * quantity, policy.rounding)
    return rounded(amount_minor * left, units, policy.rounding)


def units_of(period: Period, interval: Interval, policy: ProrationPolicy, *, whole: bool) -> int:
    """Days or seconds that a period counts by the policy, at least 1."""
    real = _count(period.start, period.end, policy)
    if policy.day_count is DayCount.THIRTY:
        full = DAYS_OF_A_MONTH * interval.months * (SECONDS_OF_A_DAY if policy.unit is Unit.SECOND else 1)
        real = full if whole else min(real, full)
    return max(real, 1)


def _count(start: datetime, end: datetime, policy: ProrationPolicy) -> int:
    if policy.unit is Unit.SECOND:
        return max(seconds_between(start, end), 0)
    first, last = local_date(start, policy.zone), local_date(end, policy.zone)
    count = days_between(first, last) if policy.day_count is DayCount.ACTUAL else _days_of_30(first, last)
    return max(count, 0)


def _days_of_30(first: date, last: date) -> int:
    """Days between dates, every month crossed counting 30: 23 May to 15 June is 22, as is 23 February to 15 March."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months * DAYS_OF_A_MONTH + last.day - first.day
