"""Events: signed, repeated until taken, and everything that can go wrong with their order and number (F15, F17)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from palier.apps.gateways.contract import ActionRequired
from tests.sandbox.conftest import Merchant

GOOD = "4242 4242 4242 4242"
ASKS = "4000 0027 6000 3184"


def events_of(merchant: Merchant, reference: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = merchant.service.book()["events"]
    return [row for row in rows if row["body"]["data"]["reference"] == reference]


@pytest.mark.parametrize(
    ("number", "kind"),
    [(GOOD, "charge.succeeded"), ("4000 0000 0000 9995", "charge.failed"), (ASKS, "charge.action_required")],
)
def test_each_outcome_is_told_with_a_signature_that_the_merchant_can_verify(
    alone: Merchant, number: str, kind: str
) -> None:
    alone.charge("pay_1", number)

    (delivery,) = alone.receiver.wait_for(1)

    notice = alone.gateway.verify(delivery.headers, delivery.body, now=datetime.now(UTC))
    assert (notice.kind, notice.reference) == (kind, "pay_1")
    assert delivery.event["data"]["amount_minor"] == 13080


def test_the_life_of_a_charge_is_told_in_order(alone: Merchant) -> None:
    alone.charge("pay_1", ASKS)
    waiting = alone.gateway.find("pay_1")
    assert isinstance(waiting, ActionRequired)
    alone.service.answer_bank(waiting.url)
    alone.gateway.refund("pay_1", amount_minor=100, key="r1")

    kinds = [delivery.kind for delivery in alone.receiver.wait_for(3)]

    assert kinds == ["charge.action_required", "charge.succeeded", "refund.succeeded"]


def test_a_canceled_charge_is_told(alone: Merchant) -> None:
    alone.charge("pay_1", ASKS)
    alone.gateway.cancel("pay_1")
    assert alone.receiver.wait_for(2)[1].kind == "charge.canceled"


def test_an_event_that_is_not_taken_is_repeated_with_growing_delays_under_the_same_id(alone: Merchant) -> None:
    alone.receiver.answers = [500, 302, 429]
    alone.charge("pay_1", GOOD)
    first = alone.receiver.wait_for(1)[0]
    for tries, delay in ((2, 1), (3, 5), (4, 30)):
        alone.service.advance(delay)
        assert alone.receiver.wait_for(tries)[-1].event_id == first.event_id

    alone.charge("pay_2", GOOD)
    alone.receiver.wait_for(5)
    assert [row["state"] for row in events_of(alone, "pay_1")] == ["delivered"]
    assert events_of(alone, "pay_1")[0]["tries"] == 4


def test_a_clock_that_travels_while_the_merchant_answers_takes_the_event_along(alone: Merchant) -> None:
    alone.receiver.answers = [500, 500, 500]
    delays = iter([1, 5, 30])
    alone.receiver.meanwhile = lambda: alone.service.advance(next(delays, 0))
    alone.charge("pay_1", GOOD)

    deliveries = alone.receiver.wait_for(4)

    assert len({delivery.event_id for delivery in deliveries}) == 1


def test_a_repeated_event_is_signed_anew_so_that_it_is_never_too_old(alone: Merchant) -> None:
    alone.receiver.answers = [500]
    alone.charge("pay_1", GOOD)
    alone.receiver.wait_for(1)
    alone.service.advance(3 * 24 * 3600)

    again = alone.receiver.wait_for(2)[1]

    alone.gateway.verify(again.headers, again.body, now=datetime.now(UTC))


def test_doubled_events_come_twice_with_the_same_id(alone: Merchant) -> None:
    alone.service.fault("webhooks_doubled")
    alone.charge("pay_1", GOOD)

    first, second = alone.receiver.wait_for(2)

    assert first.event_id == second.event_id
    assert first.body == second.body


def test_reversed_events_come_last_one_first(alone: Merchant) -> None:
    alone.service.fault("webhooks_reversed")
    alone.charge("pay_1", ASKS)
    waiting = alone.gateway.find("pay_1")
    assert isinstance(waiting, ActionRequired)
    alone.service.answer_bank(waiting.url)

    kinds = [delivery.kind for delivery in alone.receiver.wait_for(2)]

    assert kinds == ["charge.succeeded", "charge.action_required"]


def test_late_events_wait_for_their_time(alone: Merchant) -> None:
    alone.service.fault("webhooks_late", seconds=3600)
    alone.charge("pay_late", GOOD)
    alone.charge("pay_now", GOOD)
    assert alone.receiver.wait_for(1)[0].event["data"]["reference"] == "pay_now"

    alone.service.advance(3600)

    assert alone.receiver.wait_for(2)[1].event["data"]["reference"] == "pay_late"


def test_events_that_are_never_sent_are_in_the_book_only(alone: Merchant) -> None:
    alone.service.fault("webhooks_never")
    alone.charge("pay_silent", GOOD)
    alone.charge("pay_told", GOOD)
    alone.service.advance(3 * 24 * 3600)

    assert [one.event["data"]["reference"] for one in alone.receiver.wait_for(1)] == ["pay_told"]
    assert [row["state"] for row in events_of(alone, "pay_silent")] == ["withheld"]


def test_an_event_can_arrive_before_the_answer(alone: Merchant) -> None:
    alone.service.fault("webhooks_before_answer")

    answer = alone.charge("pay_1", GOOD)

    assert len(alone.receiver.deliveries) == 1  # without waiting: it was there before the answer
    assert answer.json()["state"] == "succeeded"


def test_events_are_told_even_when_the_answer_is_lost(alone: Merchant) -> None:
    alone.service.fault("error_after_capture")
    assert alone.charge("pay_1", GOOD).status_code == 500
    assert alone.receiver.wait_for(1)[0].kind == "charge.succeeded"


def test_the_process_may_die_before_it_tells_and_tells_after(alone: Merchant) -> None:
    alone.service.fault("webhooks_late", seconds=600)
    alone.charge("pay_1", GOOD)
    alone.service.kill()

    alone.service.start()
    alone.service.advance(600)

    assert alone.receiver.wait_for(1)[0].event["data"]["reference"] == "pay_1"
