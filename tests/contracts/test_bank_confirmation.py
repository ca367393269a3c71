"""When the bank asks the customer (3-D Secure): the charge waits, on any device, until it is final."""

from collections.abc import Callable
from dataclasses import replace

from palier.apps.gateways.contract import ActionRequired, Failed, Succeeded
from tests.contracts.stages import Stage, charge_of

DAY = 24 * 3600


def asked(stage: Stage, reference: str, kind: str) -> ActionRequired:
    outcome = stage.gateway.charge(charge_of(reference, stage.card(kind)))
    assert isinstance(outcome, ActionRequired)
    assert outcome.url.startswith("http")
    assert stage.captured(reference) == 0
    return outcome


def test_confirming_takes_the_money_once(stage: Stage, reference: str) -> None:
    waiting = asked(stage, reference, "asks")
    assert stage.gateway.find(reference) == waiting

    stage.bank(waiting.url, "confirm")
    stage.bank(waiting.url, "confirm")

    outcome = stage.gateway.find(reference)
    assert isinstance(outcome, Succeeded)
    assert (outcome.amount_minor, outcome.currency) == (13080, "EUR")
    assert stage.captured(reference) == 1


def test_refusing_fails_and_a_later_confirmation_changes_nothing(stage: Stage, reference: str) -> None:
    waiting = asked(stage, reference, "asks")

    stage.bank(waiting.url, "refuse")
    stage.bank(waiting.url, "confirm")

    assert stage.gateway.find(reference) == Failed("authentication_refused", waiting.gateway_id)
    assert stage.captured(reference) == 0


def test_a_confirmation_that_fails_is_a_failure(stage: Stage, reference: str) -> None:
    waiting = asked(stage, reference, "asks_then_fails")
    stage.bank(waiting.url, "confirm")
    assert stage.gateway.find(reference) == Failed("authentication_failed", waiting.gateway_id)


def test_a_confirmed_payment_can_still_be_declined(stage: Stage, reference: str) -> None:
    waiting = asked(stage, reference, "asks_then_declines")
    stage.bank(waiting.url, "confirm")
    assert stage.gateway.find(reference) == Failed("insufficient_funds", waiting.gateway_id)


def test_an_abandoned_confirmation_waits_and_ends_after_a_day(stage: Stage, reference: str) -> None:
    waiting = asked(stage, reference, "asks_in_vain")
    stage.bank(waiting.url, "confirm")
    assert stage.gateway.find(reference) == waiting

    stage.advance(DAY + 60)

    assert stage.gateway.find(reference) == Failed("authentication_expired", waiting.gateway_id)
    assert stage.captured(reference) == 0


def test_asking_again_while_the_bank_waits_makes_no_second_charge(stage: Stage, reference: str) -> None:
    wish = charge_of(reference, stage.card("asks"))
    assert stage.gateway.charge(wish) == stage.gateway.charge(wish)


def test_a_card_confirmed_once_is_charged_later_without_the_customer(
    stage: Stage, reference: str, new_reference: Callable[[], str]
) -> None:
    token = stage.card("asks_once")
    waiting = stage.gateway.charge(charge_of(reference, token))
    assert isinstance(waiting, ActionRequired)
    stage.bank(waiting.url, "confirm")

    renewal = replace(charge_of(new_reference(), token), on_session=False)

    assert isinstance(stage.gateway.charge(renewal), Succeeded)


def test_a_bank_may_ask_even_when_the_customer_is_away(stage: Stage, reference: str) -> None:
    renewal = replace(charge_of(reference, stage.card("asks")), on_session=False)
    assert isinstance(stage.gateway.charge(renewal), ActionRequired)
