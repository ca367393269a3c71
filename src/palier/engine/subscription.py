"""Facts about a subscription: what it holds, and what was invoiced for the time that still runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from palier.engine.errors import EngineError
from palier.engine.periods import Interval, Period
from palier.engine.prices import ItemKind, Price
from palier.engine.taxes import TaxRule


class QuantityOutOfRange(EngineError):
    """Seats or units below 1."""

    code: ClassVar[str] = "quantity_out_of_range"


class MixedItems(EngineError):
    """Items of one subscription that differ in currency or interval, repeat a key, or lack exactly one plan."""

    code: ClassVar[str] = "mixed_items"


class ImpossiblePaid(EngineError):
    """An invoiced line with a negative amount, or with more credited than was invoiced."""

    code: ClassVar[str] = "impossible_paid"


@dataclass(frozen=True, slots=True)
class Item:
    """Seats on a plan, or units of an add-on, at the price they were sold at."""

    price: Price
    quantity: int

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise QuantityOutOfRange(f"{self.quantity} of {self.price.key!r}: at least 1 is needed")


@dataclass(frozen=True, slots=True)
class Paid:
    """One invoiced charge whose time may still run. Amounts are net minor units.

    `credited_minor` is the sum of all earlier credits on the line. `ends_at` is set when one of them took back
    the rest of the line's time: from that instant on the line covers nothing.
    """

    line: str  # id of the invoice line
    kind: ItemKind
    key: str
    quantity: int
    unit_minor: int
    period: Period
    amount_minor: int
    credited_minor: int = 0
    ends_at: datetime | None = None
    tax: TaxRule | None = None  # the rule it was invoiced under; None: the rule of today

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise QuantityOutOfRange(f"paid line {self.line!r} has quantity {self.quantity}")
        if not 0 <= self.credited_minor <= self.amount_minor:
            raise ImpossiblePaid(f"paid line {self.line!r}: {self.credited_minor} credited of {self.amount_minor}")


@dataclass(frozen=True, slots=True)
class State:
    """What a subscription is: one plan with its seats, its add-ons, and the period that is paid."""

    interval: Interval
    currency: str
    anchor_at: datetime
    period: Period
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        require_one_kind(self.items)
        if self.items[0].price.currency != self.currency or self.items[0].price.interval is not self.interval:
            raise MixedItems("the items are not in the currency and interval of the subscription")

    @property
    def plan(self) -> Item:
        return next(item for item in self.items if item.price.kind is ItemKind.PLAN)

    @property
    def seats(self) -> int:
        return self.plan.quantity

    @property
    def add_ons(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.price.kind is ItemKind.ADD_ON)

    def held(self, price: Price) -> Price:
        """The price as this subscription was sold it, if it holds that plan or add-on on that interval; else itself.

        This is how a subscription keeps its prices when the catalogue moves on.
        """
        for item in self.items:
            if (item.price.kind, item.price.key, item.price.interval) == (price.kind, price.key, price.interval):
                return item.price
        return price


@dataclass(frozen=True, slots=True)
class Current:
    """A subscription and the charges that were invoiced for it, oldest first."""

    state: State
    paid: tuple[Paid, ...]


def require_one_kind(items: tuple[Item, ...]) -> None:
    """MixedItems unless there is exactly one plan, no key twice, one currency and one interval."""
    plans = [item for item in items if item.price.kind is ItemKind.PLAN]
    if len(plans) != 1:
        raise MixedItems(f"a subscription has exactly one plan, not {len(plans)}")
    if len({(item.price.kind, item.price.key) for item in items}) != len(items):
        raise MixedItems("the same item is named twice")
    if len({(item.price.currency, item.price.interval) for item in items}) != 1:
        raise MixedItems("all items of a subscription share one currency and one interval")
