"""Giving money back: never more than was taken, and once for each key."""

import pytest

from palier.apps.gateways.contract import Refunded, RefundRefused, Unknown
from tests.contracts.stages import Stage, charge_of


@pytest.fixture
def paid(stage: Stage, reference: str) -> str:
    stage.gateway.charge(charge_of(reference, stage.card("good"), amount_minor=10_000))
    return reference


def test_a_part_and_then_the_rest_can_be_given_back(stage: Stage, paid: str) -> None:
    first = stage.gateway.refund(paid, amount_minor=4_000, key=f"{paid}-1")
    rest = stage.gateway.refund(paid, amount_minor=6_000, key=f"{paid}-2")

    assert isinstance(first, Refunded)
    assert isinstance(rest, Refunded)
    assert (first.reference, first.amount_minor, first.currency) == (paid, 4_000, "EUR")
    assert stage.refunded_minor(paid) == 10_000


def test_more_than_was_taken_is_refused(stage: Stage, paid: str) -> None:
    stage.gateway.refund(paid, amount_minor=9_999, key=f"{paid}-1")

    assert stage.gateway.refund(paid, amount_minor=2, key=f"{paid}-2") == RefundRefused("more_than_charged")
    assert stage.refunded_minor(paid) == 9_999


def test_the_same_key_gives_back_once(stage: Stage, paid: str) -> None:
    first = stage.gateway.refund(paid, amount_minor=100, key=f"{paid}-1")

    assert stage.gateway.refund(paid, amount_minor=100, key=f"{paid}-1") == first
    assert stage.refunded_minor(paid) == 100


def test_the_same_key_with_another_amount_gives_nothing_back(stage: Stage, paid: str) -> None:
    stage.gateway.refund(paid, amount_minor=100, key=f"{paid}-1")

    assert isinstance(stage.gateway.refund(paid, amount_minor=200, key=f"{paid}-1"), Unknown)
    assert stage.refunded_minor(paid) == 100


@pytest.mark.parametrize("fault", ["timeout_after_capture", "error_after_capture", "answer_junk"])
def test_a_refund_whose_answer_is_lost_is_unknown_and_given_once(stage: Stage, paid: str, fault: str) -> None:
    stage.fault(fault, operation="refund")

    assert isinstance(stage.gateway.refund(paid, amount_minor=100, key=f"{paid}-1"), Unknown)
    assert isinstance(stage.gateway.refund(paid, amount_minor=100, key=f"{paid}-1"), Refunded)
    assert stage.refunded_minor(paid) == 100


def test_what_was_never_charged_cannot_be_given_back(stage: Stage, reference: str) -> None:
    assert stage.gateway.refund(reference, amount_minor=1, key=f"{reference}-1") == RefundRefused("no_such_charge")
    stage.gateway.charge(charge_of(reference, stage.card("declined")))
    assert stage.gateway.refund(reference, amount_minor=1, key=f"{reference}-2") == RefundRefused("not_charged")


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nothing_and_less_than_nothing_are_refused(stage: Stage, paid: str, amount_minor: int) -> None:
    refused = stage.gateway.refund(paid, amount_minor=amount_minor, key=f"{paid}-1")
    assert refused == RefundRefused("gateway_refused")
