"""Steps down: a lower plan, a shorter interval, fewer seats or add-ons, and the end.

They cost nothing now, wait for the end of the paid period, and can be withdrawn until then.

In mixed billing a lower plan waits for the end of the year, so that the month does not go ahead; the month follows at
its next end. It waits on one that is canceled as well, so that withdrawing the cancellation leaves one plan.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.events.actions import record
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions import seats as seat_counts
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import attempts, notify, obstacles, upcoming
from palier.flows.change import Choice, check_choice, units_held, units_of, waits
from palier.flows.facts import Facts, Held, facts_of
from palier.flows.order_refusals import PaymentInProgress
from palier.flows.people import buyers
from palier.flows.quote_refusals import CancellationWaits, InvoiceOpen, PlansDiffer, PlanUnknown
from palier.flows.schedule_refusals import (
    AlreadyCanceled,
    CancelWithOpenInvoice,
    NoSplitAtRenewal,
    NothingToCancel,
    NothingToSchedule,
    NothingWaits,
    SeatsStillHeld,
    ShorterIntervalWhileMixed,
    UpAndDown,
)
from palier.flows.upcoming import Upcoming
from palier.kit import card_numbers, formats
from palier.kit.refusals import Refusal
from palier.kit.typed import visible

WITHDRAWN_IN_JOURNAL: Final = {"seats": "reduction_withdrawn", "cancel": "cancel_withdrawn"}
"""The changes that alter the number of seats at the renewal: what the seat journal calls their withdrawal."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a scheduled change alters, in the words of ``ScheduledChange``."""

    kind: str
    effective_at: datetime
    key: str = ""
    quantity: int = 0


def change(account: Account, member: Member, choice: Choice, *, now: datetime) -> list[ScheduledChange]:
    """Let a step down wait for the end of the paid period; what waited about the same thing gives way."""
    buyers.require(member, account.id)
    check_choice(account, choice)
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        facts = facts_of(account, now=now)
        _check(facts, choice, now=now)
        _nothing_at_the_bank(account)
        obstacles.refuse(facts, choice, now=now)
        made = []
        for held in facts.held:
            for step in steps_of(facts, held, choice):
                if step.kind == "cancel":
                    made += _end(facts, [held], member, now=now)
                else:
                    made.append(_wait(held, step, member, now=now))
    return made


def withdraw(waiting: ScheduledChange, member: Member, *, with_others: bool = False, now: datetime) -> None:
    """Take back a change that waits; of a lower plan in mixed billing, its twin as well, and ``with_others`` the other
    cancellation where everything ends."""
    account_id = waiting.subscription.account_id
    buyers.require(member, account_id)
    with transaction.atomic():
        account = Account.objects.locked(account_id)
        facts = facts_of(account, now=now)
        if waiting.id not in {each.id for each in facts.waiting}:
            raise NothingWaits
        _nothing_at_the_bank(account)
        together = [waiting]
        if waiting.kind == "cancel":
            if with_others:
                together += [each for each in facts.waiting if each.kind == "cancel" and each.id != waiting.id]
            _check_who_stays(facts, together, now=now)
        check_withdrawal(facts, waiting)
        for each in together:
            _take_back(facts, each, member, now=now)


def check_withdrawal(facts: Facts, waiting: ScheduledChange) -> None:
    """Refuse to take back a half of a lower plan: the year is on it already, and there would be two for ever."""
    if waiting.kind == "plan" and waiting.key in facts.held_plans:
        held = next(each for each in facts.held if each.subscription.id == waiting.subscription_id)
        raise PlansDiffer(ends_on=formats.Day(held.subscription.period_end, facts.catalogue.policy.zone))


def _take_back(facts: Facts, waiting: ScheduledChange, member: Member, *, now: datetime) -> None:
    twins = with_its_twin(facts, waiting)
    subscriptions.withdraw([each.id for each in twins], now=now)
    held = next(each for each in facts.held if each.subscription.id == waiting.subscription_id)
    still = tuple(each for each in held.waiting if each not in twins)
    _note(replace(held, waiting=still), waiting, member, now=now)
    told = {"change": waiting.public_id, "what": waiting.kind}
    record(facts.account.id, "change.withdrawn", by=member.author, now=now, **told)
    if waiting.kind == "cancel":
        notify.cancellation_withdrawn(facts, held, key=f"cancel_withdrawn:{waiting.public_id}", now=now)


def _check_who_stays(facts: Facts, back: list[ScheduledChange], *, now: datetime) -> None:
    """People keep their seats when a part of what was canceled renews after all."""
    ids = {each.subscription_id for each in back}
    renewing = (held for held in facts.held if held in facts.renewing or held.subscription.id in ids)
    check_seats_held(facts.account, sum(held.seats_unless_canceled for held in renewing), now=now)


