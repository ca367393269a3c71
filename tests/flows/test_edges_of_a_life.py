"""Corners that the reference model and a suspicious reader found; each was wrong once."""

from datetime import UTC, datetime, timedelta

import pytest

from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import ScheduledChange, Subscription, SubscriptionItem
from palier.engine import wire
from palier.flows import baskets, order, quote, schedule, seats
from palier.flows.change import Choice
from palier.flows.quote_refusals import FewerAddOnsWait, InvoiceOpen, NothingChanges, PlansDiffer
from palier.flows.schedule_refusals import NoSplitAtRenewal, UpAndDown
from palier.kit.refusals import Refusal
from tests import world
from tests.books import assert_balanced
from tests.catalogue.toml import edited
from tests.lifetimes import assert_seats_agree
from tests.model.driver import Program
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
MID_JUNE = NOON + timedelta(days=14)
"""The 15th of a 30-day month: half of it is left."""


@pytest.fixture(autouse=True)
def nobody_has_a_role_of_business(cast: Cast) -> None:
    world.without_billing_admin(cast)


def bought(cast: Cast, choice: Choice, *, now: datetime = MID_JUNE) -> Order:
    kept = quote.make(world.fresh(cast.account), cast.owner, choice, now=now)
    accepted = order.place(kept, member=cast.owner, card="saved", evidence=world.evidence(), now=now)
    world.collected(accepted, now=now)
    return Order.objects.get(pk=accepted.pk)


def scheduled(cast: Cast, choice: Choice) -> list[ScheduledChange]:
    return schedule.change(world.fresh(cast.account), cast.owner, choice, now=MID_JUNE)


def records() -> dict[str, int]:
    rows = SubscriptionItem.objects.filter(key="records").exclude(subscription__state="ended")
    return dict(rows.values_list("subscription__interval", "quantity"))


def records_wanted(units: int) -> tuple[tuple[str, int], ...]:
    return (("records", units),)


