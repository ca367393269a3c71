"""Policy as data: how a part of a period is counted and rounded, and which way a change goes."""

from dataclasses import dataclass
from enum import StrEnum

from palier.engine.money import Rounding
from palier.engine.subscription import Item


class Unit(StrEnum):
    """What is counted: calendar days in the seller's zone, or seconds."""

    DAY = "day"
    SECOND = "second"


class ChangeDay(StrEnum):
    """Whether the day of the change belongs to the time used or to the time left. Unit day only."""

    USED = "used"
    LEFT = "left"


class DayCount(StrEnum):
    """What a full period counts: its real days, or 30 days a month (360 a year)."""

    ACTUAL = "actual"
    THIRTY = "30"


class RoundedPer(StrEnum):
    """Whether a line is rounded once, or one unit is rounded and then multiplied by the quantity."""

    LINE = "line"
    UNIT = "unit"


class Direction(StrEnum):
    NEW = "new"
    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class ProrationPolicy:
    """The seller's rules for a part of a period; `zone` is the seller's, and decides where a day begins."""

    unit: Unit = Unit.DAY
    change_day: ChangeDay = ChangeDay.USED
    day_count: DayCount = DayCount.ACTUAL
    rounding: Rounding = Rounding.HALF_UP
    rounded_per: RoundedPer = RoundedPer.LINE
    zone: str = "Europe/Paris"


def direction(current: Item | None, target: Item) -> Direction:
    """Which way a plan moves: by rank of the plan, then length of the interval, then seats."""
    if current is None:
        return Direction.NEW
    here, there = _height(current), _height(target)
    if there == here:
        return Direction.SAME
    return Direction.UP if there > here else Direction.DOWN


def _height(item: Item) -> tuple[int, int, int]:
    return item.price.rank, item.price.interval.months, item.quantity
