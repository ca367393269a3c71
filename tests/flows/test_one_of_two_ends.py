"""While one of two subscriptions is canceled, the other is the customer's as ever: fewer seats, a lower plan."""

from datetime import timedelta

import pytest

from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows import more_seats, quote, renew, schedule, seats, unused_seats
from palier.flows.change import Choice
from palier.flows.facts import facts_of
from palier.flows.people import members
from palier.flows.quote_refusals import CancellationWaits
from palier.flows.schedule_refusals import SeatsStillHeld
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=14)


def mixed(cast: Cast, sandbox: SandboxProcess, plan: str, *, year: int, month: int) -> None:
    """The month ends on 1 July 2026, the year on 1 June 2027; four people are here."""
    world.without_billing_admin(cast)
    world.bought(sandbox, cast.owner, plan, "year", year)
    both = quote.make(world.fresh(cast.account), cast.owner, Choice(plan, "year", year, month), now=NOON)
    world.collected(world.placed(sandbox, both))


def canceled(cast: Cast, interval: str) -> ScheduledChange:
    (made,) = schedule.cancel(world.fresh(cast.account), cast.owner, interval=interval, now=LATER)
    return made


def waiting(cast: Cast) -> set[tuple[str, str, str | int]]:
    """What waits: of which interval, and what it will be."""
    facts = facts_of(world.fresh(cast.account), now=LATER)
    return {(held.interval, each.kind, each.key or each.quantity) for held in facts.held for each in held.waiting}


@pytest.mark.parametrize(("ending", "stays"), [("month", "year"), ("year", "month")])
def test_the_other_is_reduced(cast: Cast, sandbox: SandboxProcess, ending: str, stays: str) -> None:
    mixed(cast, sandbox, "team", year=7, month=7)
    canceled(cast, ending)
    (change,) = seats.reduce(world.fresh(cast.account), cast.owner, 5, interval=stays, now=LATER)
    assert (change.subscription.interval, change.kind, change.quantity) == (stays, "seats", 5)
    assert (ending, "cancel", 0) in waiting(cast)


@pytest.mark.parametrize(("ending", "day"), [("month", "30 June 2026"), ("year", "31 May 2027")])
def test_the_one_that_ends_is_not_reduced_and_the_refusal_names_its_date(
    cast: Cast, sandbox: SandboxProcess, ending: str, day: str
) -> None:
    mixed(cast, sandbox, "team", year=7, month=7)
    canceled(cast, ending)
    with pytest.raises(CancellationWaits) as refused:
        seats.reduce(world.fresh(cast.account), cast.owner, 5, interval=ending, now=LATER)
    assert f"ends on {day}" in refused.value.text("en")


def test_where_both_end_nothing_is_stepped_down(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(cast, sandbox, "business", year=7, month=7)
    schedule.cancel(world.fresh(cast.account), cast.owner, now=LATER)
    for choice in (Choice("team", "month", 7, 7), Choice("business", "month", 5, 7)):
        with pytest.raises(CancellationWaits) as refused:
            schedule.change(world.fresh(cast.account), cast.owner, choice, now=LATER)
        assert "31 May 2027" in refused.value.text("en")


def test_fewer_add_ons_are_taken_from_the_other(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(cast, sandbox, "team", year=7, month=7)
    more = Choice("team", "year", 7, 7, (("records", 3),))
    world.collected(world.placed(sandbox, quote.make(world.fresh(cast.account), cast.owner, more, now=NOON)))
    canceled(cast, "month")
    fewer = Choice("team", "month", 7, 7, (("records", 1),))
    (change,) = schedule.change(world.fresh(cast.account), cast.owner, fewer, now=LATER)
    assert (change.subscription.interval, change.key, change.quantity) == ("year", "records", 1)


@pytest.mark.parametrize("cancels_first", [True, False])
def test_a_lower_plan_covers_both_in_either_order_and_outlives_the_withdrawal(
    cast: Cast, sandbox: SandboxProcess, cancels_first: bool
) -> None:
    mixed(cast, sandbox, "business", year=7, month=1)
    lower = Choice("team", "year", 7, 1)
    if cancels_first:
        end = canceled(cast, "month")
    schedule.change(world.fresh(cast.account), cast.owner, lower, now=LATER)
    if not cancels_first:
        end = canceled(cast, "month")
    plans = {("month", "plan", "team"), ("year", "plan", "team")}
    assert waiting(cast) == {*plans, ("month", "cancel", 0)}
    schedule.withdraw(end, cast.owner, now=LATER)
    assert waiting(cast) == plans


def test_the_lower_plan_begins_on_the_other_after_the_end(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(cast, sandbox, "business", year=7, month=1)
    canceled(cast, "month")
    schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "year", 7, 1), now=LATER)
    for held in Subscription.objects.order_by("period_end"):
        renew.these([held.id], now=held.period_end)
    (stays,) = Subscription.objects.alive()
    assert (stays.interval, stays.items.get(kind="plan").key) == ("year", "team")


@pytest.mark.parametrize(("ending", "stays"), [("month", "year"), ("year", "month")])
def test_a_licence_is_reduced_and_unused_ones_given_up_where_they_renew(
    cast: Cast, sandbox: SandboxProcess, ending: str, stays: str
) -> None:
    mixed(cast, sandbox, "team", year=7, month=7)
    canceled(cast, ending)
    (change,) = members.deactivate(cast.member, cast.owner, licence="reduce", now=LATER)
    assert (change.subscription.interval, change.quantity) == (stays, 6)
    (change,) = unused_seats.reduce(world.fresh(cast.account), cast.owner, now=LATER)
    assert (change.subscription.interval, change.quantity) == (stays, 3)


def test_missing_seats_are_bought_where_they_renew(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(cast, sandbox, "team", year=7, month=7)
    canceled(cast, "month")
    kept = more_seats.prepare(world.fresh(cast.account), cast.owner, 2, now=LATER)
    assert (kept.interval, kept.seats, kept.other_seats) == ("year", 9, 7)


# The people who are here keep their seats: those of the renewals count


def test_seats_that_end_with_the_other_hold_nobody(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(cast, sandbox, "team", year=7, month=7)
    canceled(cast, "month")
    with pytest.raises(SeatsStillHeld):
        seats.reduce(world.fresh(cast.account), cast.owner, 3, interval="year", now=LATER)
    assert seats.reduce(world.fresh(cast.account), cast.owner, 4, interval="year", now=LATER)


def test_seats_that_are_given_up_already_hold_nobody(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(cast, sandbox, "team", year=4, month=4)
    seats.reduce(world.fresh(cast.account), cast.owner, 2, interval="month", now=LATER)
    with pytest.raises(SeatsStillHeld):
        seats.reduce(world.fresh(cast.account), cast.owner, 1, interval="year", now=LATER)
    with pytest.raises(SeatsStillHeld):
        canceled(cast, "year")
    seats.reduce(world.fresh(cast.account), cast.owner, 2, interval="year", now=LATER)


def test_the_last_one_may_end_by_its_number_of_users_too(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(cast, sandbox, "team", year=7, month=7)
    canceled(cast, "year")
    (end,) = schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "year", 7), now=LATER)
    assert (end.subscription.interval, end.kind) == ("month", "cancel")
