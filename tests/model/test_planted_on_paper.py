"""The reference can see: known defects of sums and dates, each switched on for some lives on paper, and found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from palier.apps.catalogue import Catalogue
from palier.apps.subscriptions.models import ScheduledChange
from palier.engine import drafts, lines, mixed
from palier.engine.money import Rounding
from palier.engine.periods import Interval, Period, period_containing, start_of_day
from palier.engine.policies import ProrationPolicy
from palier.engine.prices import ItemKind, Price
from palier.engine.proration import prorated
from palier.engine.subscription import Current, Item, Paid, State
from palier.engine.taxes import TaxAmount, TaxRule, taxes
from palier.flows import basket_bills, change, renew_sums, upcoming
from palier.flows.facts import Facts, Held
from tests.faults.planted.bug import swapped
from tests.model.life_on_paper import LifeOnPaper
from tests.model.rules import tell

LIVES = 200
STEPS = 50


def cut_down(unit_minor: int, quantity: int, left: int, units: int, policy: ProrationPolicy) -> int:
    return prorated(unit_minor, quantity, left, units, replace(policy, rounding=Rounding.DOWN))


def from_the_edge_before(anchor_at: datetime, interval: Interval, at: datetime, zone: str) -> Period:
    return period_containing(at, interval, at, zone)


def in_greenwich(at: datetime, zone: str) -> datetime:
    return start_of_day(at, "UTC")


def from_today(at: datetime, policy: ProrationPolicy) -> datetime:
    return start_of_day(at, policy.zone)


def whatever_was_credited(current: Current, items: tuple[Item, ...], cut: datetime) -> list[Paid]:
    return [paid for paid in current.paid if paid.period.end > cut and paid.kind in {item.price.kind for item in items}]


def line_by_line(nets: Iterable[tuple[TaxRule, int]]) -> tuple[TaxAmount, ...]:
    return tuple(amount for net in nets for amount in taxes([net]))


def at_todays_price(state: State, kind: ItemKind, key: str, interval: Interval, catalogue: Catalogue) -> Price:
    sold = catalogue.plan(key) if kind is ItemKind.PLAN else catalogue.add_on(key)
    return sold.price(interval, state.currency)


def todays_price(facts: Facts, held: Held, plan: str, interval: Interval) -> Price:
    return facts.catalogue.price(plan, interval, facts.currency)


def all_that_waits(state: State, waiting: Iterable[ScheduledChange]) -> tuple[ScheduledChange, ...]:
    return tuple(waiting)


def nothing(*_of_what: object) -> tuple[ScheduledChange, ...]:
    return ()


def a_day_late(facts: Facts, held: Held, opened_at: datetime) -> drafts.Draft:
    return bill_of(facts, held, opened_at + timedelta(days=1))


bill_of = basket_bills.bill_of

PLANTED: Final[dict[str, Sequence[tuple[object, str, object]]]] = {
    "cents are cut off": [(lines, "prorated", cut_down)],
    "each period begins an anchor of its own": [(drafts, "period_containing", from_the_edge_before)],
    "a day begins at midnight in Greenwich": [(drafts, "start_of_day", in_greenwich)],
    "the day of a change is charged": [(drafts, "cut_at", from_today)],
    "what was given back is given back again": [(lines, "covering", whatever_was_credited)],
    "VAT is rounded line by line": [(drafts, "taxes", line_by_line), (mixed, "taxes", line_by_line)],
    "a renewal forgets the price that was sold": [(upcoming, "_price", at_todays_price)],
    "more seats forget the price that was sold": [(change, "_price", todays_price)],
    "a lower plan does not wait for the end of the year": [(upcoming, "applied_at_renewal", all_that_waits)],
    "a purchase leaves waiting what it contradicts": [(change, "settled_by", nothing)],
    "a purchase tells a renewal without what waits": [(change, "_goes_on_waiting", nothing)],
    "the seats of a day are billed a day late": [(basket_bills, "bill_of", a_day_late)],
}
"""By what goes wrong: the places that are exchanged for the defect."""


@pytest.fixture
def no_sum_is_remembered() -> Iterator[None]:
    """A process keeps the sums of a night's renewals; those of a defect must not outlive it."""
    renew_sums._known.cache_clear()
    yield
    renew_sums._known.cache_clear()


@pytest.mark.usefixtures("no_sum_is_remembered")
@pytest.mark.parametrize("defect", PLANTED)
def test_a_defect_of_a_sum_or_a_date_is_found(defect: str) -> None:
    with swapped(*PLANTED[defect]), pytest.raises(AssertionError):
        tell(LifeOnPaper, number=LIVES, steps=STEPS, same=True)


@pytest.mark.usefixtures("no_sum_is_remembered")
def test_a_life_that_shows_a_defect_is_made_short() -> None:
    with swapped(*PLANTED["the day of a change is charged"]), pytest.raises(AssertionError) as found:
        tell(LifeOnPaper, number=LIVES, steps=STEPS, same=True, shrink=True)
    told = [note for note in found.value.__notes__ if note.startswith("state.")]
    assert len(told) == 3, told  # a purchase, one change of it, and the end
