"""A test clock travels: everything due on the way happens, in order and once, and the clock never goes back."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.accounts import clocks
from palier.apps.accounts.models import Account, Travel
from palier.apps.agenda import actions as agenda_actions
from palier.apps.agenda.models import Due
from palier.apps.events.models import Event
from palier.apps.payments.models import Payment
from palier.flows import agenda, confirm, order, quote, travel, travel_targets
from palier.flows.change import Choice
from palier.interfaces.worker import tasks
from palier.kit import clock
from palier.kit.refusals import Refusal
from tests import world
from tests.stories.conftest import Begins, begins
from tests.stories.teller import ASKS_ALWAYS, ASKS_LATER, Life
from tests.world import Cast

__all__ = ["begins"]

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def life(begins: Begins) -> Life:
    return begins()


def refused(account: Account, to: datetime, *, now: datetime) -> str:
    with pytest.raises(Refusal) as caught:
        travel.depart(account, to, now=now)
    assert not Travel.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="travel_account").exists()
    return caught.value.code


def test_an_account_of_the_present_has_no_clock(cast: Cast) -> None:
    assert refused(cast.account, world.NOON + DAY, now=world.NOON) == "clock.none"


def test_a_clock_never_goes_back_and_three_years_at_once_at_the_most(life: Life) -> None:
    assert refused(life.account, life.now, now=life.begun) == "clock.backwards"
    assert refused(life.account, life.now - DAY, now=life.begun) == "clock.backwards"
    assert refused(life.account, life.now + 1100 * DAY, now=life.begun) == "clock.too_far"
    Account.objects.filter(pk=life.account.pk).update(clock_ahead=timedelta(days=20 * 365))
    assert refused(life.account, life.now + 400 * DAY, now=life.begun) == "clock.too_far"


def test_one_journey_at_a_time(life: Life) -> None:
    travel.depart(life.account, life.now + DAY, now=life.begun)
    with pytest.raises(travel.StillTravelling), transaction.atomic():
        travel.depart(life.account, life.now + 2 * DAY, now=life.begun)
    assert travel.stop(life.account, now=life.begun)
    assert not travel.stop(life.account, now=life.begun)
    stopped = Travel.objects.get()
    assert (stopped.state, stopped.stopped_by, life.now) == ("stopped", "asked", life.begun)


def test_the_clock_arrives_exactly_and_time_goes_on_from_there(life: Life) -> None:
    journey = life.travels(days=3)
    assert (journey.state, journey.steps) == ("arrived", 0)
    assert life.now == life.begun + 3 * DAY
    assert clocks.time_of(life.begun + DAY, pk=life.account.pk) == life.begun + 4 * DAY


def test_each_thing_happens_at_its_own_instant_in_order(life: Life) -> None:
    life.buys("team", seats=2)
    first = life.facts.held[0].subscription.period_end
    life.travels(days=70)
    renewed = list(Event.objects.filter(kind="subscription.renewed").order_by("id").values_list("at", flat=True))
    assert renewed == [first, first + 31 * DAY]
    paid = Event.objects.filter(kind="invoice.paid").order_by("id").values_list("at", flat=True)
    assert list(paid) == renewed, "collected before time went on"


def test_a_journey_goes_on_where_its_worker_died(life: Life) -> None:
    life.buys("team", seats=1)
    journey = travel.depart(life.account, life.now + 100 * DAY, now=life.begun)
    for _, later in zip(range(2), travel.stages(journey.id), strict=False):
        travel.step(journey.id, later, now=life.begun)
    assert Travel.objects.get().steps == 2
    for later in travel.stages(journey.id):  # the rescued job begins anew
        travel.step(journey.id, later, now=life.begun)
    assert Travel.objects.get().state == "arrived"
    assert len(life.invoices) == 4
    life.ends_well()


def test_a_step_that_was_cut_off_in_the_middle_is_done_once(life: Life) -> None:
    life.buys("team", seats=1)
    row = Due.objects.exclude(kind="card_expiry").get()
    clocks.put_forward(life.account.pk, row.due_at, now=life.begun)
    agenda.FLOWS[row.kind](row, now=row.due_at)  # the renewal is written, its payment not yet sent
    life.travels(days=40)
    assert life.billed == [("2026-06-01", 13_080), ("2026-07-01", 13_080), ("2026-08-01", 13_080)]
    life.ends_well()


def test_the_worker_travels_by_itself_and_the_clock_takes_forgotten_journeys_up(life: Life) -> None:
    life.buys("team", seats=1)
    present = clock.now()
    journey = travel.depart(life.account, clocks.time_of(present, pk=life.account.pk) + 40 * DAY, now=present)
    assert ProcrastinateJob.objects.filter(task_name="travel_account").count() == 1
    assert travel.forgotten() == 0
    ProcrastinateJob.objects.filter(task_name="travel_account").update(status="failed")
    assert travel.forgotten() == 1
    tasks.travel_account(journey.id)
    assert Travel.objects.get().state == "arrived"
    tasks.travel_account(journey.id)


def test_what_waits_for_a_person_waits_as_long_as_the_bank_and_a_renewal_meanwhile_turns_in_no_circles(
    life: Life,
) -> None:
    life.buys("team", seats=2)
    life.travels(to="2026-06-30")
    kept = quote.make(life.account, life.owner, Choice("team", "year", 2), now=life.now)
    world.type_card(life.sandbox, kept, ASKS_ALWAYS)
    order.place(kept, member=life.owner, card="new", evidence=world.evidence(), now=life.now)
    life.travels(to="2026-07-01", hour=9)
    assert Payment.objects.filter(state="action_required").count() == 1
    assert len(life.invoices) == 1
    journey = life.travels(days=30)
    assert Payment.objects.get(state="failed").reason == "authentication_expired"
    assert life.holds == [("team", "month", 2)]
    assert journey.steps <= 4
    assert [day for day, _ in life.billed] == ["2026-06-01", "2026-07-02"]


def test_the_next_event_may_be_that_the_bank_stops_waiting(life: Life) -> None:
    life.buys("team", seats=2, with_card=ASKS_LATER)
    life.travels(to="2026-07-01")
    waiting = Payment.objects.get(state="action_required")
    to = travel_targets.jump(world.fresh(life.account), "event", own=life.now)
    assert to == waiting.started_at + confirm.BANK_WAITS
    assert travel.travel(world.fresh(life.account), to, now=life.begun).state == "arrived"
    assert Payment.objects.get(pk=waiting.pk).reason == "authentication_expired"
    assert travel_targets.jump(world.fresh(life.account), "event", own=life.now) > to


def test_a_bank_that_cannot_be_asked_to_stop_waiting_stops_the_journey(life: Life) -> None:
    life.buys("team", seats=2, with_card=ASKS_LATER)
    life.travels(to="2026-07-01")
    life.sandbox.fault("down", times=None)
    journey = travel.travel(life.account, life.now + 40 * DAY, now=life.begun)
    assert (journey.state, life.today) == ("stopped", "2026-07-02")
    assert journey.stopped_by.startswith("payment: no answer")
    life.sandbox.clear_faults()
    life.travels(days=1)
    assert life.access == "grace"


def test_a_payment_service_that_is_silent_stops_the_journey_and_nothing_is_skipped(life: Life) -> None:
    life.buys("team", seats=1)
    life.sandbox.fault("down", times=None)
    journey = travel.travel(life.account, life.now + 200 * DAY, now=life.begun)
    assert journey.state == "stopped"
    assert journey.stopped_by.startswith("payment: no answer")
    assert life.today == "2026-07-01"
    life.sandbox.clear_faults()
    life.travels(days=100)
    assert len(life.invoices) == 5
    life.ends_well()


def test_what_cannot_be_done_stops_the_journey_by_name(life: Life) -> None:
    agenda_actions.put("retry", 12345, life.account.pk, life.now + DAY)
    journey = travel.travel(life.account, life.now + 2 * DAY, now=life.begun)
    assert journey.state == "stopped"
    assert journey.stopped_by.startswith("retry: ")
    assert life.now == life.begun + DAY


def test_kinds_that_nobody_knows_stop_nothing(life: Life) -> None:
    agenda_actions.put("unheard_of", 1, life.account.pk, life.now + DAY)
    life.travels(days=2)


def test_invoices_of_a_sandbox_account_take_no_number_of_the_real_series(life: Life) -> None:
    life.buys("team", seats=1)
    life.travels(days=365)
    other = world.cast(now=life.begun)
    real = world.bought(life.sandbox, other.owner, now=life.begun)
    assert real.invoice is not None
    assert (real.invoice.number, real.invoice.issued_on.isoformat()) == ("F2026-000001", "2026-06-01")
    mark = life.account.public_id[-6:].upper()
    assert [invoice.number for invoice in life.invoices][:2] == [
        f"TEST-{mark}-F2026-000001",
        f"TEST-{mark}-F2026-000002",
    ]
