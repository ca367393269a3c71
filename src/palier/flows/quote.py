"""From a choice to a promise: what would it cost (a draft), and a price that is kept (a quote)."""

from datetime import datetime, timedelta

from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.events.actions import record
from palier.apps.orders.models import Quote, SeatRequest
from palier.engine import wire
from palier.engine.drafts import Draft
from palier.engine.policies import Direction
from palier.flows import basket_bills, obstacles
from palier.flows.change import Choice, check_choice, compute, waits
from palier.flows.facts import Facts, facts_of
from palier.flows.people import buyers
from palier.flows.quote_refusals import (
    CancellationWaits,
    DowngradeWaits,
    FewerAddOnsWait,
    FewerSeatsWait,
    InvoiceOpen,
    NothingChanges,
    NothingToPay,
    PlansDiffer,
    PlanUnknown,
    SeatsBelowMembers,
    ShorterIntervalWaits,
    out_of_range,
)
from palier.kit import formats
from palier.kit.refusals import Refusal


def preview(account: Account, choice: Choice, *, now: datetime) -> Draft:
    """What the choice would cost. Binds nobody and writes nothing."""
    check_choice(account, choice)
    facts = facts_of(account, now=now)
    return draft_for(facts, choice.led_by_what_renews(facts), now=now)


def draft_for(facts: Facts, choice: Choice, *, now: datetime) -> Draft:
    """The draft of a choice that was checked, or the refusal that names why it cannot be bought now."""
    draft = compute(facts, choice, now=now)
    if refusal := objection(facts, choice, draft.direction, draft.total_minor):
        raise refusal
    obstacles.refuse(facts, choice, now=now)  # a lower plan is bought only after the end of a higher one
    return draft


def objection(facts: Facts, choice: Choice, way: Direction, total_minor: int) -> Refusal | None:
    """Why a choice of this direction and sum cannot be bought now; None where it can."""
    if choice.plan not in {plan.key for plan in facts.plans}:
        return PlanUnknown()
    if facts.unpaid:
        return InvoiceOpen()
    if len(facts.held_plans) > 1 and choice.plan in facts.held_plans:
        return PlansDiffer(ends_on=formats.Day(facts.held[0].current.state.period.end, facts.catalogue.policy.zone))
    if facts.held and way is Direction.SAME:
        return NothingChanges()
    if facts.held and waits(facts, choice):
        return _later(facts, choice)
    for each in facts.held:
        if each.cancels and choice.touches(facts, each):
            return CancellationWaits(
                ends_on=formats.last_day(each.subscription.period_end, facts.catalogue.policy.zone)
            )
    if choice.seats_in_all < facts.seats_min:
        return SeatsBelowMembers(members=facts.active_members)
    if refusal := out_of_range(facts.catalogue.plan(choice.plan), choice.seats_in_all):
        return refusal
    return NothingToPay() if total_minor < 0 else None


def make(account: Account, member: Member, choice: Choice, *, now: datetime) -> Quote:
    """Keep the choice's price as a promise, until the catalogue's holding time is over."""
    buyers.require(member, account.id)
    check_choice(account, choice)
    basket_bills.overdue(account, now=now)
    with transaction.atomic():
        facts = facts_of(account, now=now)
        choice = choice.led_by_what_renews(facts)
        return _keep(facts, member, choice, draft_for(facts, choice, now=now), now=now)


def renew(quote: Quote, *, member: Member | None = None, now: datetime) -> Quote:
    """The same choice at today's price, for the quote's member unless another asks; the old promise is superseded.

    Refuses as ``make`` does.
    """
    with transaction.atomic():
        fresh = make(quote.account, member or quote.member, choice_of(quote), now=now)
        Quote.objects.filter(pk=quote.pk).update(superseded_by=fresh)
        Quote.objects.filter(pk=quote.pk, state="open").update(state="superseded")
        SeatRequest.objects.filter(quote=quote).update(quote=fresh)
    return fresh


def choice_of(quote: Quote) -> Choice:
    """What was chosen."""
    add_ons = None if quote.add_ons is None else tuple(sorted(quote.add_ons.items()))
    return Choice(quote.plan, quote.interval, quote.seats, quote.other_seats, add_ons)


def _keep(facts: Facts, member: Member, choice: Choice, draft: Draft, *, now: datetime) -> Quote:
    moved, beside = choice.grounds(facts)
    quote = Quote.objects.create(
        account=facts.account,
        member=member,
        plan=choice.plan,
        interval=choice.interval,
        seats=choice.seats,
        other_seats=choice.other_seats,
        add_ons=None if choice.add_ons is None else dict(choice.add_ons),
        draft=wire.draft_to_json(draft),
        digest=wire.digest(draft),
        currency=draft.currency,
        total_minor=draft.total_minor,
        subscription=moved,
        subscription_version=moved.version if moved else 0,
        beside=beside,
        beside_version=beside.version if beside else 0,
        catalogue_version_id=facts.catalogue.version_id,
        state="open",
        created_at=now,
        expires_at=now + timedelta(minutes=facts.catalogue.quote_hold_minutes),
    )
    record(
        facts.account.id,
        "quote.made",
        by=member.author,
        now=now,
        quote=quote.public_id,
        total_minor=quote.total_minor,
    )
    return quote


def _later(facts: Facts, choice: Choice) -> Refusal:
    """A change that takes effect when the paid period ends."""
    ends_on = _ends_on(facts)
    held = facts.held[0].current.state
    if facts.catalogue.plan(choice.plan).rank < held.plan.price.rank:
        return DowngradeWaits(ends_on=ends_on)
    month, year = facts.on("month"), facts.on("year")
    shorter = year is not None and choice.by_interval["year"] < year.seats
    if shorter and choice.by_interval["month"] > (month.seats if month else 0):
        return ShorterIntervalWaits(ends_on=ends_on)
    if choice.seats_in_all < facts.seats:
        return FewerSeatsWait(ends_on=ends_on, seats=facts.seats)
    return FewerAddOnsWait(ends_on=ends_on)


def _ends_on(facts: Facts) -> formats.Day:
    """When the paid period ends that a step down waits for: of the year where there is one."""
    state = facts.held[-1].current.state
    return formats.Day(state.period.end, facts.catalogue.policy.zone)