def _nothing_at_the_bank(account: Account) -> None:
    """An order that is being paid settles on the subscription as it was promised (ADR 0012)."""
    if attempts.under_way(account):
        raise PaymentInProgress


def cancel(
    account: Account, member: Member, *, interval: str | None = None, reason: str = "", now: datetime
) -> list[ScheduledChange]:
    """End every subscription, or in mixed billing that of one interval, when its paid period ends; refused while an
    invoice is unpaid. ``reason`` is what the customer says, in their own words."""
    buyers.require(member, account.id)
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        facts = facts_of(account, now=now)
        ending = [held for held in facts.held if interval is None or held.interval == interval]
        if not ending:
            raise NothingToCancel
        if facts.unpaid:
            raise CancelWithOpenInvoice
        going = [held for held in ending if not held.cancels]
        if not going:
            raise AlreadyCanceled(ends_on=_last_day_of(facts, ending[-1]))
        _nothing_at_the_bank(account)
        staying = sum(held.seats_unless_canceled for held in facts.renewing if held not in going)
        check_seats_held(account, staying, now=now)
        return _end(facts, going, member, reason=_said(reason), now=now)


def with_its_twin(facts: Facts, waiting: ScheduledChange) -> list[ScheduledChange]:
    """A change that waits, and what goes with it: of a lower plan in mixed billing, the other subscription's."""
    return [
        each
        for each in facts.waiting
        if each.id == waiting.id or (waiting.kind == "plan" and each.kind == "plan" and each.key == waiting.key)
    ]


def _told(held: Held, change: ScheduledChange) -> dict[str, str]:
    """A change that waits, for the journal of facts: what is held of its kind now, and what will be."""
    state = held.current.state
    now_held = {
        "plan": state.plan.price.key,
        "interval": held.interval.value,
        "seats": str(held.seats),
        "add_on": f"{change.key} {units_of(held).get(change.key, 0)}",
    }
    will_be = {"seats": str(change.quantity), "add_on": f"{change.key} {change.quantity}"}
    return {
        "change": change.public_id,
        "what": change.kind,
        "before": now_held[change.kind],
        "after": will_be.get(change.kind, change.key),
    }


def objection(facts: Facts, choice: Choice, *, now: datetime) -> Refusal | None:
    """Why a step down cannot be scheduled; None where it can."""
    try:
        _check(facts, choice, now=now)
    except Refusal as refusal:
        return refusal
    return None


def _check(facts: Facts, choice: Choice, *, now: datetime) -> None:
    check_step_down(facts, choice)
    check_seats_held(facts.account, sum(each.seats for each in foreseen(facts, choice)), now=now)


def check_step_down(facts: Facts, choice: Choice) -> None:
    """Refuse what cannot wait for a renewal, whoever holds the seats."""
    if choice.plan not in {plan.key for plan in facts.plans}:
        raise PlanUnknown
    if facts.unpaid:
        raise InvoiceOpen
    if len(facts.held_plans) > 1:
        raise PlansDiffer(ends_on=formats.Day(facts.held[0].subscription.period_end, facts.catalogue.policy.zone))
    if not facts.held or not waits(facts, choice):
        raise NothingToSchedule
    if touched := _canceled_and_touched(facts, choice):
        raise CancellationWaits(ends_on=_last_day_of(facts, touched[-1]))
    held = facts.held[0].current.state
    if facts.catalogue.plan(choice.plan).rank > held.plan.price.rank or _more_add_ons(facts, choice):
        raise UpAndDown
    if not facts.mixed and choice.other_seats:
        raise NoSplitAtRenewal
    if facts.mixed and choice.by_interval["month"] > facts.held[0].seats:
        raise ShorterIntervalWhileMixed
    if facts.mixed and choice.by_interval["year"] > facts.held[1].seats:
        raise UpAndDown


def _canceled_and_touched(facts: Facts, choice: Choice) -> list[Held]:
    """The canceled subscriptions that a step down would alter beyond the plan, which covers both; all of them where
    nothing renews."""
    return [
        held
        for held in facts.held
        if held.cancels and (not facts.renewing or any(step.kind != "plan" for step in steps_of(facts, held, choice)))
    ]


def _more_add_ons(facts: Facts, choice: Choice) -> bool:
    held = units_held(facts)
    return any(units > held.get(key, 0) for key, units in choice.add_ons or ())


