"""A gateway charges once for each reference, and answers in the four words of the contract."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from palier.apps.gateways.contract import ActionRequired, Failed, Succeeded, Unknown
from palier.apps.gateways.reasons import REASONS
from tests.contracts.stages import Stage, charge_of
from tests.live_stack import until


@pytest.mark.parametrize("kind", ["good", "mastercard", "amex"])
def test_a_good_card_is_charged_what_was_asked(stage: Stage, reference: str, kind: str) -> None:
    outcome = stage.gateway.charge(charge_of(reference, stage.card(kind)))

    assert isinstance(outcome, Succeeded)
    assert (outcome.reference, outcome.amount_minor, outcome.currency) == (reference, 13080, "EUR")
    assert stage.captured(reference) == 1


@pytest.mark.parametrize(("amount_minor", "currency"), [(1, "EUR"), (5_000, "JPY"), (12_345, "KWD"), (10**11, "USD")])
def test_amounts_are_minor_units_whatever_the_currency(
    stage: Stage, reference: str, amount_minor: int, currency: str
) -> None:
    outcome = stage.gateway.charge(charge_of(reference, stage.card("good"), amount_minor, currency))

    assert isinstance(outcome, Succeeded)
    assert (outcome.amount_minor, outcome.currency) == (amount_minor, currency)


@pytest.mark.parametrize(
    "reason",
    [
        "declined",
        "insufficient_funds",
        "lost_card",
        "stolen_card",
        "expired_card",
        "incorrect_cvc",
        "processing_error",
    ],
)
def test_a_decline_fails_with_a_reason_that_we_can_put_in_words(stage: Stage, reference: str, reason: str) -> None:
    outcome = stage.gateway.charge(charge_of(reference, stage.card(reason)))

    assert isinstance(outcome, Failed)
    assert outcome.reason == reason
    assert reason in REASONS
    assert stage.captured(reference) == 0


def test_the_same_charge_asked_again_gives_the_same_answer_and_takes_nothing_more(stage: Stage, reference: str) -> None:
    wish = charge_of(reference, stage.card("good"))

    assert stage.gateway.charge(wish) == stage.gateway.charge(wish)
    assert stage.captured(reference) == 1


def test_a_decline_asked_again_stays_a_decline(stage: Stage, reference: str) -> None:
    wish = charge_of(reference, stage.card("insufficient_funds"))

    assert stage.gateway.charge(wish) == stage.gateway.charge(wish)
    assert stage.captured(reference) == 0


def test_a_reference_used_with_another_amount_charges_nothing_and_is_not_called_a_failure(
    stage: Stage, reference: str
) -> None:
    """The first charge stands: to call the second one failed would free a slot whose money is taken."""
    token = stage.card("good")
    first = stage.gateway.charge(charge_of(reference, token))

    assert isinstance(stage.gateway.charge(charge_of(reference, token, amount_minor=99)), Unknown)
    assert stage.gateway.find(reference) == first
    assert stage.captured(reference) == 1


def test_a_request_that_is_refused_before_anything_is_charged_has_failed(stage: Stage, reference: str) -> None:
    outcome = stage.gateway.charge(charge_of(reference, "card_that_never_was"))

    assert outcome == Failed("gateway_refused")
    assert stage.gateway.find(reference) is None


def test_many_at_once_under_one_reference_take_the_money_once(stage: Stage, reference: str) -> None:
    wish = charge_of(reference, stage.card("good"))
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(stage.gateway.charge, [wish] * 16))

    assert stage.captured(reference) == 1
    assert stage.gateway.find(reference) in outcomes
    assert all(isinstance(outcome, Succeeded | Unknown) for outcome in outcomes)


def test_thirty_two_customers_at_once_are_all_charged(stage: Stage, new_reference: Callable[[], str]) -> None:
    token = stage.card("good")
    wishes = [charge_of(new_reference(), token) for _ in range(128)]
    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(stage.gateway.charge, wishes))

    assert all(isinstance(outcome, Succeeded) for outcome in outcomes)


def test_a_slow_bank_is_waited_for(stage: Stage, reference: str) -> None:
    assert isinstance(stage.gateway.charge(charge_of(reference, stage.card("slow"))), Succeeded)


def test_a_bank_slower_than_our_patience_is_unknown_and_found_later(stage: Stage, reference: str) -> None:
    wish = charge_of(reference, stage.card("slow"))

    assert isinstance(stage.impatient.charge(wish), Unknown)
    until(lambda: stage.has_read(reference), "the charge that nobody waits for any more")
    stage.advance(10)
    assert isinstance(stage.gateway.find(reference), Succeeded)
    assert isinstance(stage.gateway.charge(wish), Succeeded)
    assert stage.captured(reference) == 1


def test_a_charge_that_never_was_is_surely_absent(stage: Stage, reference: str) -> None:
    assert stage.gateway.find(reference) is None
    assert stage.gateway.cancel(reference) is None


def test_a_canceled_charge_has_failed_for_good(stage: Stage, reference: str) -> None:
    outcome = stage.gateway.charge(charge_of(reference, stage.card("asks")))
    assert isinstance(outcome, ActionRequired)

    assert stage.gateway.cancel(reference) == Failed("canceled", outcome.gateway_id)
    stage.bank(outcome.url, "confirm")
    assert stage.gateway.find(reference) == Failed("canceled", outcome.gateway_id)
    assert stage.captured(reference) == 0


def test_cancelling_too_late_tells_that_the_money_was_taken(stage: Stage, reference: str) -> None:
    outcome = stage.gateway.charge(charge_of(reference, stage.card("good")))

    assert stage.gateway.cancel(reference) == outcome
    assert stage.captured(reference) == 1


@pytest.mark.parametrize("reference", ["pay_/../x", "pay?x=1#y", "é" * 10, "pay_%2F"])
def test_a_reference_of_any_shape_asks_about_that_reference_only(stage: Stage, reference: str) -> None:
    assert stage.gateway.find(reference) is None
