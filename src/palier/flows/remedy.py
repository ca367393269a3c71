"""What an account could buy so that a limit suffices, and the choice that buys it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from palier.apps.catalogue.values import spoken
from palier.apps.entitlements.standing import HeldPlan, Standing
from palier.engine import remedies
from palier.engine.drafts import Draft
from palier.engine.grants import Grant
from palier.engine.periods import Interval
from palier.engine.remedies import Remedy
from palier.flows import quote
from palier.flows.change import Choice
from palier.flows.facts import Facts
from palier.kit.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Solution:
    """What solves it: ``more`` units of an add-on or a plan, with its names, the choice that buys it and its exact
    price; no draft where it cannot be bought now."""

    remedy: Remedy
    more: int
    names: Mapping[str, str]
    choice: Choice
    draft: Draft | None

    def name(self, language: str) -> str:
        """``Business``, or ``2 × 10,000 more records``."""
        name = spoken(self.names, language)
        return f"{self.more} × {name}" if self.more > 1 else name


def find(standing: Standing, key: str, needed: int) -> Remedy | None:
    """The add-on or plan that lifts a limit to what is needed; asks the database nothing."""
    grant = standing.grant(key)
    if grant is None or grant.limit is None:
        return None
    return remedies.best(_add_on(standing, grant, needed), _plans(standing, key), needed)


def solution(standing: Standing, facts: Facts, key: str, *, now: datetime) -> Solution | None:
    """What brings the use of a limit below every threshold again, and what it costs today."""
    found = find(standing, key, remedies.roomy(standing.used(key)))
    if found is None:
        return None
    choice = choice_of(standing, found)
    try:
        draft = quote.draft_for(facts, choice, now=now)
    except Refusal:
        draft = None
    today = standing.today
    sold = today.plan(found.key) if found.kind == "plan" else today.add_on(found.key)
    more = found.units - standing.units.get(found.key, 0) if found.kind == "add_on" else 0
    return Solution(found, more, sold.names, choice, draft)


def choice_of(standing: Standing, remedy: Remedy) -> Choice:
    """The choice that buys a remedy and changes nothing else."""
    if not standing.held:
        return Choice(remedy.key, Interval.MONTH, max(1, standing.seats))
    main, other = _sides(standing)
    return Choice(
        plan=remedy.key if remedy.kind == "plan" else standing.plan.key,
        interval=main.interval,
        seats=main.sold.seats,
        other_seats=other.sold.seats if other else 0,
        add_ons=tuple(sorted({**standing.units, remedy.key: remedy.units}.items()))
        if remedy.kind == "add_on"
        else None,
    )


def _sides(standing: Standing) -> tuple[HeldPlan, HeldPlan | None]:
    """The subscription that gets the add-ons: the one that has some, else the monthly one; and the other one."""
    if len(standing.held) == 1:
        return standing.held[0], None
    month, year = standing.held
    return (year, month) if year.sold.add_ons and not month.sold.add_ons else (month, year)


def _add_on(standing: Standing, grant: Grant, needed: int) -> Remedy | None:
    """The units of an add-on that are enough, where it is on sale beside the plan held."""
    if not standing.held or sum(bool(each.sold.add_ons) for each in standing.held) > 1:
        return None  # add-ons on both subscriptions: which of them gets more is the customer's to say
    main, _ = _sides(standing)
    limit = grant.limit or 0
    for add_on in standing.today.add_ons_for_sale:
        had = standing.units.get(add_on.key, 0)
        more = remedies.units_for(needed, limit, add_on.adds)
        price_minor = add_on.prices.get((main.currency, main.interval))
        if add_on.limit == grant.key and 0 < more <= add_on.max_units - had and price_minor is not None:
            return Remedy("add_on", add_on.key, had + more, limit + more * add_on.adds, more * price_minor)
    return None


def _plans(standing: Standing, key: str) -> list[Remedy]:
    """Every higher plan, with the seats and add-ons that the account has."""
    today = standing.today
    rank = today.plan(standing.plan.key).rank
    grant = standing.grant(key)
    added = sum(extra.adds * extra.units for extra in grant.extras) if grant else 0
    found = []
    for plan in today.paid_plans:
        if plan.rank <= rank or not plan.seats_min <= max(1, standing.seats) <= plan.seats_max:
            continue
        allowance = plan.limits.get(key, 0)
        seats = max(1, standing.seats) if today.limits[key].per == "seat" else 1
        limit = None if allowance is None else allowance * seats + added
        found.append(Remedy("plan", plan.key, 0, limit, _extra_minor(standing, plan.key)))
    return found


def _extra_minor(standing: Standing, plan_key: str) -> int:
    """What a plan adds to a month at the seats and intervals held."""
    return sum(
        (standing.today.price(plan_key, each.interval, each.currency).monthly_minor - each.plan_minor) * each.sold.seats
        for each in standing.held
    )
