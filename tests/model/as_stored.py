"""What the database would hold of an account on paper, and how the program's parts read it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from palier.apps.catalogue import Catalogue, parse
from palier.apps.entitlements.allowances import Sold
from palier.apps.subscriptions.models import Subscription
from palier.engine.drafts import Draft
from palier.engine.lines import Line
from palier.engine.periods import Interval
from palier.engine.subscription import State
from palier.flows import change, renew_facts, upcoming
from palier.flows.facts import Facts, Held
from palier.flows.renew_facts import BUYER, Chunk, StoredItem
from tests.model import reference
from tests.model.calendar_days import MONTHS
from tests.model.time_held import Items
from tests.world import ROOT

SOLD: Final = parse.file(ROOT / "catalogue.toml").catalogue
RECORDS: Final = {"team": 10_000, "business": 25_000, "enterprise": None}
"""Each seat's allowance by the catalogue; a unit of the add-on is 10,000 more, and without a plan there are 500."""


def catalogue_with(prices: Mapping[tuple[str, str], int], charging: str) -> Catalogue:
    """The repository's, with these prices for euros."""

    def own(key: str) -> Mapping[tuple[str, Interval], int]:
        return MappingProxyType({("EUR", interval): prices[key, interval.value] for interval in Interval})

    return replace(
        SOLD,
        plans=tuple(plan if plan.free else replace(plan, prices=own(plan.key)) for plan in SOLD.plans),
        add_ons=tuple(replace(add_on, prices=own(add_on.key)) for add_on in SOLD.add_ons),
        seats=replace(SOLD.seats, charge=charging),
    )


def stored(state: State, key: int | None) -> Subscription:
    """The row of a subscription."""
    known: dict[str, Any] = {} if key is None else {"id": key}
    return Subscription(
        state="active",
        interval=state.interval.value,
        currency=state.currency,
        anchor_at=state.anchor_at,
        period_start=state.period.start,
        period_end=state.period.end,
        **known,
    )


def items_of(state: State) -> Items:
    return {
        (item.price.kind.value, item.price.key): (
            item.price.monthly_minor * MONTHS[state.interval.value],
            item.quantity,
        )
        for item in state.items
    }


def of_a_night(held: Held, now: datetime, catalogue: Catalogue) -> Chunk:
    """One subscription as a night reads it."""
    row, state = held.subscription, upcoming.now_of(held)
    subject = renew_facts.Held(
        id=row.id,
        account_id=0,
        state=row.state,
        interval=row.interval,
        currency=row.currency,
        anchor_at=row.anchor_at,
        period_start=row.period_start,
        period_end=row.period_end,
        version=1,
        sandbox=False,
        company="Cabinet Lumière",
        home="FR",
        **dict.fromkeys(BUYER),
        language="en",
        owner_email="",
        card_id=1,
        is_being_bought=False,
        collects_seats=False,
        owes=False,
    )
    items = tuple(
        StoredItem(item.price.kind.value, item.price.key, item.price.rank, item.quantity, item.price.monthly_minor)
        for item in state.items
    )
    return Chunk(catalogue, now, [subject], {row.id: items}, {row.id: held.waiting})


def sold(facts: Facts) -> list[Sold]:
    """What grants, as ``apps.entitlements`` is told."""
    if not facts.held:
        return [Sold(facts.catalogue, facts.catalogue.free_plan.key, 1, {})]
    return [
        Sold(facts.catalogue, held.current.state.plan.price.key, held.seats, change.units_of(held))
        for held in facts.held
    ]


def records(model: reference.Account) -> int | None:
    """How many records the account may have; None for any number."""
    if not model.held:
        return 500
    seats = [(each.seats, RECORDS[each.plan]) for each in model.held.values()]
    if any(each is None for _, each in seats):
        return None
    return sum(number * (each or 0) for number, each in seats) + 10_000 * model.units


def only(draft: Draft, state: State, lines: Sequence[Line]) -> Draft:
    """What a draft says about one subscription."""
    return replace(draft, after=state, lines=tuple(lines))
