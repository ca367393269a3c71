"""The gateway takes the money after it has called the payment failed: it goes back, and nothing else follows."""

import logging

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.events.models import Event
from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.gateways.models import GatewayEvent
from palier.apps.payments.models import Payment
from palier.flows import collect, receive, refund
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
    accepted = world.placed(sandbox, payment.order.quote)
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
