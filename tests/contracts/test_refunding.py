"""Giving money back: never more than was taken, and once for each key."""

import pytest

from palier.apps.gateways.contract import GatewayUnreachable, Refunded, RefundRefused, Unknown
from tests.contracts.stages import Stage, charge_of

DAYS_SECONDS = 25 * 3600
"""Longer than a gateway remembers a key."""


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


def test_what_was_given_back_is_listed_however_long_ago(stage: Stage, paid: str, reference: str) -> None:
    assert list(stage.gateway.refunds(paid)) == []
    made = [stage.gateway.refund(paid, amount_minor=minor, key=f"{paid}-{minor}") for minor in (4_000, 100)]
    stage.advance(DAYS_SECONDS)
    assert list(stage.gateway.refunds(paid)) == made
    stage.advance(-DAYS_SECONDS)


def test_a_refund_whose_answer_was_lost_is_listed(stage: Stage, paid: str) -> None:
    stage.fault("timeout_after_capture", operation="refund")
    stage.gateway.refund(paid, amount_minor=100, key=f"{paid}-1")
    assert [made.amount_minor for made in stage.gateway.refunds(paid)] == [100]


def test_of_what_was_never_charged_nothing_was_given_back(stage: Stage, reference: str) -> None:
    assert list(stage.gateway.refunds(reference)) == []


def test_a_list_that_does_not_come_is_no_empty_list(stage: Stage, paid: str) -> None:
    stage.fault("timeout_before_capture", operation="find")
    with pytest.raises(GatewayUnreachable):
        stage.gateway.refunds(paid)


def test_an_old_key_gives_back_again_where_something_is_left(stage: Stage, paid: str) -> None:
    """Which is why the list is read before anything is asked for a second time."""
    stage.gateway.refund(paid, amount_minor=100, key=f"{paid}-1")
    stage.advance(DAYS_SECONDS)
    stage.gateway.refund(paid, amount_minor=100, key=f"{paid}-1")
    stage.advance(-DAYS_SECONDS)
    assert stage.refunded_minor(paid) == 200
