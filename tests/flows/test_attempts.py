"""No place to try out stolen cards: failed payments are counted, and what a bank refused for good is not repeated."""

from datetime import timedelta

import pytest

from palier.apps.gateways import gateway
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.flows import attempts, order, quote
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

LOST = "4000 0000 0000 9987"
EXPIRED = "4000 0000 0000 0069"


def declined(sandbox: SandboxProcess, kept: Quote, times: int) -> Order:
    for _ in range(times):
        accepted = world.placed(sandbox, kept, world.DECLINED)
        assert world.collected(accepted).state == "failed"
    return accepted


def test_the_eleventh_attempt_within_a_day_is_refused_and_says_when_to_come_back(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    kept = world.quoted(cast.owner)
    declined(sandbox, kept, 10)
    later = NOON + timedelta(minutes=10)
    with pytest.raises(attempts.TooManyFailures) as refused:
        world.placed(sandbox, kept, now=later)
    assert "in 24 h" in refused.value.text("en")
    assert Payment.objects.count() == 10

    day_after = NOON + attempts.WITHIN
    assert (
        world.collected(world.placed(sandbox, quote.renew(kept, now=day_after), now=day_after), now=day_after).state
        == "succeeded"
    )


def test_nine_failures_still_let_the_tenth_card_pay(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    declined(sandbox, kept, 9)
    assert world.collected(world.placed(sandbox, kept)).state == "succeeded"


def test_another_account_is_not_held_up(cast: Cast, sandbox: SandboxProcess) -> None:
    declined(sandbox, world.quoted(cast.owner), 10)
    assert world.collected(world.placed(sandbox, world.quoted(cast.stranger))).state == "succeeded"


@pytest.mark.parametrize("number", [LOST, EXPIRED])
def test_a_card_refused_for_good_is_not_tried_again_however_often_it_is_typed(
    cast: Cast, sandbox: SandboxProcess, number: str
) -> None:
    kept = world.quoted(cast.owner)
    assert world.collected(world.placed(sandbox, kept, number)).state == "failed"
    for _ in range(2):
        with pytest.raises(attempts.CardRefusedForGood):
            world.placed(sandbox, kept, number)
    assert Payment.objects.count() == 1
    assert world.collected(world.placed(sandbox, kept)).state == "succeeded"


def test_a_card_typed_with_a_wrong_expiry_may_be_corrected(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    assert world.collected(world.placed(sandbox, kept, EXPIRED)).reason == "expired_card"
    fields = gateway().card_fields_url(
        order.card_reference(kept, kept.member), locale="en", parent_origin="http://127.0.0.1:8000"
    )
    sandbox.type_card(fields, EXPIRED, expiry="11/33")
    order.place(kept, member=kept.member, card="new", evidence=world.evidence(), now=NOON)
    assert Payment.objects.count() == 2


def test_a_plain_decline_may_be_tried_again_with_the_same_card(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = declined(sandbox, world.quoted(cast.owner), 2)
    assert accepted.payments.count() == 2
