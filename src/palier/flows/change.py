"""A change of what an account holds: what was chosen, which way it goes, and the engine's draft of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from palier.apps.accounts.models import Account
from palier.apps.catalogue import current
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.engine import drafts, mixed
from palier.engine.drafts import Draft
from palier.engine.periods import Interval
from palier.engine.policies import Direction
from palier.engine.prices import Price
from palier.engine.proration import ChangeOutsidePeriod
from palier.engine.subscription import Item, State
from palier.flows import upcoming
from palier.flows.facts import Facts, Held
from palier.flows.quote_refusals import (
    AddOnUnitsOutOfRange,
    AddOnUnknown,
    IntervalUnknown,
    InvoiceOpen,
    PlanUnknown,
    RenewalNotBooked,
    SeatsBelowMinimum,
    SeatsNotANumber,
    out_of_range,
)
from palier.kit import formats

WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the customer picked: a plan's key, ``seats`` billed by ``interval`` ("month" or "year"), ``other_seats``
    billed by the other one (mixed billing), and the units of add-ons in all, None for those that are held."""

    plan: str
    interval: str
    seats: int
    other_seats: int = 0
    add_ons: tuple[tuple[str, int], ...] | None = None

    @property
    def seats_in_all(self) -> int:
        return self.seats + self.other_seats

    @property
    def other_interval(self) -> Interval:
        return Interval.MONTH if self.interval == Interval.YEAR else Interval.YEAR

    @property
    def by_interval(self) -> dict[str, int]:
        """The seats wanted on each interval."""
        return {self.interval: self.seats, self.other_interval.value: self.other_seats}

    def grounds(self, facts: Facts) -> tuple[Subscription | None, Subscription | None]:
        """The subscription that the choice moves, and the other one that it touches as well."""
        if self._moves_the_only_one(facts):
            return facts.subscription, None
        own, other = facts.on(self.interval), facts.on(self.other_interval)
        return (own.subscription if own else None), (other.subscription if other else None)

    def touches(self, facts: Facts, held: Held) -> bool:
        """Whether it alters a subscription: its plan, its seats, its add-ons or its interval."""
        if not facts.mixed:
            return True
        if self.plan != held.current.state.plan.price.key or self.by_interval[held.interval] != held.seats:
            return True
        if self.add_ons is None or held.interval != self.interval:
            return False
        return {key: units for key, units in _units(facts, self, held.interval).items() if units} != units_of(held)

    def led_by_what_renews(self, facts: Facts) -> "Choice":
        """The same choice, its main interval one that renews: where the other one ends, and this leaves it alone."""
        main = facts.on(self.interval)
        if main is None or not main.cancels or not self.other_seats or self.touches(facts, main):
            return self
        return Choice(self.plan, self.other_interval.value, self.other_seats, self.seats, self.add_ons)

    def _moves_the_only_one(self, facts: Facts) -> bool:
        """Whether one subscription becomes one again, perhaps on the other interval."""
        return len(facts.held) == 1 and self.other_seats == 0


def choice_from(plan: str, interval: str, seats: str, other_seats: str = "0") -> Choice:
    """A choice from what a form or a link carries. Only plain whole numbers are seats: not 1.5, 1e9, +3 or ٣."""
    numbers = [text.strip() for text in (seats, other_seats or "0")]
    if not all(WHOLE_NUMBER.fullmatch(digits) for digits in numbers):
        raise SeatsNotANumber
    own, other = (int(digits) for digits in numbers)
    return Choice(plan.strip(), interval.strip(), own, other)


def check_choice(account: Account, choice: Choice) -> None:
    """Refuse a plan, interval, number of seats or add-on that nobody could buy."""
    catalogue = current()
    if choice.interval not in set(Interval):
        raise IntervalUnknown
    if choice.plan not in {plan.key for plan in catalogue.plans if not plan.free}:
        raise PlanUnknown
    if refusal := out_of_range(catalogue.plan(choice.plan), choice.seats_in_all):
        raise refusal
    if choice.seats < 1 or choice.other_seats < 0:
        raise SeatsBelowMinimum(minimum=1)
    for key, units in choice.add_ons or ():
        known = next((add_on for add_on in catalogue.add_ons if add_on.key == key), None)
        if known is None:
            raise AddOnUnknown
        if not 0 <= units <= known.max_units:
            raise AddOnUnitsOutOfRange(maximum=known.max_units)