def test_add_ons_wanted_in_all_are_charged_less_those_of_the_other_interval(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    bought(cast, Choice("team", "month", 6, add_ons=records_wanted(2)))
    bought(cast, Choice("team", "year", 2, 4))
    settled = bought(cast, Choice("team", "year", 2, 4, add_ons=records_wanted(3)), now=MID_JUNE + timedelta(days=1))
    assert records() == {"month": 2, "year": 1}
    assert settled.invoice is not None
    assert sum(settled.invoice.lines.values_list("quantity", flat=True)) == 1


def test_the_renewal_that_is_told_beside_a_purchase_counts_what_waits_for_it(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    bought(cast, Choice("team", "year", 2, 4))
    scheduled(cast, Choice("team", "year", 1, 4))
    settled = bought(cast, Choice("team", "month", 4, 2, add_ons=records_wanted(1)))
    beside = wire.draft_from_json(settled.quote.draft).beside
    assert beside is not None
    assert beside.renewal is not None
    assert beside.renewal.total_minor == 12 * 9500 * 120 // 100  # one seat, no longer two


def test_a_lower_plan_waits_on_a_subscription_that_is_opened_beside_as_well(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, "business", seats=6)
    scheduled(cast, Choice("team", "month", 6))
    settled = bought(cast, Choice("business", "year", 2, 4))
    end_of_the_year = datetime(2027, 6, 14, 22, tzinfo=UTC)
    waiting = ScheduledChange.objects.filter(state="waiting").values_list("subscription__interval", "key")
    assert sorted(waiting) == [("month", "team"), ("year", "team")]
    assert {each.effective_at for each in ScheduledChange.objects.filter(state="waiting")} == {end_of_the_year}
    draft = wire.draft_from_json(settled.quote.draft)
    assert draft.renewal.total_minor == 2 * 12 * 9500 * 120 // 100  # the year renews as Team, the month as it is
    assert draft.beside is not None
    assert draft.beside.renewal is not None
    assert draft.beside.renewal.total_minor == 4 * 15900 * 120 // 100
    assert_balanced()


def test_in_the_last_month_of_a_year_a_lower_plan_does_not_miss_its_end(cast: Cast, sandbox: SandboxProcess) -> None:
    program = Program(sandbox, cast)
    world.bought(sandbox, cast.owner, "business", seats=6)
    bought(cast, Choice("business", "year", 2, 4), now=NOON + timedelta(days=14))
    program.travel(366)  # to 2 June 2027: the month ends on 1 July, the year on the 15th
    schedule.change(program.account, cast.owner, Choice("team", "month", 4, 2), now=program.now)
    program.travel(14)
    assert {held.interval: held.current.state.plan.price.key for held in program.facts.held} == {
        "month": "business",
        "year": "team",
    }
    program.travel(20)
    assert program.facts.held_plans == {"team"}


def test_add_ons_go_along_when_the_last_monthly_seats_join_the_year(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    bought(cast, Choice("team", "month", 6, add_ons=records_wanted(2)))
    bought(cast, Choice("team", "year", 2, 4))
    bought(cast, Choice("team", "year", 6), now=MID_JUNE + timedelta(days=1))
    assert records() == {"year": 2}
    assert_balanced(sandbox)


def test_fewer_add_ons_of_both_intervals_end_first_on_the_one_that_is_named(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    bought(cast, Choice("team", "month", 6, add_ons=records_wanted(2)))
    bought(cast, Choice("team", "year", 2, 4, add_ons=records_wanted(4)))
    made = scheduled(cast, Choice("team", "year", 2, 4, add_ons=records_wanted(1)))
    assert {change.subscription.interval: change.quantity for change in made} == {"year": 0, "month": 1}


@pytest.mark.parametrize(
    ("held", "wanted", "refusal"),
    [
        (Choice("team", "month", 6), Choice("team", "month", 5, add_ons=records_wanted(2)), UpAndDown),
        (Choice("team", "year", 6), Choice("team", "year", 3, 2), NoSplitAtRenewal),
    ],
    ids=["more-add-ons-fewer-seats", "part-of-a-year"],
)
def test_a_step_down_that_cannot_be_kept_whole_is_refused(
    cast: Cast, sandbox: SandboxProcess, held: Choice, wanted: Choice, refusal: type[Refusal]
) -> None:
    world.bought(sandbox, cast.owner, held.plan, held.interval, held.seats)
    with pytest.raises(refusal):
        scheduled(cast, wanted)
    assert not ScheduledChange.objects.exists()


def test_no_add_ons_wanted_where_none_are_held_changes_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    bought(cast, Choice("team", "year", 2, 4))
    with pytest.raises(NothingChanges):
        bought(cast, Choice("team", "month", 4, 2, add_ons=records_wanted(0)))


def test_fewer_add_ons_beside_more_monthly_seats_are_named_as_such(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, interval="year", seats=5)
    bought(cast, Choice("team", "year", 5, add_ons=records_wanted(3)))
    with pytest.raises(FewerAddOnsWait):
        bought(cast, Choice("team", "year", 5, 1, add_ons=records_wanted(2)))


def test_monthly_seats_do_not_wait_to_become_annual_ones(cast: Cast, sandbox: SandboxProcess) -> None:
    """They would end next month, and the annual ones begin next year: too few seats in between."""
    world.bought(sandbox, cast.owner, seats=9)
    bought(cast, Choice("team", "year", 5, 4))
    with pytest.raises(UpAndDown):
        scheduled(cast, Choice("team", "year", 7))


def test_a_purchase_that_takes_a_reduction_back_tells_the_journal(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    seats.reduce(world.fresh(cast.account), cast.owner, 5, interval="month", now=MID_JUNE)
    bought(cast, Choice("team", "year", 6))
    assert_seats_agree(world.fresh(cast.account), now=MID_JUNE)


def test_a_cancellation_taken_back_leaves_a_reduction_waiting(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    seats.reduce(world.fresh(cast.account), cast.owner, 5, interval="month", now=MID_JUNE)
    [end] = schedule.cancel(world.fresh(cast.account), cast.owner, now=MID_JUNE)
    schedule.withdraw(end, cast.owner, now=MID_JUNE)
    assert_seats_agree(world.fresh(cast.account), now=MID_JUNE)


def test_seats_taken_for_the_day_take_back_a_reduction(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, seats=6)
    seats.reduce(world.fresh(cast.account), cast.owner, 4, interval="month", now=MID_JUNE)
    baskets.take(world.fresh(cast.account), cast.owner, 8, interval="month", now=MID_JUNE)
    assert ScheduledChange.objects.get().state == "withdrawn"
    assert_seats_agree(world.fresh(cast.account), now=MID_JUNE)


def test_taking_the_seats_that_are_held_changes_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, seats=6)
    with pytest.raises(NothingChanges):
        baskets.take(world.fresh(cast.account), cast.owner, 6, interval="month", now=MID_JUNE)
    assert Subscription.objects.get().version == 1


def test_each_of_two_subscriptions_is_active_again_once_its_own_invoice_is_paid(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    program = Program(sandbox, cast)
    world.bought(sandbox, cast.owner, seats=6)
    bought(cast, Choice("team", "year", 2, 4), now=NOON)
    program.travel(360)
    program.replace_card("declined")
    program.travel(7)  # both have renewed on 1 June 2027, and neither was paid
    assert set(Subscription.objects.values_list("state", flat=True)) == {"past_due"}
    program.replace_card("good")
    assert set(Subscription.objects.values_list("state", flat=True)) == {"active"}


def test_between_the_ends_of_a_year_and_a_month_no_seat_buys_a_plan(cast: Cast, sandbox: SandboxProcess) -> None:
    """The annual users are on Team since 1 June, the monthly ones until the 15th on Business."""
    program = Program(sandbox, cast)
    world.bought(sandbox, cast.owner, "business", "year", 5)
    bought(cast, Choice("business", "month", 2, 5))
    scheduled(cast, Choice("team", "year", 5, 2))
    program.travel(366)
    account, now = program.account, program.now
    for refused in (
        lambda: quote.make(account, cast.owner, Choice("business", "month", 3, 5), now=now),
        lambda: seats.reduce(account, cast.owner, 1, interval="month", now=now),
    ):
        with pytest.raises(PlansDiffer):
            refused()
    assert quote.make(account, cast.owner, Choice("enterprise", "month", 2, 5), now=now).total_minor > 0
    program.travel(14)
    assert quote.make(account, cast.owner, Choice("team", "month", 3, 5), now=program.now).total_minor > 0


def test_seats_of_another_day_do_not_join_a_basket_that_is_overdue(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish(edited('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, seats=6)
    baskets.take(world.fresh(cast.account), cast.owner, 8, interval="month", now=MID_JUNE)
    with pytest.raises(InvoiceOpen):  # the day's invoice is being paid
        baskets.take(world.fresh(cast.account), cast.owner, 9, interval="month", now=MID_JUNE + timedelta(days=3))
    assert Invoice.objects.latest("id").net_minor == 2 * 5450


def test_a_card_refused_for_good_is_not_charged_for_another_invoice(cast: Cast, sandbox: SandboxProcess) -> None:
    program = Program(sandbox, cast)
    world.bought(sandbox, cast.owner, seats=6)
    bought(cast, Choice("team", "year", 2, 4), now=NOON)
    program.travel(360)
    program.replace_card("lost")
    program.travel(7)  # both have renewed on 1 June 2027
    lost = Payment.objects.filter(reason="lost_card")
    assert lost.count() == 2
    assert lost.exclude(sent_at=None).count() == 1
    assert set(Subscription.objects.values_list("state", flat=True)) == {"past_due"}