def check_seats_held(account: Account, at_renewal: int, *, now: datetime) -> None:
    """People and invitations keep their seats: fewer than those cannot renew, unless everything ends."""
    counted = seat_counts.of_account(account, now=now) if at_renewal else None
    if counted is not None and at_renewal < counted.held:
        raise SeatsStillHeld(used=counted.used, invited=counted.invited, least=counted.held)


def foreseen(facts: Facts, choice: Choice) -> list[Upcoming]:
    """What the renewals will be once a step down is scheduled, for a screen to show before; writes nothing."""
    found = []
    for held in facts.held:
        new = [
            ScheduledChange(kind=step.kind, key=step.key, quantity=step.quantity, effective_at=step.effective_at)
            for step in steps_of(facts, held, choice)
        ]
        found.append(upcoming.of(facts, replace(held, waiting=(*held.waiting, *new))))
    return found


def _wait(held: Held, step: Step, member: Member, *, now: datetime) -> ScheduledChange:
    """Write what changes about one subscription at its renewal."""
    change = subscriptions.schedule(
        held.subscription,
        step.kind,
        key=step.key,
        quantity=step.quantity,
        member=member,
        effective_at=step.effective_at,
        now=now,
    )
    if step.kind == "seats":
        subscriptions.note_seats(held.subscription, held.seats, step.quantity, "reduced", member=member, now=now)
    record(held.subscription.account_id, "change.scheduled", by=member.author, now=now, **_told(held, change))
    return change


def _end(facts: Facts, going: list[Held], member: Member, *, reason: str = "", now: datetime) -> list[ScheduledChange]:
    """Write that subscriptions end when their paid period does, and tell it in one letter."""
    made = []
    for held in going:
        change = subscriptions.schedule(held.subscription, "cancel", member=member, now=now)
        subscriptions.note_seats(held.subscription, held.seats, 0, "canceled", member=member, now=now)
        told = {"change": change.public_id, "reason": reason}
        record(facts.account.id, "cancellation.scheduled", by=member.author, now=now, **told)
        made.append(change)
    notify.cancellation(facts, going, key=f"canceled:{made[0].public_id}", now=now)
    return made


def _note(held: Held, withdrawn: ScheduledChange, member: Member, *, now: datetime) -> None:
    """Write in the seat journal what the next renewal will have now that something about its seats was withdrawn."""
    if cause := WITHDRAWN_IN_JOURNAL.get(withdrawn.kind):
        at_renewal = 0 if held.cancels else held.seats_unless_canceled
        subscriptions.note_seats(held.subscription, held.seats, at_renewal, cause, member=member, now=now)


def steps_of(facts: Facts, held: Held, choice: Choice) -> list[Step]:
    """What changes about one subscription at its renewal."""
    state, ends_at = held.current.state, held.subscription.period_end
    seats = choice.by_interval[held.interval] if facts.mixed else choice.seats_in_all
    if facts.mixed and seats == 0:
        return [Step("cancel", ends_at)]
    steps = []
    if choice.plan != state.plan.price.key:
        last = facts.held[-1].subscription.period_end  # of the year, where there is one: the month follows it
        steps.append(Step("plan", last, key=choice.plan))
    if not facts.mixed and choice.interval != held.interval and not choice.other_seats:
        steps.append(Step("interval", ends_at, key=choice.interval))
    if seats != held.seats:
        steps.append(Step("seats", ends_at, quantity=seats))
    fewer = sorted(_fewer_add_ons(facts, held, choice).items())
    return steps + [Step("add_on", ends_at, key=key, quantity=units) for key, units in fewer]


def _said(reason: str) -> str:
    """What can be read of it on its lines, the number of a card hidden."""
    return card_numbers.hidden(visible(reason.strip(), keep="\n\t"))[:500]


def _fewer_add_ons(facts: Facts, held: Held, choice: Choice) -> dict[str, int]:
    """What a subscription keeps of the add-ons that become fewer: in mixed billing those of the choice's own interval
    go first."""
    if choice.add_ons is None:
        return {}
    wanted, kept = dict(choice.add_ons), {}
    first = facts.on(choice.interval) if facts.mixed else held
    assert first is not None  # noqa: S101 - mixed billing has both intervals
    for key, units in units_held(facts).items():
        less, own = units - wanted.get(key, 0), units_of(held).get(key, 0)
        if held is not first:
            less -= units_of(first).get(key, 0)
        if own and less > 0:
            kept[key] = max(0, own - less)
    return kept


def _last_day_of(facts: Facts, held: Held) -> formats.Day:
    return formats.last_day(held.subscription.period_end, facts.catalogue.policy.zone)
