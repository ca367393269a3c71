"""From a choice to a promise: what would it cost (a draft), and a price that is kept (a quote)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.catalogue import Plan, current
from palier.apps.events.actions import record
from palier.apps.orders.models import Quote
from palier.engine import drafts, wire
from palier.engine.drafts import Draft
from palier.engine.periods import Interval
from palier.engine.policies import Direction
from palier.engine.proration import ChangeOutsidePeriod
from palier.engine.subscription import Current, State
from palier.flows.facts import Facts as Facts
from palier.flows.facts import buyer_of as buyer_of
from palier.flows.facts import facts_of as facts_of
from palier.flows.quote_refusals import (
    DowngradeWaits,
    FewerSeatsWait,
    IntervalUnknown,
    NotABuyer,
    NothingChanges,
    NothingToPay,
    PlanUnknown,
    RenewalNotBooked,
    SeatsAboveMaximum,
    SeatsBelowMembers,
    SeatsBelowMinimum,
    SeatsNotANumber,
    ShorterIntervalWaits,
)
from palier.kit import formats
from palier.kit.refusals import Refusal

WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the customer picked: a plan's key, ``month`` or ``year``, and a number of seats."""

    plan: str
    interval: str
    seats: int


def choice_from(plan: str, interval: str, seats: str) -> Choice:
    """A choice from what a form or a link carries. Only plain whole numbers are seats: not 1.5, 1e9, +3 or ٣."""
    digits = seats.strip()
    if not WHOLE_NUMBER.fullmatch(digits):
        raise SeatsNotANumber
    return Choice(plan.strip(), interval.strip(), int(digits))


def check_choice(account: Account, choice: Choice) -> None:
    """Refuse a plan, interval or number of seats that nobody could buy."""
    catalogue = current()
    if choice.interval not in set(Interval):
        raise IntervalUnknown
    if choice.plan not in {plan.key for plan in catalogue.plans if not plan.free}:
        raise PlanUnknown
    if refusal := _out_of_range(catalogue.plan(choice.plan), choice.seats):
        raise refusal


def preview(account: Account, choice: Choice, *, now: datetime) -> Draft:
    """What the choice would cost. Binds nobody and writes nothing."""
    check_choice(account, choice)
    return draft_for(facts_of(account, now=now), choice, now=now)


def draft_for(facts: Facts, choice: Choice, *, now: datetime) -> Draft:
    """The draft of a choice, or the refusal that says why it cannot be bought now."""
    draft = compute(facts, choice, now=now)
    refusal = objection(facts, choice, draft.direction, draft.total_minor)
    if refusal is not None:
        raise refusal
    return draft


def objection(facts: Facts, choice: Choice, way: Direction, total_minor: int) -> Refusal | None:
    """Why a choice of this direction and sum cannot be bought now; None where it can."""
    if choice.plan not in {plan.key for plan in facts.plans}:
        return PlanUnknown()
    if facts.current is not None and way is Direction.SAME:
        return NothingChanges()
    if facts.current is not None and _waits(facts.current.state, choice, way):
        return _later(facts, facts.current, choice)
    if choice.seats < facts.seats_min:
        return SeatsBelowMembers(members=facts.active_members)
    if refusal := _out_of_range(facts.catalogue.plan(choice.plan), choice.seats):
        return refusal
    return NothingToPay() if total_minor < 0 else None


def compute(facts: Facts, choice: Choice, *, now: datetime) -> Draft:
    """The engine's draft, whatever its direction. Refuses once the paid period is over, until it is renewed."""
    price = facts.catalogue.price(choice.plan, Interval(choice.interval), facts.currency)
    policy = facts.catalogue.policy
    if facts.current is None:
        return drafts.new_subscription(plan=price, seats=choice.seats, tax=facts.tax, policy=policy, now=now)
    state = facts.current.state
    try:
        return drafts.change(
            facts.current, plan=state.held(price), seats=choice.seats, tax=facts.tax, policy=policy, now=now
        )
    except ChangeOutsidePeriod as error:
        raise RenewalNotBooked(ended_on=formats.Day(state.period.end, policy.zone)) from error


def make(account: Account, member: Member, choice: Choice, *, now: datetime) -> Quote:
    """Keep the choice's price as a promise, until the catalogue's holding time is over."""
    if not member.may_buy or member.account_id != account.id:
        raise NotABuyer
    check_choice(account, choice)
    with transaction.atomic():
        facts = facts_of(account, now=now)
        return _keep(facts, member, choice, draft_for(facts, choice, now=now), now=now)


def renew(quote: Quote, *, member: Member | None = None, now: datetime) -> Quote:
    """The same choice at today's price, for the quote's member unless another asks; the old promise is superseded.

    Refuses as ``make`` does.
    """
    with transaction.atomic():
        fresh = make(quote.account, member or quote.member, Choice(quote.plan, quote.interval, quote.seats), now=now)
        Quote.objects.filter(pk=quote.pk).update(superseded_by=fresh)
        Quote.objects.filter(pk=quote.pk, state="open").update(state="superseded")
    return fresh


def _keep(facts: Facts, member: Member, choice: Choice, draft: Draft, *, now: datetime) -> Quote:
    quote = Quote.objects.create(
        account=facts.account,
        member=member,
        plan=choice.plan,
        interval=choice.interval,
        seats=choice.seats,
        draft=wire.draft_to_json(draft),
        digest=wire.digest(draft),
        currency=draft.currency,
        total_minor=draft.total_minor,
        subscription=facts.subscription,
        subscription_version=facts.subscription.version if facts.subscription else 0,
        catalogue_version_id=facts.catalogue.version_id,
        state="open",
        created_at=now,
        expires_at=now + timedelta(minutes=facts.catalogue.quote_hold_minutes),
    )
    record(facts.account.id, "quote.made", now=now, quote=quote.public_id, total_minor=quote.total_minor)
    return quote


def _out_of_range(plan: Plan, seats: int) -> Refusal | None:
    """Why a plan is not sold with so many seats; None where it is."""
    if seats < plan.seats_min:
        return SeatsBelowMinimum(minimum=plan.seats_min)
    return SeatsAboveMaximum(maximum=plan.seats_max) if seats > plan.seats_max else None


def _waits(state: State, choice: Choice, way: Direction) -> bool:
    """Whether any part of a change is a step down: those take effect at the end of the paid period."""
    shorter = Interval(choice.interval).months < state.interval.months
    return way is Direction.DOWN or shorter or choice.seats < state.seats


def _later(facts: Facts, current: Current, choice: Choice) -> Refusal:
    """A change that takes effect when the paid period ends."""
    state = current.state
    ends_on = formats.Day(state.period.end, facts.catalogue.policy.zone)
    if facts.catalogue.plan(choice.plan).rank < state.plan.price.rank:
        return DowngradeWaits(ends_on=ends_on)
    if Interval(choice.interval).months < state.interval.months:
        return ShorterIntervalWaits(ends_on=ends_on)
    return FewerSeatsWait(ends_on=ends_on, seats=state.seats)
