"""Steps down wait for the end of the paid period, are told with their date, and can be taken back until then."""

from datetime import timedelta

import pytest

from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows import order, quote, schedule, seats, upcoming
from palier.flows.change import Choice
from palier.flows.facts import facts_of
from palier.flows.quote_refusals import CancellationWaits
from palier.flows.schedule_refusals import AlreadyCanceled, NothingToSchedule, NothingWaits, SeatsStillHeld, UpAndDown
from palier.kit.refusals import Refusal
from tests import world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=9)


@pytest.fixture(autouse=True)
def nobody_has_a_role_of_business(cast: Cast) -> None:
    """Team has no billing admins, so one would stand in the way of every step down to it."""
    world.without_billing_admin(cast)


def scheduled(cast: Cast, choice: Choice) -> list[ScheduledChange]:
    return schedule.change(world.fresh(cast.account), cast.owner, choice, now=LATER)


def next_sum(cast: Cast) -> int:
    facts = facts_of(world.fresh(cast.account), now=LATER)
    preview = upcoming.of(facts, facts.held[0]).preview
    assert preview is not None
    return preview.net_minor


def test_a_lower_plan_costs_nothing_now_and_less_at_the_renewal(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "business")
    [change] = scheduled(cast, Choice("team", "month", 5))
    assert (change.kind, change.key, change.effective_at) == ("plan", "team", Subscription.objects.get().period_end)
    assert Subscription.objects.get().items.get().key == "business"
    assert next_sum(cast) == 5 * 10900


def test_a_change_taken_back_leaves_everything_as_it_was(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=8)
    [change] = seats.reduce(world.fresh(cast.account), cast.owner, 6, interval="month", now=LATER)
    journal = Subscription.objects.get().seat_journal.order_by("id")
    assert next_sum(cast) == 6 * 10900
    schedule.withdraw(change, cast.owner, now=LATER)
    assert next_sum(cast) == 8 * 10900
    assert [(entry.seats_now, entry.seats_at_renewal) for entry in journal] == [(8, 8), (8, 6), (8, 8)]
    with pytest.raises(NothingWaits):
        schedule.withdraw(change, cast.owner, now=LATER)


def test_the_seat_journal_tells_of_the_end_and_of_what_is_left_when_it_is_withdrawn(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, seats=8)
    seats.reduce(world.fresh(cast.account), cast.owner, 6, interval="month", now=LATER)
    [end] = schedule.cancel(world.fresh(cast.account), cast.owner, now=LATER)
    fewer = ScheduledChange.objects.get(kind="seats", state="waiting")
    assert_balanced(sandbox)
    schedule.withdraw(fewer, cast.owner, now=LATER)
    schedule.withdraw(end, cast.owner, now=LATER)
    seats.reduce(world.fresh(cast.account), cast.owner, 7, interval="month", now=LATER)
    [end] = schedule.cancel(world.fresh(cast.account), cast.owner, now=LATER)
    schedule.withdraw(end, cast.owner, now=LATER)
    journal = Subscription.objects.get().seat_journal.order_by("id")
    assert [(entry.cause, entry.seats_now, entry.seats_at_renewal) for entry in journal] == [
        ("bought", 8, 8),
        ("reduced", 8, 6),
        ("canceled", 8, 0),
        ("reduction_withdrawn", 8, 0),
        ("cancel_withdrawn", 8, 8),
        ("reduced", 8, 7),
        ("canceled", 8, 0),
        ("cancel_withdrawn", 8, 7),
    ]
    assert_balanced(sandbox)


def test_a_second_wish_takes_the_place_of_the_first(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=8)
    for wanted in (6, 5):
        seats.reduce(world.fresh(cast.account), cast.owner, wanted, interval="month", now=LATER)
    assert ScheduledChange.objects.get(state="waiting").quantity == 5


def test_annual_to_monthly_waits_for_the_end_of_the_year(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, interval="year")
    [change] = scheduled(cast, Choice("team", "month", 5))
    assert (change.kind, change.key) == ("interval", "month")
    assert next_sum(cast) == 5 * 10900


def test_more_seats_take_back_a_reduction_and_nothing_else(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "business", seats=8)
    scheduled(cast, Choice("team", "month", 6))
    kept = quote.make(world.fresh(cast.account), cast.owner, Choice("business", "month", 9), now=LATER)
    accepted = order.place(kept, member=cast.owner, card="saved", evidence=world.evidence(), now=LATER)
    world.collected(accepted, now=LATER)
    assert {change.kind: change.state for change in ScheduledChange.objects.all()} == {
        "plan": "waiting",
        "seats": "withdrawn",
    }
    assert next_sum(cast) == 9 * 10900


def test_what_waits_for_a_month_waits_for_the_year_that_took_its_place(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "business")
    scheduled(cast, Choice("team", "month", 5))
    kept = quote.make(world.fresh(cast.account), cast.owner, Choice("business", "year", 5), now=LATER)
    accepted = order.place(kept, member=cast.owner, card="saved", evidence=world.evidence(), now=LATER)
    world.collected(accepted, now=LATER)
    assert ScheduledChange.objects.get(kind="plan").effective_at == Subscription.objects.get().period_end


def test_a_cancellation_refuses_purchases_and_a_second_one(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    kept = world.quoted(cast.owner, "business", now=LATER)
    schedule.cancel(world.fresh(cast.account), cast.owner, now=LATER)
    with pytest.raises(AlreadyCanceled):
        schedule.cancel(world.fresh(cast.account), cast.owner, now=LATER)
    with pytest.raises(CancellationWaits):
        world.quoted(cast.owner, "enterprise", now=LATER)
    with pytest.raises(CancellationWaits):  # promised before
        world.placed(sandbox, kept, now=LATER)


@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        (Choice("business", "month", 8), NothingToSchedule),
        (Choice("enterprise", "month", 8), NothingToSchedule),
        (Choice("enterprise", "month", 5), UpAndDown),
        (Choice("business", "month", 3), SeatsStillHeld),
    ],
)
def test_what_is_no_step_down_is_refused_by_name(
    cast: Cast, sandbox: SandboxProcess, choice: Choice, refusal: type[Refusal]
) -> None:
    world.bought(sandbox, cast.owner, "business", seats=8)
    with pytest.raises(refusal):
        scheduled(cast, choice)
    assert not ScheduledChange.objects.exists()
