"""A webhook is a hint and never the truth: late, twice, backwards, forged or never, the end is the same."""

import json
from datetime import timedelta
from typing import Any

import pytest

from palier.apps.gateways import gateway
from palier.apps.gateways.contract import ForgedEvent
from palier.apps.gateways.models import GatewayEvent
from palier.apps.gateways.sandbox import event_signature
from palier.apps.payments.models import Payment
from palier.flows import collect, receive, settle
from palier.kit import clock
from tests import world
from tests.flows.bad_days import SOON, again, assert_nothing_follows, assert_paid_once, sent
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast


def events_of(sandbox: SandboxProcess, payment: Payment) -> list[dict[str, Any]]:
    """What the gateway has to tell about a payment, oldest first."""
    return [row for row in sandbox.book()["events"] if row["body"]["data"]["reference"] == payment.public_id]


def deliver(sandbox: SandboxProcess, told: dict[str, Any], *, secret: str = "", **changes: Any) -> None:
    """An event as it arrives at our door, signed; ``changes`` are made to the body after the signature."""
    now = clock.now()
    body = json.dumps(told["body"]).encode()
    sent_at = str(int(now.timestamp()))
    signature = event_signature(secret or sandbox.webhook_secret, told["id"], sent_at, body)
    headers = {"Webhook-Id": told["id"], "Webhook-Timestamp": sent_at, "Webhook-Signature": signature}
    if changes:
        body = json.dumps({**told["body"], **changes}).encode()
    receive.event(headers, body, now=now)


def handle_all() -> None:
    """What the worker does with every event stored."""
    for stored in GatewayEvent.objects.order_by("id"):
        receive.handled(stored.id, now=SOON)


def test_a_webhook_settles_a_payment_whose_answer_was_lost(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    (told,) = events_of(sandbox, payment)
    deliver(sandbox, told)
    assert again(payment).state == "unknown"  # stored and answered; the work is the worker's
    handle_all()
    assert_paid_once(payment, sandbox)


def test_a_webhook_that_comes_twice_is_stored_once(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    (told,) = events_of(sandbox, payment)
    for _ in range(3):
        deliver(sandbox, told)
        handle_all()
    assert GatewayEvent.objects.count() == 1
    assert_paid_once(payment, sandbox)


@pytest.mark.parametrize("backwards", [False, True])
def test_events_in_any_order_and_number_end_the_same(cast: Cast, sandbox: SandboxProcess, backwards: bool) -> None:
    payment = world.collected(world.placed(sandbox, world.quoted(cast.owner), world.NEEDS_3DS))
    sandbox.answer_bank(payment.action_url)
    told = events_of(sandbox, payment)
    assert [row["kind"] for row in told] == ["charge.action_required", "charge.succeeded"]
    for row in reversed(told) if backwards else told:
        deliver(sandbox, row)
        handle_all()
    handle_all()
    assert_paid_once(payment, sandbox)


def test_without_any_webhook_the_periodic_question_settles(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = world.collected(world.placed(sandbox, world.quoted(cast.owner), world.NEEDS_3DS))
    sandbox.answer_bank(payment.action_url)
    world.looked_after(now=NOON + timedelta(days=3))
    assert not GatewayEvent.objects.exists()
    assert_paid_once(payment, sandbox)


def test_a_webhook_days_after_the_settlement_changes_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    world.looked_after(now=SOON)
    (told,) = events_of(sandbox, payment)
    deliver(sandbox, told)
    handle_all()
    assert_paid_once(payment, sandbox)


def test_a_webhook_that_overtakes_our_own_answer_settles_once(cast: Cast, sandbox: SandboxProcess) -> None:
    """The charge has left and the attempt is marked as sent; the event is there before the answer."""
    accepted = world.placed(sandbox, world.quoted(cast.owner))
    payment = accepted.payments.get()
    Payment.objects.filter(pk=payment.pk).update(state="sent", sent_at=NOON)
    answer = gateway().charge(collect.wish(again(payment)))
    (told,) = events_of(sandbox, payment)
    deliver(sandbox, told)
    handle_all()
    assert again(payment).state == "succeeded"

    settle.payment(payment.id, answer, now=SOON)
    assert_paid_once(payment, sandbox)


def test_an_event_about_something_that_we_do_not_know_is_kept_and_does_nothing(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    (told,) = events_of(sandbox, payment)
    for number, reference in enumerate(("pay_zzzzzzzzzzzzz", "pay_0000000000000", "inv_1", "", "x" * 80)):
        data = {**told["body"]["data"], "reference": reference}
        deliver(sandbox, {"id": f"evt_{number}", "body": {**told["body"], "data": data}})
    handle_all()
    assert GatewayEvent.objects.filter(handled_at=None).count() == 0
    assert again(payment).state == "unknown"


def test_an_event_handled_while_the_gateway_is_down_is_not_lost(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    (told,) = events_of(sandbox, payment)
    deliver(sandbox, told)
    sandbox.fault("down", times=None)
    handle_all()
    sandbox.clear_faults()
    world.looked_after(now=SOON + timedelta(minutes=1))
    assert_paid_once(payment, sandbox)


@pytest.mark.parametrize(
    "forgery",
    [
        {"secret": "whsec_YW5vdGhlci1zZWNyZXQtYWx0b2dldGhlcg=="},
        {"type": "charge.failed"},
        {"data": {"reference": "pay_0000000000000"}},
    ],
    ids=["another secret", "another kind", "another payment"],
)
def test_a_forged_webhook_changes_nothing(cast: Cast, sandbox: SandboxProcess, forgery: dict[str, Any]) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    (told,) = events_of(sandbox, payment)
    with pytest.raises(ForgedEvent):
        deliver(sandbox, told, **forgery)
    assert not GatewayEvent.objects.exists()
    assert again(payment).state == "unknown"


def test_bytes_that_mean_what_was_signed_and_are_others_change_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    """The signature is that of the bytes, not of what somebody understands by them: a name that comes twice."""
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    (told,) = events_of(sandbox, payment)
    body, sent_at = json.dumps(told["body"]), str(int(clock.now().timestamp()))
    signature = event_signature(sandbox.webhook_secret, told["id"], sent_at, body.encode())
    headers = {"Webhook-Id": told["id"], "Webhook-Timestamp": sent_at, "Webhook-Signature": signature}
    for other in (f" {body}", body.replace('{"', '{"type": "charge.failed", "', 1)):
        assert json.loads(other) == told["body"]
        with pytest.raises(ForgedEvent):
            receive.event(headers, other.encode(), now=clock.now())
    assert not GatewayEvent.objects.exists()


def test_a_true_event_that_lies_about_the_state_is_only_a_hint(cast: Cast, sandbox: SandboxProcess) -> None:
    """Signed by the gateway, yet wrong: what counts is what it answers when asked."""
    payment = sent(sandbox, cast, fault="timeout_before_capture", number=world.DECLINED)
    wrong = {"type": "charge.succeeded", "data": {"reference": payment.public_id, "state": "succeeded"}}
    deliver(sandbox, {"id": "evt_wrong", "body": wrong})
    handle_all()
    assert (again(payment).state, again(payment).reason) == ("failed", "declined")
    assert_nothing_follows(payment)
