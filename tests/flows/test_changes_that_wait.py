"""What waits for a renewal is withdrawn by who scheduled it or by a purchase of the same thing, and by nothing else."""

from datetime import timedelta

import pytest

from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.subscriptions import seats as seat_counts
from palier.apps.subscriptions.models import ScheduledChange, SeatEntry
from palier.flows import baskets, order, schedule, seats
from palier.flows.change import Choice
from palier.flows.order_refusals import PaymentInProgress, SubscriptionMoved
from palier.flows.quote_refusals import PlansDiffer
from palier.flows.schedule_refusals import SeatsStillHeld
from tests import world
from tests.books import assert_balanced
from tests.catalogue.toml import edited
from tests.interfaces.portal.subscribed import MID_JUNE, changed
from tests.model.driver import Program
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_role_of_business(cast: Cast) -> None:
    world.without_billing_admin(cast)


def scheduled(cast: Cast, choice: Choice) -> list[ScheduledChange]:
    return schedule.change(world.fresh(cast.account), cast.owner, choice, now=MID_JUNE)


def taken(cast: Cast, number: int, interval: str = "month", *, hours: int = 0) -> None:
    now = MID_JUNE + timedelta(hours=hours)
    baskets.take(world.fresh(cast.account), cast.owner, number, interval=interval, now=now)


def waiting() -> list[tuple[str, str, str]]:
    found = ScheduledChange.objects.filter(state="waiting").select_related("subscription").order_by("id")
    return [(each.subscription.interval, each.kind, each.key or str(each.quantity)) for each in found]


def test_more_users_leave_a_switch_to_monthly_billing_waiting(cast: Cast, sandbox: SandboxProcess) -> None:
    program = Program(sandbox, cast)
    world.bought(sandbox, cast.owner, "team", "year", 5)
    scheduled(cast, Choice("team", "month", 5))
    changed(cast, Choice("team", "year", 6))
    assert waiting() == [("year", "interval", "month")]
    program.travel(366)
    assert Invoice.objects.latest("id").net_minor == 6 * 10900
    assert_balanced(sandbox)


def test_more_users_of_one_interval_leave_a_reduction_of_the_other_waiting(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "team", "year", 5)
    changed(cast, Choice("team", "year", 5, 4))
    seats.reduce(world.fresh(cast.account), cast.owner, 2, interval="month", now=MID_JUNE)
    changed(cast, Choice("team", "year", 6, 4))
    assert waiting() == [("month", "seats", "2")]
    changed(cast, Choice("team", "year", 6, 5))
    assert waiting() == []
    assert_balanced(sandbox)


def test_a_days_users_that_cancel_out_leave_a_switch_to_monthly_billing_waiting(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, "team", "year", 5)
    scheduled(cast, Choice("team", "month", 5))
    for number in (6, 5):
        taken(cast, number, "year")
    assert waiting() == [("year", "interval", "month")]
    assert_balanced(sandbox)


def test_a_days_users_given_back_leave_what_was_scheduled_since(cast: Cast, sandbox: SandboxProcess) -> None:
    """Fewer users at the renewal, or none: the journal goes on saying so."""
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, seats=5)
    taken(cast, 8)
    seats.reduce(world.fresh(cast.account), cast.owner, 4, interval="month", now=MID_JUNE)
    taken(cast, 6, hours=1)
    assert (waiting(), SeatEntry.objects.latest("id").seats_at_renewal) == ([("month", "seats", "4")], 4)
    schedule.cancel(world.fresh(cast.account), cast.owner, now=MID_JUNE)
    taken(cast, 5, hours=2)
    assert SeatEntry.objects.latest("id").seats_at_renewal == 0
    assert_balanced(sandbox)


