"""Drafts: what a change costs now, what it leads to, and what the next renewal will cost. Binds nobody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from palier.engine.lines import Line, full_charge, part_charge, rest_of
from palier.engine.periods import Interval, Period, in_utc, period_at, period_containing, start_of_day, whole_second
from palier.engine.policies import Direction, ProrationPolicy, Unit, direction
from palier.engine.prices import ItemKind, Price
from palier.engine.proration import cut_at, remaining, require_inside
from palier.engine.subscription import Current, Item, MixedItems, State, require_one_kind
from palier.engine.taxes import TaxAmount, Taxing, rule_for, taxes

# Raised whenever the same facts would give another amount; kept with every quote and invoice.
RULE_VERSION = 1


class Change(StrEnum):
    """What a draft does."""

    NEW_SUBSCRIPTION = "new_subscription"
    PLAN_CHANGE = "plan_change"
    SEAT_INCREASE = "seat_increase"
    SEAT_DECREASE = "seat_decrease"
    INTERVAL_SWITCH = "interval_switch"
    ADD_ON = "add_on"
    RENEWAL = "renewal"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class RenewalPreview:
    """The next renewal if nothing else changes; amounts in minor units."""

    at: datetime
    period: Period
    net_minor: int
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Beside:
    """The account's other subscription once the draft is settled, in mixed billing; `state` None: it ends."""

    interval: Interval  # as it was before the change
    state: State | None
    renewal: RenewalPreview | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A computed change. `total_minor` = net + tax is due now and may be zero or negative (credits outweigh charges).

    `after` is the subscription once the draft is settled; `beside` the other one, where the change touches two.
    """

    change: Change
    direction: Direction
    currency: str
    lines: tuple[Line, ...]
    net_minor: int
    taxes: tuple[TaxAmount, ...]
    tax_minor: int
    total_minor: int
    after: State
    renewal: RenewalPreview
    policy: ProrationPolicy
    rule_version: int
    computed_at: datetime
    beside: Beside | None = None


def new_subscription(
    *, plan: Price, seats: int, add_ons: Sequence[Item] = (), tax: Taxing, policy: ProrationPolicy, now: datetime
) -> Draft:
    """From free to paid: one full period from today (unit day: from local midnight; unit second: from this second)."""
    state = _opened((Item(plan, seats), *add_ons), policy, now)
    lines = [full_charge(item, state.period, tax, policy) for item in state.items]
    return _draft(Change.NEW_SUBSCRIPTION, Direction.NEW, lines, state, tax, policy, now)


def change(
    current: Current,
    *,
    plan: Price,
    seats: int,
    add_ons: Sequence[Item] | None = None,
    tax: Taxing,
    policy: ProrationPolicy,
    now: datetime,
) -> Draft:
    """From what is held to what is wanted, whatever the difference; add_ons None keeps them.

    The price is taken as given. To keep what the subscription was sold at when only seats change, pass
    `current.state.held(price)`. ChangeOutsidePeriod if `now` is not in the paid period.
    """
    if plan.interval is not current.state.interval:
        return interval_switch(current, plan=plan, seats=seats, add_ons=add_ons, tax=tax, policy=policy, now=now)
    kept = current.state.add_ons if add_ons is None else tuple(add_ons)
    return _within_period(current, (Item(plan, seats), *kept), tax, policy, now)


def plan_change(
    current: Current, *, plan: Price, seats: int | None = None, tax: Taxing, policy: ProrationPolicy, now: datetime
) -> Draft:
    """Another plan for what is left of the period: credit at what was paid, charge at the new price."""
    if plan.interval is not current.state.interval:
        raise MixedItems("a plan change keeps the interval; an interval switch starts a new period")
    target = (Item(plan, current.state.seats if seats is None else seats), *current.state.add_ons)
    return _within_period(current, target, tax, policy, now)


def seat_increase(current: Current, *, seats: int, tax: Taxing, policy: ProrationPolicy, now: datetime) -> Draft:
    """`seats` in all, at the price held: only the new ones are charged, for what is left of the period."""
    target = (replace(current.state.plan, quantity=seats), *current.state.add_ons)
    return _within_period(current, target, tax, policy, now)


def interval_switch(
    current: Current,
    *,
    plan: Price,
    seats: int | None = None,
    add_ons: Sequence[Item] | None = None,
    tax: Taxing,
    policy: ProrationPolicy,
    now: datetime,
) -> Draft:
    """Monthly to annual or back, at once: credit for all unused time, a new period of the new interval from today.

    Add-ons move with the plan, so their prices for the new interval must be given if any are held.
    """
    require_inside(current.state.period, now)
    if add_ons is None and current.state.add_ons:
        raise MixedItems("add-ons change interval with the plan: give their prices for the new interval")
    held = current.state
    after = _opened((Item(plan, held.seats if seats is None else seats), *(add_ons or ())), policy, now)
    lines = rest_of(current, held.items, cut_at(now, policy), tax, policy)
    lines += [full_charge(item, after.period, tax, policy) for item in after.items]
    way = direction(held.plan, after.plan)
    return _draft(Change.INTERVAL_SWITCH, way, lines, after, tax, policy, now)


def renewal(
    current: Current | State,
    *,
    items: Sequence[Item] | None = None,
    tax: Taxing,
    policy: ProrationPolicy,
    now: datetime | None = None,
) -> Draft:
    """The next full period, with other items (scheduled changes, new prices) if given.

    `now` defaults to the start of that period. Another interval keeps the anchor, so its edges go on from there.
    """
    state = current.state if isinstance(current, Current) else current
    wanted = state.items if items is None else tuple(items)
    require_one_kind(wanted)
    interval = wanted[0].price.interval
    end = period_containing(state.anchor_at, interval, state.period.end, policy.zone).end
    after = replace(state, interval=interval, items=wanted, period=Period(state.period.end, end))
    lines = [full_charge(item, after.period, tax, policy) for item in wanted]
    way = _way(state, after)
    return _draft(Change.RENEWAL, way, lines, after, tax, policy, state.period.end if now is None else now)


def _within_period(
    current: Current, target: tuple[Item, ...], tax: Taxing, policy: ProrationPolicy, now: datetime
) -> Draft:
    state = current.state
    require_inside(state.period, now)
    after = replace(state, items=target)
    cut = cut_at(now, policy)
    share = remaining(state.period, cut, state.interval, policy, whole=True)
    given_back, charged = _difference(state.items, target)
    lines = rest_of(current, given_back, cut, tax, policy)
    lines += [part_charge(item, state, share, tax, policy) for item in charged]
    return _draft(_change(state, after), _way(state, after), lines, after, tax, policy, now)


def _difference(held: tuple[Item, ...], wanted: tuple[Item, ...]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """What is given back, and what is charged. More of the same price is only charged; anything else is exchanged."""
    given_back, charged = [], []
    for old in held:
        new = next((item for item in wanted if _same_item(item, old)), None)
        if new is None or new.price != old.price or new.quantity < old.quantity:
            given_back.append(old)
    for new in wanted:
        old_item = next((item for item in held if _same_item(item, new)), None)
        if old_item is None or old_item in given_back:
            charged.append(new)
        elif new.quantity > old_item.quantity:
            charged.append(replace(new, quantity=new.quantity - old_item.quantity))
    return tuple(given_back), tuple(charged)


def _same_item(one: Item, other: Item) -> bool:
    """A subscription has one plan, so any plan takes the place of the other; add-ons are told apart by key."""
    if one.price.kind is ItemKind.PLAN:
        return other.price.kind is ItemKind.PLAN
    return (one.price.kind, one.price.key) == (other.price.kind, other.price.key)


def _change(before: State, after: State) -> Change:
    if before.plan.price != after.plan.price:
        return Change.PLAN_CHANGE
    if before.seats != after.seats:
        return Change.SEAT_INCREASE if after.seats > before.seats else Change.SEAT_DECREASE
    return Change.UNCHANGED if set(before.items) == set(after.items) else Change.ADD_ON


def _way(before: State, after: State) -> Direction:
    """By plan, interval and seats; add-ons decide when these are the same, and one that falls makes it a step down."""
    way = direction(before.plan, after.plan)
    if way is not Direction.SAME:
        return way
    old = {item.price.key: item.quantity for item in before.add_ons}
    new = {item.price.key: item.quantity for item in after.add_ons}
    steps = [new.get(key, 0) - old.get(key, 0) for key in old | new]
    if any(step < 0 for step in steps):
        return Direction.DOWN
    return Direction.UP if any(steps) else Direction.SAME


def _opened(items: tuple[Item, ...], policy: ProrationPolicy, now: datetime) -> State:
    require_one_kind(items)
    price = items[0].price
    anchor_at = start_of_day(now, policy.zone) if policy.unit is Unit.DAY else whole_second(now)
    period = period_at(anchor_at, price.interval, 0, policy.zone)
    return State(price.interval, price.currency, anchor_at, period, items)


def preview_of_renewal(state: State, tax: Taxing, policy: ProrationPolicy) -> RenewalPreview:
    """The renewal that follows the state's period, for the items it holds."""
    end = period_containing(state.anchor_at, state.interval, state.period.end, policy.zone).end
    nets = [(rule_for(tax, item.price.key), item.price.unit_minor * item.quantity) for item in state.items]
    net, tax_minor = sum(amount for _, amount in nets), sum(part.tax_minor for part in taxes(nets))
    return RenewalPreview(state.period.end, Period(state.period.end, end), net, tax_minor, net + tax_minor)


def _draft(
    what: Change,
    way: Direction,
    lines: Iterable[Line],
    after: State,
    tax: Taxing,
    policy: ProrationPolicy,
    now: datetime,
) -> Draft:
    kept = tuple(lines)
    amounts = taxes((line.tax, line.amount_minor) for line in kept)
    net_minor = sum(line.amount_minor for line in kept)
    tax_minor = sum(part.tax_minor for part in amounts)
    return Draft(
        change=what,
        direction=way,
        currency=after.currency,
        lines=kept,
        net_minor=net_minor,
        taxes=amounts,
        tax_minor=tax_minor,
        total_minor=net_minor + tax_minor,
        after=after,
        renewal=preview_of_renewal(after, tax, policy),
        policy=policy,
        rule_version=RULE_VERSION,
        computed_at=in_utc(now),
    )
