"""Prices: what one seat, or one unit of an add-on, costs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from palier.engine.errors import EngineError
from palier.engine.money import Rounding, rounded
from palier.engine.periods import Interval


class NegativePrice(EngineError):
    """A price below zero."""

    code: ClassVar[str] = "negative_price"


class ItemKind(StrEnum):
    """What a price buys: seats on a plan, or units of an add-on."""

    PLAN = "plan"
    ADD_ON = "add_on"


@dataclass(frozen=True, slots=True)
class Price:
    """One price as it was sold; never edited. `monthly_minor` is for one seat (or unit) and one month.

    `full_minor` is set only where a full period costs something else than its months times `monthly_minor`, such as
    100.00 a year; `monthly_minor` is then the nearest whole amount, for display.
    """

    key: str  # stable: "team", "records"; names on screens come from the catalogue
    kind: ItemKind
    rank: int  # order of the plans, low to high; add-ons have 0
    interval: Interval
    currency: str
    monthly_minor: int
    full_minor: int | None = None

    def __post_init__(self) -> None:
        if self.monthly_minor < 0 or (self.full_minor is not None and self.full_minor < 0):
            raise NegativePrice(f"price {self.key!r} is below zero")

    @property
    def unit_minor(self) -> int:
        """What one seat (or unit) costs for one full period."""
        return self.monthly_minor * self.interval.months if self.full_minor is None else self.full_minor


def price_of_period(
    *, key: str, kind: ItemKind, rank: int, interval: Interval, currency: str, unit_minor: int
) -> Price:
    """A price given for a full period (100.00 a year) rather than for a month."""
    monthly, rest = divmod(unit_minor, interval.months)
    if rest == 0:
        return Price(key, kind, rank, interval, currency, monthly)
    return Price(
        key, kind, rank, interval, currency, rounded(unit_minor, interval.months, Rounding.HALF_UP), unit_minor
    )