def test_while_a_payment_is_at_the_bank_nothing_is_scheduled_or_taken_back(cast: Cast, sandbox: SandboxProcess) -> None:
    """It settles on the subscription as it was promised (ADR 0012)."""
    world.bought(sandbox, cast.owner, seats=5)
    (fewer,) = seats.reduce(world.fresh(cast.account), cast.owner, 4, interval="month", now=MID_JUNE)
    kept = world.quoted(cast.owner, "team", "year", 5, now=MID_JUNE)
    at_bank = world.collected(world.placed(sandbox, kept, world.NEEDS_3DS, now=MID_JUNE), now=MID_JUNE).action_url
    account = world.fresh(cast.account)
    for refused in (
        lambda: schedule.cancel(account, cast.owner, now=MID_JUNE),
        lambda: schedule.withdraw(fewer, cast.owner, now=MID_JUNE),
        lambda: seats.reduce(account, cast.owner, 4, interval="month", now=MID_JUNE),
    ):
        with pytest.raises(PaymentInProgress):
            refused()
    sandbox.answer_bank(at_bank)
    world.collected(Order.objects.latest("id"), now=MID_JUNE)
    schedule.cancel(world.fresh(cast.account), cast.owner, now=MID_JUNE)
    assert [kind for _interval, kind, _what in waiting()] == ["cancel"]
    assert_balanced(sandbox)


@pytest.mark.parametrize("before", [True, False])
def test_a_promise_gives_way_to_what_was_scheduled_or_taken_back_since(
    cast: Cast, sandbox: SandboxProcess, before: bool
) -> None:
    """It says what the next renewal will be."""
    world.bought(sandbox, cast.owner, "business", seats=5)
    lower = scheduled(cast, Choice("team", "month", 5)) if before else []
    kept = world.quoted(cast.owner, "business", seats=6, now=MID_JUNE)
    if before:
        schedule.withdraw(lower[0], cast.owner, now=MID_JUNE)
    else:
        scheduled(cast, Choice("team", "month", 5))
    with pytest.raises(SubscriptionMoved):
        order.place(kept, member=cast.owner, card="saved", evidence=world.evidence(), now=MID_JUNE)


def test_once_the_year_is_on_the_lower_plan_the_month_follows(cast: Cast, sandbox: SandboxProcess) -> None:
    program = Program(sandbox, cast)
    world.bought(sandbox, cast.owner, "business", "year", 5)
    changed(cast, Choice("business", "month", 2, 5))
    scheduled(cast, Choice("team", "year", 5, 2))
    program.travel(366)  # to 2 June 2027: the month ends on the 15th
    (left,) = ScheduledChange.objects.filter(state="waiting")
    assert program.facts.held_plans == {"team", "business"}
    assert_balanced(sandbox)
    with pytest.raises(PlansDiffer) as refused:
        schedule.withdraw(left, cast.owner, now=program.now)
    assert "on 15 June 2027" in refused.value.text("en")
    program.travel(40)
    assert program.facts.held_plans == {"team"}
    assert_balanced(sandbox)


def test_of_two_cancellations_one_is_not_taken_back_where_people_would_lose_their_seats(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    """Four people: two monthly seats alone do not hold them. Both come back at once."""
    world.bought(sandbox, cast.owner, "team", "year", 4)
    changed(cast, Choice("team", "year", 4, 2))
    year_and_month = schedule.cancel(world.fresh(cast.account), cast.owner, now=MID_JUNE)
    month = next(each for each in year_and_month if each.subscription.interval == "month")
    with pytest.raises(SeatsStillHeld):
        schedule.withdraw(month, cast.owner, now=MID_JUNE)
    schedule.withdraw(month, cast.owner, with_others=True, now=MID_JUNE)
    assert waiting() == []
    counted = seat_counts.of_account(world.fresh(cast.account), now=MID_JUNE)
    assert counted is not None
    assert counted.at_renewal == 6
    assert SeatEntry.objects.latest("id").cause == "cancel_withdrawn"
    assert_balanced(sandbox)


def test_everything_may_end_though_people_stay_on_fewer_seats_for_the_last_days(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    program = Program(sandbox, cast)
    world.bought(sandbox, cast.owner, seats=4)
    changed(cast, Choice("team", "month", 4, 3))
    schedule.cancel(program.account, cast.owner, now=MID_JUNE)
    program.travel(40)
    counted = seat_counts.of_account(program.account, now=program.now)
    assert counted is not None
    assert (counted.bought, counted.used) == (3, 4)
    assert_balanced(sandbox)
