"""Money that came after "failed" goes back while something else happens: both orders, forced; given back once."""

import pytest

from palier.apps.events.models import Event
from palier.apps.payments.models import Payment
from palier.flows import refund, schedule
from palier.flows.change import Choice
from tests.faults.meetings import ALONE, PAYS, Meeting, assert_one_of_two_orders, with_the_worker
from tests.faults.pauses import BEFORE_ITS_LOCK, Action, Point
from tests.flows.test_races_of_a_life import MID_JUNE, Stage
from tests.live_stack import until
from tests.sandbox_process import SandboxProcess

GIVES_BACK = (
    BEFORE_ITS_LOCK,
    Point("after lock accounts_account"),
    Point("after commit"),
    Point("before POST /v1/refunds: http11.send_request_headers"),
    Point("after POST /v1/refunds: http11.receive_response_body"),
    Point("after lock accounts_account", 2),
    Point("before commit", 2),
)


def taken_late(stage: Stage) -> Payment:
    """More seats were paid; the gateway's silence was called a failure, and then it took the money."""
    stage.sandbox.fault("capture_late", seconds=0)
    with_the_worker(stage, stage.pressing(stage.quoted(Choice("team", "month", 8))))()
    late = Payment.objects.get(account=stage.account, state="unknown")
    Payment.objects.filter(pk=late.pk).update(state="failed", reason="declined", resolved_at=MID_JUNE)
    until(lambda: stage.sandbox.captured(late.public_id) == 1, "the late capture")
    return late


def giving_back(late: Payment) -> Action:
    """The gateway speaks of it, and the worker does what follows."""

    def back() -> None:
        refund.noticed(late.id, now=MID_JUNE)
        if Event.objects.filter(kind="payment.taken_late", payload__payment=late.public_id).exists():
            refund.late(late.id, now=MID_JUNE)

    return back


def a_late_capture_told_twice(stage: Stage) -> tuple[Action, Action]:
    late = taken_late(stage)
    return giving_back(late), giving_back(late)


def a_late_capture_and_a_cancellation(stage: Stage) -> tuple[Action, Action]:
    late = taken_late(stage)
    return giving_back(late), lambda: schedule.cancel(stage.account, stage.owner, now=MID_JUNE)


def a_late_capture_and_paying_again(stage: Stage) -> tuple[Action, Action]:
    late = taken_late(stage)
    assert late.order is not None
    return giving_back(late), with_the_worker(stage, stage.pressing(late.order.quote))


@pytest.mark.parametrize(
    ("meeting", "second_at"),
    [
        (a_late_capture_told_twice, GIVES_BACK),
        (a_late_capture_and_a_cancellation, ALONE),
        (a_late_capture_and_paying_again, PAYS),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_what_came_late_goes_back_once_whatever_crosses_it(
    sandbox: SandboxProcess, meeting: Meeting, second_at: tuple[Point, ...]
) -> None:
    assert_one_of_two_orders(meeting, sandbox, GIVES_BACK, second_at)
