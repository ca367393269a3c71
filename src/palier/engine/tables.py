"""The price table of a page: every plan, interval and number of seats, exact, made by the core that makes drafts.

A click on a plan, the toggle or a number of seats is then a look-up in the browser. tests/engine prove each cell
equal to the draft that `drafts.new_subscription` or `drafts.change` computes for the same choice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from palier.engine.lines import rest_of
from palier.engine.periods import Interval
from palier.engine.policies import Direction, ProrationPolicy, direction
from palier.engine.prices import Price
from palier.engine.proration import cut_at, prorated, remaining, require_inside
from palier.engine.subscription import Current, Item, MixedItems
from palier.engine.taxes import Taxing, TaxRule, rule_for, tax_on


@dataclass(frozen=True, slots=True)
class TableRow:
    """One plan on one interval. Each tuple holds a figure for `first_seats`, `first_seats` + 1, ... in minor units."""

    plan: str
    interval: Interval
    price: Price  # the price that applies: the one held, where the subscription holds this plan on this interval
    first_seats: int
    net_minor: tuple[int, ...]  # due now
    tax_minor: tuple[int, ...]
    total_minor: tuple[int, ...]
    renewal_net_minor: tuple[int, ...]
    renewal_total_minor: tuple[int, ...]
    directions: tuple[Direction, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the seats do not change of a sum: credits and add-ons, under the tax rule of the seats or others."""

    same_minor: int = 0
    other_net_minor: int = 0
    other_tax_minor: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """How a stretch of a row is charged: left/units of the price of the seats above `paid_seats`, plus `fixed`."""

    left: int = 1
    units: int = 1
    paid_seats: int = 0
    fixed: Fixed = Fixed()


def figures(price_minor: int, seats: int, scene: Scene, rate_ppm: int, policy: ProrationPolicy) -> tuple[int, int]:
    """(net, tax) of one choice in minor units, by whole-number arithmetic only: the core of a quote."""
    fixed = scene.fixed
    charge = prorated(price_minor, seats - scene.paid_seats, scene.left, scene.units, policy)
    base = fixed.same_minor + charge
    return base + fixed.other_net_minor, tax_on(base, rate_ppm) + fixed.other_tax_minor


def price_table(
    prices: Sequence[Price],
    *,
    seats: range,
    current: Current | None = None,
    add_ons: Mapping[Interval, Sequence[Item]] | None = None,
    tax: Taxing,
    policy: ProrationPolicy,
    now: datetime,
) -> tuple[TableRow, ...]:
    """One row for each plan price, for a free account (`current` None) or for a subscription at `now`.

    `add_ons` go with a new period of their interval; within the paid period those held stay as they are. `seats` is a
    range of step 1 from 1 or more. Raises what the drafts raise: ChangeOutsidePeriod, MixedItems.
    """
    if current is not None:
        require_inside(current.state.period, now)
    return tuple(_row(price, seats, current, add_ons or {}, tax, policy, now) for price in prices)


def _row(
    price: Price,
    seats: range,
    current: Current | None,
    add_ons: Mapping[Interval, Sequence[Item]],
    tax: Taxing,
    policy: ProrationPolicy,
    now: datetime,
) -> TableRow:
    extras: Sequence[Item] = add_ons.get(price.interval, ())
    held = 0  # seats of the very same price; where they are not exceeded, the row runs through its second scene
    if current is None:
        above = below = Scene(fixed=_fixed(_charges(extras, tax), price, tax))
    elif price.interval is not current.state.interval:
        if current.state.add_ons and price.interval not in add_ons:
            raise MixedItems("add-ons change interval with the plan: give their prices for the new interval")
        credits = _credits(current, current.state.items, tax, policy, now)
        above = below = Scene(fixed=_fixed([*credits, *_charges(extras, tax)], price, tax))
    else:
        extras = current.state.add_ons
        price = current.state.held(price)
        share = remaining(current.state.period, cut_at(now, policy), price.interval, policy, whole=True)
        credits = _credits(current, (current.state.plan,), tax, policy, now)
        above = below = Scene(share.left, share.units, fixed=_fixed(credits, price, tax))
        if price == current.state.plan.price:
            held = current.state.seats
            above = Scene(share.left, share.units, paid_seats=held)
    return _filled(price, seats, current, held, above, below, _fixed(_charges(extras, tax), price, tax), tax, policy)


def _filled(
    price: Price,
    seats: range,
    current: Current | None,
    held: int,
    above: Scene,
    below: Scene,
    renewing: Fixed,
    tax: Taxing,
    policy: ProrationPolicy,
) -> TableRow:
    unit_minor, rate_ppm = price.unit_minor, rule_for(tax, price.key).rate_ppm
    at_renewal = Scene(fixed=renewing)
    due, renewal, ways = [], [], []
    plan = None if current is None else current.state.plan
    for count in seats:
        scene = above if count > held else below
        due.append((0, 0) if count == held else figures(unit_minor, count, scene, rate_ppm, policy))
        renewal.append(figures(unit_minor, count, at_renewal, rate_ppm, policy))
        ways.append(direction(plan, Item(price, count)))
    return TableRow(
        plan=price.key,
        interval=price.interval,
        price=price,
        first_seats=seats.start,
        net_minor=tuple(net for net, _ in due),
        tax_minor=tuple(tax_minor for _, tax_minor in due),
        total_minor=tuple(net + tax_minor for net, tax_minor in due),
        renewal_net_minor=tuple(net for net, _ in renewal),
        renewal_total_minor=tuple(net + tax_minor for net, tax_minor in renewal),
        directions=tuple(ways),
    )


def _credits(
    current: Current, items: tuple[Item, ...], tax: Taxing, policy: ProrationPolicy, now: datetime
) -> list[tuple[TaxRule, int]]:
    lines = rest_of(current, items, cut_at(now, policy), tax, policy)
    return [(line.tax, line.amount_minor) for line in lines]


def _charges(items: Iterable[Item], tax: Taxing) -> list[tuple[TaxRule, int]]:
    return [(rule_for(tax, item.price.key), item.price.unit_minor * item.quantity) for item in items]


def _fixed(nets: Iterable[tuple[TaxRule, int]], price: Price, tax: Taxing) -> Fixed:
    bases: dict[TaxRule, int] = {}
    for rule, net_minor in nets:
        bases[rule] = bases.get(rule, 0) + net_minor
    same_minor = bases.pop(rule_for(tax, price.key), 0)
    others = sum(tax_on(base, rule.rate_ppm) for rule, base in bases.items())
    return Fixed(same_minor, sum(bases.values()), others)
