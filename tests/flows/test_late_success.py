"""The gateway takes the money after it has called the payment failed: it goes back, and nothing else follows."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.events.models import Event
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.gateways.models import GatewayEvent
from palier.apps.payments.models import Payment
from palier.flows import collect, doctor, receive, refund, settle
from palier.kit import clock
from tests import world
from tests.flows.bad_days import SOON, again, assert_nothing_follows
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast


def taken_late(sandbox: SandboxProcess, cast: Cast) -> Payment:
    """Called failed by a gateway that then takes the money."""
    accepted = world.placed(sandbox, world.quoted(cast.owner))
    sandbox.fault("capture_late", seconds=0)
    payment = world.collected(accepted)
    assert payment.state == "unknown"
    Payment.objects.filter(pk=payment.pk).update(state="failed", reason="declined", resolved_at=NOON)
    while not sandbox.captured(payment.public_id):
        pass
    return payment


def told(payment: Payment, *, times: int = 1) -> None:
    """Webhooks about the payment, and what the worker does with them."""
    for number in range(times):
        stored = GatewayEvent.objects.create(
            gateway="sandbox",
            external_id=f"evt_{clock.now().timestamp()}_{number}",
            kind="charge.succeeded",
            reference=payment.public_id,
            payload={},
            received_at=NOON,
        )
        receive.handled(stored.id, now=SOON)


def refunds() -> list[int]:
    jobs = ProcrastinateJob.objects.filter(task_name="refund_late_payment")
    return [job.args["payment_id"] for job in jobs]


def given_back(sandbox: SandboxProcess, payment: Payment) -> list[int]:
    return [row["amount_minor"] for row in sandbox.book()["refunds"] if row["reference"] == payment.public_id]


def test_what_was_taken_late_is_given_back_once(
    cast: Cast, sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    payment = taken_late(sandbox, cast)
    with caplog.at_level(logging.ERROR):
        told(payment, times=3)
    assert [payment.public_id in record.message for record in caplog.records] == [True]
    assert refunds() == [payment.id]
    for _ in range(3):
        refund.late(payment.id, now=SOON)
    assert given_back(sandbox, payment) == [payment.amount_minor]
    told(payment)  # the event of the refund itself
    assert refunds() == [payment.id]
    kinds = Event.objects.filter(payload__payment=payment.public_id).order_by("id").values_list("kind", flat=True)
    assert list(kinds)[1:] == ["payment.taken_late", "payment.refunded"]
    assert (again(payment).state, again(payment).reason) == ("failed", "declined")
    assert_nothing_follows(payment)


def test_the_orders_next_attempt_goes_its_own_way(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    accepted = world.placed(sandbox, world.order_of(payment).quote)
    told(payment)
    refund.late(payment.id, now=SOON)
    assert world.collected(accepted).state == "succeeded"
    assert sandbox.captured(world.collected(accepted).public_id) == 1


def test_an_event_about_a_payment_that_stays_failed_does_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = world.collected(world.placed(sandbox, world.quoted(cast.owner), world.DECLINED))
    told(payment)
    assert refunds() == []
    assert not Event.objects.filter(kind="payment.taken_late").exists()


def test_a_refund_without_an_answer_is_asked_again_and_given_once(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    told(payment)
    sandbox.fault("timeout_after_capture", operation="refund")
    with pytest.raises(refund.NotRefunded):
        refund.late(payment.id, now=SOON)
    assert not Event.objects.filter(kind="payment.refunded").exists()
    refund.late(payment.id, now=SOON)
    assert given_back(sandbox, payment) == [payment.amount_minor]
    assert Event.objects.filter(kind="payment.refunded").count() == 1


def test_an_event_heard_while_the_gateway_is_silent_is_kept(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    sandbox.fault("timeout_before_capture", operation="find")
    with pytest.raises(GatewayUnreachable):
        told(payment)
    assert GatewayEvent.objects.filter(handled_at=None).count() == 1
    collect.payment(payment.id, now=SOON)
    assert again(payment).state == "failed"


def test_a_refund_whose_job_gave_up_is_taken_up_again_until_it_is_done(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    told(payment)
    later = SOON + timedelta(hours=2)
    assert refund.forgotten(now=later) == 0, "its job waits"
    ProcrastinateJob.objects.filter(task_name="refund_late_payment").update(status="failed")
    assert refund.forgotten(now=SOON + timedelta(minutes=30)) == 0, "its job had no hour yet"
    assert refund.forgotten(now=later) == 1
    assert refunds() == [payment.id, payment.id]
    ProcrastinateJob.objects.filter(task_name="refund_late_payment").update(status="failed")
    refund.late(payment.id, now=later)
    assert refund.forgotten(now=later) == 0
    assert given_back(sandbox, payment) == [payment.amount_minor]


def asked_about(now: datetime) -> list[int]:
    """Which payments the clock asks about at an instant; a worker does so at once."""
    refund.ask_about_failed(now=now)
    jobs = ProcrastinateJob.objects.filter(task_name="ask_about_failed_payment").order_by("id")
    mine = [job.args["payment_id"] for job in jobs]
    jobs.delete()
    for payment_id in mine:
        refund.noticed(payment_id, now=now)
    return mine


def test_what_was_taken_late_is_found_by_asking_where_no_event_ever_comes(
    cast: Cast, sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    payment = taken_late(sandbox, cast)
    with caplog.at_level(logging.ERROR):
        for minutes in (0, 5, 10, 11, 60, 61, 24 * 60):
            asked_about(NOON + timedelta(minutes=minutes))
    assert [payment.public_id in record.message for record in caplog.records] == [True]
    assert refunds() == [payment.id]
    refund.late(payment.id, now=SOON)
    told(payment)  # an event that comes after all
    assert refunds() == [payment.id]
    assert given_back(sandbox, payment) == [payment.amount_minor]
    assert_nothing_follows(payment)


def test_a_payment_that_stays_failed_is_asked_about_on_a_calendar_that_ends(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = world.collected(world.placed(sandbox, world.quoted(cast.owner), world.DECLINED))
    second = timedelta(seconds=1)
    for passed in refund.ASKED_AFTER:
        asked = [asked_about(NOON + passed + near) for near in (-second, timedelta(), second)]
        assert asked == [[], [payment.id], []], f"not once after {passed}"
    assert asked_about(NOON + refund.REMEMBERED - second) == []
    assert refunds() == []


def test_a_question_that_the_gateway_did_not_answer_is_asked_again(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    sandbox.fault("timeout_before_capture", operation="find")
    with pytest.raises(GatewayUnreachable):
        asked_about(NOON + timedelta(minutes=10))
    assert asked_about(NOON + timedelta(minutes=11)) == [payment.id]
    assert refunds() == [payment.id]


def test_a_question_whose_job_waits_is_not_deferred_twice(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    later = NOON + timedelta(hours=2)
    assert [refund.ask_about_failed(now=later) for _ in range(2)] == [1, 0]
    refund.noticed(payment.id, now=later)
    ProcrastinateJob.objects.filter(task_name="ask_about_failed_payment").delete()
    assert refund.ask_about_failed(now=later) == 0, "one answer is that of all the days until then"


def test_a_clock_that_stood_for_days_asks_once_and_forgets_after_a_week(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    assert asked_about(NOON + refund.REMEMBERED) == []
    assert asked_about(NOON + refund.REMEMBERED - timedelta(hours=1)) == [payment.id]
    assert refunds() == [payment.id]


def test_nobody_asks_about_what_was_never_sent(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner))
    payment = accepted.payments.get()
    settle.not_sent(payment.id, now=NOON)
    assert again(payment).state == "failed"
    assert asked_about(NOON + timedelta(hours=2)) == []


@contextmanager
def days_later(sandbox: SandboxProcess, days: int) -> Iterator[datetime]:
    """The gateway's clock as well; afterwards it is what it was."""
    passed = timedelta(days=days, hours=1)
    sandbox.advance(passed.total_seconds())
    yield NOON + passed
    sandbox.advance(-passed.total_seconds())


