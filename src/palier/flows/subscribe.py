"""What a settled order does to the account's subscriptions, their seat journals, and what falls due for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from palier.apps.accounts.models import Member
from palier.apps.agenda import actions as agenda
from palier.apps.catalogue import Catalogue
from palier.apps.events.actions import record
from palier.apps.orders.models import Order
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions import states
from palier.apps.subscriptions.models import SeatBasket, Subscription
from palier.engine.drafts import Draft
from palier.engine.subscription import State
from palier.flows import change, upcoming
from palier.flows.change import Choice
from palier.flows.facts import Facts, facts_of
from palier.flows.quote import choice_of

OF_A_SUBSCRIPTION = (upcoming.RENEWAL, upcoming.NOTICE)


@dataclass(frozen=True, slots=True)
class Brought:
    """The subscriptions that a draft's lines belong to, by interval; what each held ``before`` and ``after``, by its
    public id, "" once it has ended."""

    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


def by(order: Order, draft: Draft, catalogue: Catalogue, *, now: datetime) -> Brought:
    """Start, move or end the subscriptions that a draft describes."""
    quote, brought = order.quote, Brought()
    found, lower = brought.subscriptions, ""
    if quote.subscription is not None or quote.beside is not None:
        facts = facts_of(order.account, now=now)
        lower = change.plan_that_waits(facts, choice_of(quote))
        for each in facts.held:
            if each.subscription.id in (quote.subscription_id, quote.beside_id):
                brought.before.update(each.told())
        take_back(facts, choice_of(quote), _seats_after(order, draft), member=order.member, now=now)
    if quote.subscription is not None:
        found[quote.subscription.interval] = quote.subscription  # credits of the interval that it leaves
    found[draft.after.interval] = _brought(order, quote.subscription, draft.after, catalogue, now=now)
    brought.after[found[draft.after.interval].public_id] = states.told_of(draft.after)
    if draft.beside is not None and draft.beside.state is None and quote.beside is not None:
        found[draft.beside.interval] = quote.beside
        brought.after[quote.beside.public_id] = ""
        _end(quote.beside, now=now)
    elif draft.beside is not None and draft.beside.state is not None:
        found[draft.beside.interval] = _brought(order, quote.beside, draft.beside.state, catalogue, now=now)
        brought.after[found[draft.beside.interval].public_id] = states.told_of(draft.beside.state)
        if lower:
            _stay_on_one_plan(order, lower, (draft.after, draft.beside.state), found, now=now)
    return brought


def _stay_on_one_plan(
    order: Order, plan: str, both: tuple[State, State], found: Mapping[str, Subscription], *, now: datetime
) -> None:
    """A lower plan that waits does so on both subscriptions until the year ends, one that was just opened included."""
    last, member = change.end_of_year(*both), order.member
    for state in both:
        held = found[state.interval]
        if held.id in (order.quote.subscription_id, order.quote.beside_id):
            continue
        made = subscriptions.schedule(held, "plan", key=plan, member=member, effective_at=last, now=now)
        told = {"change": made.public_id, "what": "plan", "before": state.plan.price.key, "after": plan}
        record(order.account_id, "change.scheduled", by=member.author, now=now, **told)
    subscriptions.put_off(order.account, "plan", until=last)


def _brought(
    order: Order, held: Subscription | None, state: State, catalogue: Catalogue, *, now: datetime
) -> Subscription:
    version_id = order.quote.catalogue_version_id
    if held is None:
        fresh = subscriptions.start(order.account, state, catalogue_version_id=version_id, member=order.member, now=now)
        agenda.put_new(upcoming.dues(fresh, state, catalogue, now=now))
        return fresh
    renewed_at, seats = held.period_end, held.items.get(kind="plan").quantity
    subscriptions.move(held, state, catalogue_version_id=version_id)
    SeatBasket.objects.filter(subscription=held, closed_at=None).update(closed_at=now)
    if state.seats != seats:
        cause = "added" if state.seats > seats else "moved"
        subscriptions.note_seats(held, state.seats, state.seats, cause, member=order.member, now=now)
    if state.period.end != renewed_at:
        subscriptions.postpone(held, state.period.end)
        agenda.drop(OF_A_SUBSCRIPTION, held.id)
        agenda.put_new(upcoming.dues(held, state, catalogue, now=now))
    return held


def _end(held: Subscription, *, now: datetime) -> None:
    """Its seats have moved to the other subscription."""
    subscriptions.end(held, "merged", at=now)
    SeatBasket.objects.filter(subscription=held, closed_at=None).update(closed_at=now)
    subscriptions.note_seats(held, 0, 0, "moved", member=None, now=now)
    agenda.drop(OF_A_SUBSCRIPTION, held.id)


def take_back(facts: Facts, choice: Choice, seats: Mapping[int, int], *, member: Member, now: datetime) -> None:
    """A purchase takes back the waiting changes about the same thing. ``seats`` are those of each subscription
    afterwards: where they stay what they are, the journal tells here that their reduction is gone."""
    gone = change.settled_by(facts, choice)
    if not gone:
        return
    subscriptions.withdraw([each.id for each in gone], now=now)
    for held in facts.held:
        stays = seats.get(held.subscription.id) == held.seats
        if stays and any(each.kind == "seats" and each in gone for each in held.waiting):
            subscriptions.note_seats(
                held.subscription, held.seats, held.seats, "reduction_withdrawn", member=member, now=now
            )


def _seats_after(order: Order, draft: Draft) -> dict[int, int]:
    own, other = order.quote.subscription_id, order.quote.beside_id
    seats = {} if own is None else {own: draft.after.seats}
    if other is not None and draft.beside is not None and draft.beside.state is not None:
        seats[other] = draft.beside.state.seats
    return seats
