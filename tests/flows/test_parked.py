"""The ways out of a parked payment: by the gateway's own word, with who and why, and never with money it denies."""

import logging
from typing import Any

import pytest
from django.db import transaction

from palier.apps.events.models import Event
from palier.apps.gateways.contract import GatewayUnreachable, Succeeded
from palier.apps.payments.models import Payment
from palier.flows import parked, refund
from palier.interfaces.cli import payment as command
from palier.kit.refusals import Refusal
from tests import world
from tests.flows.bad_days import SOON, again, assert_nothing_follows, assert_paid_once, sent
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

BY: dict[str, Any] = {"who": "ada", "why": "the bank rang", "now": SOON}


def contradicted(sandbox: SandboxProcess, cast: Cast) -> Payment:
    """Parked because the gateway states another sum, for ever."""
    payment = sent(sandbox, cast, fault="lie", field="amount_minor", value=1)
    world.looked_after(now=SOON)
    assert again(payment).state == "parked"
    return payment


def park(payment: Payment, reason: str = "unknown_to_gateway") -> Payment:
    Payment.objects.filter(pk=payment.pk).update(state="parked", reason=reason, resolved_at=None)
    return payment


def facts(payment: Payment) -> list[tuple[str, str, str]]:
    """What people did: kind, who and why."""
    events = Event.objects.filter(payload__payment=payment.public_id, role="operator").order_by("id")
    return [(event.kind, event.author.removeprefix("operator:"), event.payload["why"]) for event in events]


def given_back(sandbox: SandboxProcess, payment: Payment) -> list[int]:
    return [row["amount_minor"] for row in sandbox.book()["refunds"] if row["reference"] == payment.public_id]


def test_parking_is_told_to_operators(cast: Cast, sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        payment = contradicted(sandbox, cast)
    assert f"palier payment show {payment.public_id}" in caplog.text


def test_asking_settles_when_the_gateway_agrees_and_the_order_stands(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_after_capture"))
    assert parked.ask(payment.id, **BY).state == "succeeded"
    assert facts(payment) == [("payment.asked_again", "ada", "the bank rang")]
    assert_paid_once(payment, sandbox)


def test_asking_parks_again_what_still_contradicts_the_order(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = contradicted(sandbox, cast)
    assert parked.ask(payment.id, **BY).state == "parked"
    assert again(payment).reason == "answer_contradicts_order"
    assert_nothing_follows(payment)


def test_asking_parks_again_when_the_order_does_not_stand(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_after_capture"))
    Payment.objects.filter(pk=payment.pk).update(quote_digest="0" * 64)
    assert parked.ask(payment.id, **BY).reason == "order_moved"
    assert_nothing_follows(payment)


def test_asking_sends_nothing_that_the_gateway_does_not_have(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_before_capture"))
    with pytest.raises(parked.NoFinalWord):
        parked.ask(payment.id, **BY)
    assert again(payment).state == "parked"
    assert sandbox.captured(payment.public_id) == 0


def test_a_payment_that_the_gateway_does_not_have_ends_and_frees_the_order(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_before_capture"))
    ended = parked.fail(payment.id, **BY)
    assert (ended.state, ended.reason) == ("failed", "not_arrived")
    assert facts(payment) == [("payment.failed", "ada", "the bank rang")]
    assert world.collected(world.placed(sandbox, world.order_of(again(payment)).quote)).state == "succeeded"


def test_a_payment_that_the_gateway_calls_declined_ends_with_its_reason(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_after_capture", number=world.DECLINED))
    assert parked.fail(payment.id, **BY).reason == "declined"


def test_a_payment_whose_money_was_taken_never_ends_as_failed(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = contradicted(sandbox, cast)
    with pytest.raises(parked.MoneyTaken):
        parked.fail(payment.id, **BY)
    assert (again(payment).state, facts(payment)) == ("parked", [])


def test_a_refund_gives_back_what_the_gateway_took_and_ends_the_payment(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_after_capture"), "order_moved")
    ended = parked.refund(payment.id, **BY)
    assert (ended.state, ended.reason) == ("failed", "refunded")
    assert given_back(sandbox, payment) == [payment.amount_minor]
    assert [kind for kind, _, _ in facts(payment)] == ["payment.refunded", "payment.failed"]
    refund.noticed(payment.id, now=SOON)  # the gateway's event about the refund
    assert not Event.objects.filter(kind="payment.taken_late").exists()
    assert_nothing_follows(payment)


def test_a_refund_whose_answer_is_lost_is_repeated_and_given_once(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_after_capture"), "order_moved")
    sandbox.fault("timeout_after_capture", operation="refund")
    with pytest.raises(refund.NotRefunded):
        parked.refund(payment.id, **BY)
    assert (again(payment).state, facts(payment)) == ("parked", [])
    assert parked.refund(payment.id, **BY).reason == "refunded"
    assert given_back(sandbox, payment) == [payment.amount_minor]


def test_nothing_is_refunded_that_was_not_taken(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_before_capture"))
    with pytest.raises(parked.NothingToRefund):
        parked.refund(payment.id, **BY)
    assert again(payment).state == "parked"


@pytest.mark.parametrize("way_out", [parked.ask, parked.fail, parked.refund])
def test_no_way_out_is_taken_without_the_gateways_word(cast: Cast, sandbox: SandboxProcess, way_out: Any) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_after_capture"))
    sandbox.fault("timeout_before_capture", operation="find")
    with pytest.raises(GatewayUnreachable):
        way_out(payment.id, **BY)
    assert (again(payment).state, facts(payment)) == ("parked", [])


@pytest.mark.parametrize("way_out", [parked.ask, parked.fail, parked.refund])
def test_only_a_parked_payment_has_these_ways_out(cast: Cast, sandbox: SandboxProcess, way_out: Any) -> None:
    payment = world.collected(world.placed(sandbox, world.quoted(cast.owner)))
    with pytest.raises(parked.NotParked):
        way_out(payment.id, **BY)
    assert given_back(sandbox, payment) == []


def test_the_two_books_are_shown_side_by_side(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = contradicted(sandbox, cast)
    found = parked.show(payment.id)
    assert isinstance(found.word, Succeeded)
    paragraph = command.told(found)
    for part in (payment.public_id, "parked (answer_contradicts_order)", "took 1 EUR", "€654.00", "payment.parked"):
        assert part in paragraph
    assert "\n" not in paragraph


def test_the_command_does_what_the_flow_does_and_keeps_who_and_why(
    cast: Cast, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    payment = park(sent(sandbox, cast, fault="timeout_before_capture"))
    assert command.main(["show", payment.public_id]) == 0
    assert "has no such charge" in capsys.readouterr().out
    with pytest.raises(SystemExit), transaction.atomic():
        command.main(["fail", payment.public_id])  # no reason given
    with pytest.raises(Refusal):
        command.main(["refund", payment.public_id, "--reason", "to see"])
    assert command.main(["fail", payment.public_id, "--reason", "the bank rang", "--by", "ada"]) == 0
    assert "is now failed (not_arrived)" in capsys.readouterr().out
    assert facts(payment) == [("payment.failed", "ada", "the bank rang")]
    assert command.main(["show", "pay_nothing"]) == 1