def waits(facts: Facts, choice: Choice) -> bool:
    """Whether any part of a change is a step down: lower plan, fewer seats, fewer of them by the year, fewer add-ons.

    Those take effect at the end of the paid period. Seats that move from month to year are no step down.
    """
    lower = facts.catalogue.plan(choice.plan).rank < facts.held[0].current.state.plan.price.rank
    year = facts.on(Interval.YEAR)
    shorter = year is not None and choice.by_interval["year"] < year.seats
    wanted = None if choice.add_ons is None else dict(choice.add_ons)
    fewer_add_ons = wanted is not None and any(wanted.get(key, 0) < units for key, units in units_held(facts).items())
    return lower or shorter or choice.seats_in_all < facts.seats or fewer_add_ons


def units_held(facts: Facts) -> dict[str, int]:
    """The add-on units of an account, by key."""
    units: dict[str, int] = {}
    for each in facts.held:
        for key, quantity in units_of(each).items():
            units[key] = units.get(key, 0) + quantity
    return units


def units_of(held: Held) -> dict[str, int]:
    """The add-on units of one subscription, by key."""
    return {item.price.key: item.quantity for item in held.current.state.add_ons}


def compute(facts: Facts, choice: Choice, *, now: datetime) -> Draft:
    """The engine's draft, whatever its direction. Refuses once the paid period is over, until it is renewed: that waits
    for what is owed."""
    try:
        draft = _computed(facts, choice, now=now)
    except ChangeOutsidePeriod as error:
        if facts.unpaid:
            raise InvoiceOpen from error
        ended_at = min(each.current.state.period.end for each in facts.held)
        raise RenewalNotBooked(ended_on=formats.last_day(ended_at, facts.catalogue.policy.zone)) from error
    return _with_what_waits(facts, choice, draft)


def _computed(facts: Facts, choice: Choice, *, now: datetime) -> Draft:
    tax, policy = facts.tax, facts.catalogue.policy
    main = Interval(choice.interval)
    if not facts.held and not choice.other_seats:
        return _opened(facts, choice, main, choice.seats, now=now)
    if len(facts.held) == 1 and not choice.other_seats:
        held = facts.held[0]
        return drafts.change(
            held.current,
            plan=_price(facts, held, choice.plan, main),
            seats=choice.seats,
            add_ons=_add_ons(facts, held, choice, main),
            tax=tax,
            policy=policy,
            now=now,
        )
    part = _part(facts, choice, main, choice.seats, now=now)
    other, ending = facts.on(choice.other_interval), choice.other_seats == 0
    if other is not None and ending:
        whole = mixed.with_ending(part, other.current, tax=tax, policy=policy, now=now)
    else:
        whole = mixed.combined(part, _part(facts, choice, choice.other_interval, choice.other_seats, now=now))
    return replace(whole, direction=_way(facts, choice))


def _part(facts: Facts, choice: Choice, interval: Interval, seats: int, *, now: datetime) -> Draft:
    """What the change does to one of the two subscriptions; the other one of them keeps its add-ons, and one that ends
    leaves them to this."""
    held = facts.on(interval)
    if held is None:
        return _opened(facts, choice, interval, seats, now=now)
    own = interval == choice.interval
    return drafts.change(
        held.current,
        plan=_price(facts, held, choice.plan, interval),
        seats=seats,
        add_ons=_add_ons(facts, held, choice, interval) if own else held.current.state.add_ons,
        tax=facts.tax,
        policy=facts.catalogue.policy,
        now=now,
    )


def _opened(facts: Facts, choice: Choice, interval: Interval, seats: int, *, now: datetime) -> Draft:
    wanted = _units(facts, choice, interval) if interval == choice.interval else {}
    catalogue = facts.catalogue
    return drafts.new_subscription(
        plan=catalogue.price(choice.plan, interval, facts.currency),
        seats=seats,
        add_ons=[
            Item(catalogue.add_on(key).price(interval, facts.currency), units)
            for key, units in sorted(wanted.items())
            if units
        ],
        tax=facts.tax,
        policy=catalogue.policy,
        now=now,
    )


def _price(facts: Facts, held: Held, plan: str, interval: Interval) -> Price:
    """As it was sold where it is held, else today's."""
    return held.current.state.held(facts.catalogue.price(plan, interval, facts.currency))


