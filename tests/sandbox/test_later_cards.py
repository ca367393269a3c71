"""Cards that pay while their owner is at the screen, and behave otherwise when charged without them."""

from collections.abc import Callable

import pytest

from palier.apps.gateways.contract import ActionRequired, Failed, Succeeded
from tests.sandbox.conftest import Merchant

LATER_POOR = "4000 0000 0000 0341"
LATER_LOST = "4000 0000 0000 0259"
LATER_POOR_TWICE = "4000 0000 0000 0226"
LATER_ASKS = "4000 0038 0000 0446"


@pytest.mark.parametrize(
    ("number", "reason"), [(LATER_POOR, "insufficient_funds"), (LATER_LOST, "lost_card")], ids=["poor", "lost"]
)
def test_it_pays_at_the_screen_and_is_declined_without_its_owner(
    merchant: Merchant, new_reference: Callable[[], str], number: str, reason: str
) -> None:
    token = merchant.card(new_reference(), number)
    for on_session, expected in ((True, "succeeded"), (False, "failed"), (False, "failed"), (True, "succeeded")):
        reference = new_reference()
        merchant.charge(reference, number, payment_method=token, on_session=on_session)
        outcome = merchant.gateway.find(reference)
        assert isinstance(outcome, Succeeded if expected == "succeeded" else Failed)
        assert not isinstance(outcome, Failed) or outcome.reason == reason
        assert merchant.service.captured(reference) == (expected == "succeeded")


def test_one_is_declined_twice_without_its_owner_and_then_pays(
    merchant: Merchant, new_reference: Callable[[], str]
) -> None:
    token = merchant.card(new_reference(), LATER_POOR_TWICE)
    states = []
    for on_session in (True, False, False, False, False):
        answer = merchant.charge(new_reference(), LATER_POOR_TWICE, payment_method=token, on_session=on_session)
        states.append(answer.json()["state"])
    assert states == ["succeeded", "failed", "failed", "succeeded", "succeeded"]


def test_the_same_charge_asked_again_is_not_counted_twice(merchant: Merchant, new_reference: Callable[[], str]) -> None:
    token, first, second = merchant.card(new_reference(), LATER_POOR_TWICE), new_reference(), new_reference()
    for reference in (first, first, first):
        answer = merchant.charge(reference, LATER_POOR_TWICE, payment_method=token, on_session=False)
        assert answer.json()["state"] == "failed"
    answer = merchant.charge(second, LATER_POOR_TWICE, payment_method=token, on_session=False)
    assert answer.json()["state"] == "failed"


def test_one_asks_for_3d_secure_without_its_owner_and_then_pays(
    merchant: Merchant, new_reference: Callable[[], str]
) -> None:
    token, present, alone = merchant.card(new_reference(), LATER_ASKS), new_reference(), new_reference()
    assert merchant.charge(present, LATER_ASKS, payment_method=token).json()["state"] == "succeeded"
    merchant.charge(alone, LATER_ASKS, payment_method=token, on_session=False)
    asked = merchant.gateway.find(alone)
    assert isinstance(asked, ActionRequired)
    merchant.service.answer_bank(asked.url)
    assert isinstance(merchant.gateway.find(alone), Succeeded)
