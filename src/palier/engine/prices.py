"""Prices: what one seat, or one unit of an add-on, costs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from palier.engine.errors import EngineError
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
    """One price as it was sold; never edited. `monthly_minor` is for one seat (or unit) and one month."""

    key: str  # stable: "team", "records"; names on screens come from the catalogue
    kind: ItemKind
    rank: int  # order of the plans, low to high; add-ons have 0
    interval: Interval
    currency: str
    monthly_minor: int

    def __post_init__(self) -> None:
        if self.monthly_minor < 0:
            raise NegativePrice(f"price {self.key!r} is {self.monthly_minor}, below zero")

    @property
    def unit_minor(self) -> int:
        """What one seat (or unit) costs for one full period."""
        return self.monthly_minor * self.interval.months