def _add_ons(facts: Facts, held: Held, choice: Choice, interval: Interval) -> list[Item]:
    """The add-ons wanted, at the price held or today's; without a word about them those that are held."""
    state = held.current.state
    return [
        Item(state.held(facts.catalogue.add_on(key).price(interval, facts.currency)), quantity)
        for key, quantity in sorted(_units(facts, choice, interval).items())
        if quantity
    ]


def _units(facts: Facts, choice: Choice, interval: Interval) -> dict[str, int]:
    """The add-on units that an interval has after a change: those wanted in all, less those that stay on the other."""
    other = facts.on(choice.other_interval if interval == choice.interval else choice.interval)
    stays = units_of(other) if other is not None and choice.by_interval[other.interval] else {}
    wanted: Mapping[str, int] = units_held(facts) if choice.add_ons is None else dict(choice.add_ons)
    return {key: max(0, quantity - stays.get(key, 0)) for key, quantity in wanted.items()}


def _way(facts: Facts, choice: Choice) -> Direction:
    """Which way the account as a whole moves: by rank of the plan, seats by the year, seats in all, add-ons."""
    if not facts.held:
        return Direction.NEW
    year = facts.on(Interval.YEAR)
    here = (facts.held[0].current.state.plan.price.rank, year.seats if year else 0, facts.seats)
    there = (facts.catalogue.plan(choice.plan).rank, choice.by_interval["year"], choice.seats_in_all)
    if waits(facts, choice):
        return Direction.DOWN
    wanted = {key: quantity for key, quantity in choice.add_ons or () if quantity}
    more = choice.add_ons is not None and wanted != units_held(facts)
    return Direction.UP if there > here or more else Direction.SAME


def settled_by(facts: Facts, choice: Choice) -> tuple[ScheduledChange, ...]:
    """The waiting changes that a purchase takes back: those about the same thing."""
    moves = {key for key, seats in choice.by_interval.items() if seats} != {each.interval for each in facts.held}
    gone = []
    for held in facts.held:
        about = {
            "plan": choice.plan != facts.held[0].current.state.plan.price.key,
            "interval": moves,
            "seats": moves or choice.by_interval[held.interval] != held.seats,
            "add_on": choice.add_ons is not None,
        }
        gone += [change for change in held.waiting if about.get(change.kind)]
    return tuple(gone)


def plan_that_waits(facts: Facts, choice: Choice) -> str:
    """The lower plan that a purchase leaves waiting, or "". Where there are two subscriptions afterwards, it waits on
    both until the year ends, so that the month does not go ahead."""
    gone = {change.id for change in settled_by(facts, choice)}
    return next((each.key for each in facts.waiting if each.kind == "plan" and each.id not in gone), "")


def end_of_year(*states: State) -> datetime:
    """When the annual one of two subscriptions ends."""
    return next(state.period.end for state in states if state.interval is Interval.YEAR)


def _with_what_waits(facts: Facts, choice: Choice, draft: Draft) -> Draft:
    """The draft whose next renewals count the changes that go on waiting, those beside as well."""
    moved, other = choice.grounds(facts)
    waiting = _goes_on_waiting(facts, choice, moved)
    if draft.beside is None or draft.beside.state is None:
        return replace(draft, renewal=upcoming.after(facts, draft.after, waiting))
    state, lower = draft.beside.state, []
    if plan := plan_that_waits(facts, choice):
        lower = [ScheduledChange(kind="plan", key=plan, effective_at=end_of_year(draft.after, state))]
    staying = _goes_on_waiting(facts, choice, other)
    ends = any(change.kind == "cancel" for change in staying)
    beside = None if ends else upcoming.after(facts, state, [*staying, *lower])
    return replace(
        draft,
        renewal=upcoming.after(facts, draft.after, [*waiting, *lower]),
        beside=replace(draft.beside, renewal=beside),
    )


def _goes_on_waiting(facts: Facts, choice: Choice, of: Subscription | None) -> list[ScheduledChange]:
    """The changes of a subscription that a purchase leaves waiting; where it has two, a lower plan is asked of
    ``plan_that_waits``."""
    gone = {change.id for change in settled_by(facts, choice)}
    alone = len([seats for seats in choice.by_interval.values() if seats]) == 1
    return [
        each
        for each in facts.waiting
        if of and each.subscription_id == of.id and each.id not in gone and (alone or each.kind != "plan")
    ]
