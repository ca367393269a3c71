"""Lines of a draft: charges for time to come, credits for time paid and not used."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from palier.engine.periods import Interval, Period
from palier.engine.policies import ProrationPolicy, Unit
from palier.engine.prices import ItemKind
from palier.engine.proration import Share, prorated, remaining, units_of, unused
from palier.engine.subscription import Current, Item, Paid, State
from palier.engine.taxes import Taxing, TaxRule, rule_for


class LineKind(StrEnum):
    CHARGE = "charge"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a draft with everything that explains its amount.

    `amount_minor` is net; a credit is negative. A charge is unit_minor x quantity x left/units; a credit is
    left/units of `paid_minor`, never more than `paid_minor` less `credited_minor`.
    """

    kind: LineKind
    item_kind: ItemKind
    key: str
    quantity: int
    unit_minor: int  # one seat (or unit) for one full period
    interval: Interval
    period: Period  # the time that this line charges or gives back
    amount_minor: int
    left: int  # days or seconds charged or given back ...
    units: int  # ... of this many; equal to `left` for a full period
    unit: Unit
    tax: TaxRule
    counted_in: Period  # the period of which `units` is the length
    credits: str | None = None  # the invoice line that a credit gives back a part of
    paid_minor: int = 0  # net amount of that line
    credited_minor: int = 0  # what was credited on it before

    @property
    def fraction(self) -> tuple[int, int]:
        """(numerator, denominator) of the share, as counted; (1, 1) for a full period."""
        return (1, 1) if self.left == self.units else (self.left, self.units)


def full_charge(item: Item, period: Period, tax: Taxing, policy: ProrationPolicy) -> Line:
    """A charge for a whole period: no rounding can occur."""
    price = item.price
    units = units_of(period, price.interval, policy, whole=True)
    return Line(
        kind=LineKind.CHARGE,
        item_kind=price.kind,
        key=price.key,
        quantity=item.quantity,
        unit_minor=price.unit_minor,
        interval=price.interval,
        period=period,
        amount_minor=price.unit_minor * item.quantity,
        left=units,
        units=units,
        unit=policy.unit,
        tax=rule_for(tax, price.key),
        counted_in=period,
    )


def part_charge(item: Item, state: State, share: Share, tax: Taxing, policy: ProrationPolicy) -> Line:
    """A charge for what is left of the subscription's period."""
    price = item.price
    return Line(
        kind=LineKind.CHARGE,
        item_kind=price.kind,
        key=price.key,
        quantity=item.quantity,
        unit_minor=price.unit_minor,
        interval=price.interval,
        period=share.period,
        amount_minor=prorated(price.unit_minor, item.quantity, share.left, share.units, policy),
        left=share.left,
        units=share.units,
        unit=policy.unit,
        tax=rule_for(tax, price.key),
        counted_in=state.period,
    )


def rest_of(
    current: Current, items: tuple[Item, ...], cut: datetime, tax: Taxing, policy: ProrationPolicy
) -> list[Line]:
    """Credits for the unused time of some items: one for each invoiced line that covers time after the cut."""
    credits = []
    for paid in covering(current, items, cut):
        credit = _credit(paid, current.state, cut, tax, policy)
        if credit.amount_minor:
            credits.append(credit)
    return credits


def covering(current: Current, items: tuple[Item, ...], cut: datetime) -> list[Paid]:
    """The invoiced lines of some items that still cover time after the cut, oldest first.

    A line whose rest was taken back (`ends_at`) covers nothing from there on. Where the facts do not say, a line that
    was credited is taken only if the lines that were not do not yet account for the whole quantity held: two lines for
    the same three seats are the old charge and its successor, never six seats.
    """
    kinds = {item.price.kind for item in items if item.price.kind is ItemKind.PLAN}
    held = {(item.price.kind, item.price.key): item.quantity for item in items}
    lines = [
        paid
        for paid in current.paid
        if (paid.kind in kinds or (paid.kind, paid.key) in held)
        and paid.period.end > cut
        and (paid.ends_at is None or paid.ends_at > cut)
    ]
    taken = set()
    for untouched in (True, False):
        for index in range(len(lines) - 1, -1, -1):
            paid = lines[index]
            wanted = held.get((paid.kind, paid.key), 0)
            if (paid.credited_minor == 0) is untouched and (untouched or wanted > 0):
                held[paid.kind, paid.key] = wanted - paid.quantity
                taken.add(index)
    return [paid for index, paid in enumerate(lines) if index in taken]


def _credit(paid: Paid, state: State, cut: datetime, tax: Taxing, policy: ProrationPolicy) -> Line:
    whole = paid.period.start <= state.period.start
    share = remaining(paid.period, cut, state.interval, policy, whole=whole)
    rest = unused(paid.amount_minor, paid.quantity, share.left, share.units, policy)
    return Line(
        kind=LineKind.CREDIT,
        item_kind=paid.kind,
        key=paid.key,
        quantity=paid.quantity,
        unit_minor=paid.unit_minor,
        interval=state.interval,
        period=share.period,
        amount_minor=-min(rest, paid.amount_minor - paid.credited_minor),
        left=share.left,
        units=share.units,
        unit=policy.unit,
        tax=paid.tax or rule_for(tax, paid.key),
        counted_in=paid.period,
        credits=paid.line,
        paid_minor=paid.amount_minor,
        credited_minor=paid.credited_minor,
    )
