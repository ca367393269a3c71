"""What crosses the night: a change, an end, its withdrawal, another card, another worker. Both orders, forced."""

import pytest

from palier.apps.agenda.models import BillingChunk
from palier.apps.payments.models import Payment
from palier.flows import card as cards
from palier.flows import renew, schedule
from palier.flows.change import Choice
from tests.faults.meetings import ALONE, PAYS, SOON, Meeting, assert_one_of_two_orders, with_the_worker
from tests.faults.pauses import (
    AFTER_ITS_CHARGE,
    AFTER_ITS_LOCK,
    BEFORE_ITS_CHARGE,
    BEFORE_ITS_COMMIT,
    Action,
    Point,
)
from tests.flows.test_races_of_a_life import (
    JULY,
    MID_JUNE,
    Stage,
    canceling_and_renewing,
    renewing,
    withdrawing_and_renewing,
)
from tests.sandbox_process import SandboxProcess

CLAIMED = Point("after lock agenda_billingchunk")
PLANS = (
    Point("before SELECT pg_try_advisory_xact_lock(%s)"),
    Point("after SELECT pg_try_advisory_xact_lock(%s)"),
    BEFORE_ITS_COMMIT,
    Point("after commit"),
    CLAIMED,
    AFTER_ITS_LOCK,
    Point("before commit", 2),
)
"""Of who plans the night, and then does its chunks."""
SETTLES = (BEFORE_ITS_CHARGE, AFTER_ITS_CHARGE, AFTER_ITS_LOCK, BEFORE_ITS_COMMIT)


def a_plan_change_and_the_renewal(stage: Stage) -> tuple[Action, Action]:
    return with_the_worker(stage, stage.pressing(stage.quoted(Choice("business", "month", 6)))), renewing(stage)


def more_seats_and_the_renewal(stage: Stage) -> tuple[Action, Action]:
    return with_the_worker(stage, stage.pressing(stage.quoted(Choice("team", "month", 8)))), renewing(stage)


def another_card_and_the_renewal(stage: Stage) -> tuple[Action, Action]:
    stage.type_new_card("5555 5555 5555 4444")
    return (
        lambda: cards.replace(stage.account, stage.owner, now=JULY),
        with_the_worker(stage, renewing(stage)),
    )


def a_cancellation_and_a_charge_in_flight(stage: Stage) -> tuple[Action, Action]:
    """Pay was pressed; the worker is at it."""
    kept = stage.quoted(Choice("business", "month", 6))
    stage.pressing(kept)()
    payment = Payment.objects.get(order__quote=kept)
    return lambda: stage.ask(payment), lambda: schedule.cancel(stage.account, stage.owner, now=MID_JUNE)


def the_charge_of_a_renewal_by_two_workers(stage: Stage) -> tuple[Action, Action]:
    renewing(stage)()
    payment = Payment.objects.get(account=stage.account, state="started")
    return lambda: stage.ask(payment), lambda: stage.ask(payment)


def two_workers_at_one_chunk(stage: Stage) -> tuple[Action, Action]:
    run = renew.plan(now=JULY)
    assert run is not None
    (chunk,) = run.chunks.values_list("id", flat=True)
    return lambda: renew.chunk(chunk, now=JULY), lambda: renew.chunk(chunk, now=SOON)


def two_clocks_in_one_night(stage: Stage) -> tuple[Action, Action]:
    def night() -> None:
        for _ in range(2):  # a clock comes back: what an ended plan has left is planned anew
            renew.plan(now=JULY)
            for chunk in BillingChunk.objects.filter(done_at=None).values_list("id", flat=True):
                renew.chunk(chunk, now=JULY)

    return night, night


@pytest.mark.parametrize(
    ("meeting", "first_at", "second_at"),
    [
        (a_plan_change_and_the_renewal, PAYS, ALONE),
        (more_seats_and_the_renewal, PAYS, ALONE),
        (canceling_and_renewing, ALONE, ALONE),
        (withdrawing_and_renewing, ALONE, ALONE),
        (another_card_and_the_renewal, ALONE, PAYS),
        (a_cancellation_and_a_charge_in_flight, SETTLES, ALONE),
        (the_charge_of_a_renewal_by_two_workers, SETTLES, SETTLES),
        (two_workers_at_one_chunk, (CLAIMED, *ALONE), ALONE),
        (two_clocks_in_one_night, PLANS, PLANS),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_a_night_ends_as_in_one_of_the_two_orders(
    sandbox: SandboxProcess, meeting: Meeting, first_at: tuple[Point, ...], second_at: tuple[Point, ...]
) -> None:
    assert_one_of_two_orders(meeting, sandbox, first_at, second_at)