def test_a_refund_whose_answer_was_lost_longer_than_keys_live_is_looked_up_and_noted(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = taken_late(sandbox, cast)
    told(payment)
    sandbox.fault("timeout_after_capture", operation="refund")
    with pytest.raises(refund.NotRefunded):
        refund.late(payment.id, now=SOON)
    ProcrastinateJob.objects.filter(task_name="refund_late_payment").update(status="failed")
    with days_later(sandbox, 9) as now:
        assert refund.forgotten(now=now) == 1, "what is owed is never forgotten"
        refund.late(payment.id, now=now)
    assert given_back(sandbox, payment) == [payment.amount_minor]
    assert Event.objects.filter(kind="payment.refunded").count() == 1


def test_what_somebody_gave_back_at_the_gateway_is_noted_and_not_given_twice(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = taken_late(sandbox, cast)
    told(payment)
    gateway().refund(payment.public_id, amount_minor=payment.amount_minor, key=f"{payment.public_id} by hand")
    refund.late(payment.id, now=SOON)
    assert given_back(sandbox, payment) == [payment.amount_minor]
    assert Event.objects.filter(kind="payment.refunded").count() == 1


def test_a_part_that_somebody_gave_back_is_left_to_a_person(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    told(payment)
    gateway().refund(payment.public_id, amount_minor=1, key=f"{payment.public_id} by hand")
    with pytest.raises(refund.NotRefunded):
        refund.late(payment.id, now=SOON)
    assert given_back(sandbox, payment) == [1]
    assert not Event.objects.filter(kind="payment.refunded").exists()


def test_money_that_is_owed_back_for_a_day_is_told_to_the_operator(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = taken_late(sandbox, cast)
    told(payment)
    assert "I09" not in broken(SOON + doctor.PATIENCE - timedelta(minutes=1))
    assert broken(SOON + doctor.PATIENCE + timedelta(minutes=1))["I09"] == payment.public_id
    refund.late(payment.id, now=SOON)
    assert "I09" not in broken(SOON + doctor.PATIENCE + timedelta(minutes=1))


def broken(now: datetime) -> dict[str, str]:
    """The invariants of our own book that do not hold, each with its subject."""
    return {found.code: found.subject for found in doctor.examine(now=now, with_the_gateway=False).breaches}
