"""The service's own book: what a checker reads, and what survives the death of the process at any moment."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from palier.apps.gateways.contract import Succeeded, Unknown
from tests.contracts.stages import charge_of
from tests.sandbox.conftest import Merchant

GOOD = "4242 4242 4242 4242"


def test_the_book_counts_every_attempt_and_every_capture_of_a_reference(merchant: Merchant, reference: str) -> None:
    token = merchant.card(reference, GOOD)
    merchant.service.fault("timeout_before_capture")
    merchant.service.fault("error_after_capture")
    for _ in range(3):
        merchant.gateway.charge(charge_of(reference, token, amount_minor=500))
    merchant.gateway.refund(reference, amount_minor=200, key=reference)

    book = merchant.service.book()

    assert book["references"][reference] == {
        "attempts": 3,
        "charges": 1,
        "captured": 1,
        "captured_minor": 500,
        "refunded_minor": 200,
    }
    answers = [row["answer"] for row in book["attempts"] if row["reference"] == reference]
    assert answers == ["no answer", "500", "succeeded"]


def test_a_part_of_the_book_is_what_concerns_some_cards_and_references(
    merchant: Merchant, new_reference: Callable[[], str]
) -> None:
    paid, other, asked = new_reference(), new_reference(), new_reference()
    cards = [merchant.card(reference, GOOD) for reference in (paid, other)]
    for reference, token in zip((paid, other), cards, strict=True):
        merchant.gateway.charge(charge_of(reference, token, amount_minor=500))
    merchant.gateway.refund(paid, amount_minor=200, key=paid)
    merchant.service.fault("timeout_before_capture")
    merchant.gateway.charge(charge_of(asked, cards[0]))

    part, whole = merchant.service.book_of(cards[:1], [asked]), merchant.service.book()

    for name, by in (("charges", "reference"), ("refunds", "reference"), ("attempts", "reference")):
        assert part[name] == [row for row in whole[name] if row[by] in (paid, asked)]
    assert set(part["references"]) == {paid, asked}
    assert [row["kind"] for row in part["events"]] == ["charge.succeeded", "refund.succeeded"]


def test_a_double_charge_shows_in_the_book(merchant: Merchant, reference: str) -> None:
    """The checker of the two books relies on seeing it: forgotten keys are the way to make one."""
    token = merchant.card(reference, GOOD)
    merchant.service.fault("forget_keys")
    for _ in range(2):
        merchant.gateway.charge(charge_of(reference, token, amount_minor=500))

    counted = merchant.service.book()["references"][reference]

    assert (counted["charges"], counted["captured"], counted["captured_minor"]) == (2, 2, 1000)


def test_killed_under_load_it_keeps_every_charge_that_it_answered_and_charges_none_twice(alone: Merchant) -> None:
    token = alone.card("quo_1", GOOD)
    answered: list[str] = []
    enough = threading.Event()

    def buy(customer: int) -> None:
        for number in range(10_000):
            outcome = alone.gateway.charge(charge_of(f"pay_{customer}_{number}", token))
            if isinstance(outcome, Unknown):
                return
            answered.append(f"pay_{customer}_{number}")
            if len(answered) > 60:
                enough.set()

    customers = [threading.Thread(target=buy, args=(customer,)) for customer in range(8)]
    for one in customers:
        one.start()
    assert enough.wait(120)
    alone.service.kill()
    for one in customers:
        one.join()
    alone.service.start()

    references = alone.service.book()["references"]
    assert all(isinstance(alone.gateway.find(reference), Succeeded) for reference in answered)
    assert {counted["captured"] for counted in references.values()} <= {0, 1}


def test_a_charge_that_was_processing_when_the_process_died_is_finished(alone: Merchant) -> None:
    token = alone.card("quo_1", GOOD)
    alone.service.fault("capture_late", seconds=600)
    alone.gateway.charge(charge_of("pay_1", token))
    alone.service.kill()
    alone.service.start()
    assert isinstance(alone.gateway.find("pay_1"), Unknown)

    alone.service.advance(600)

    assert isinstance(alone.gateway.find("pay_1"), Succeeded)


def test_it_ends_cleanly_and_finds_its_book_cards_clock_and_faults_again(alone: Merchant) -> None:
    token = alone.card("quo_1", GOOD)
    alone.gateway.charge(charge_of("pay_1", token))
    alone.service.advance(40 * 24 * 3600)
    alone.service.fault("rate_limited", times=None)
    before = alone.service.ask("GET", "/v1/clock").json()["now"]

    alone.service.stop()
    alone.service.start()

    assert alone.service.ask("GET", "/v1/clock").json()["now"] >= before
    assert isinstance(alone.gateway.find("pay_1"), Succeeded)
    assert alone.gateway.card_from_fields("quo_1") is not None
    assert [fault["kind"] for fault in alone.service.ask("GET", "/v1/faults").json()["on"]] == ["rate_limited"]


@pytest.mark.parametrize("number", [GOOD, "5555 5555 5555 4444", "3782 822463 10005"])
def test_no_number_and_no_code_are_ever_written_down(alone: Merchant, number: str) -> None:
    alone.service.type_card(alone.fields_url("quo_1"), number, code="7391" if number.startswith("37") else "739")
    alone.service.type_card(alone.fields_url("quo_2"), number, expiry="01/20")
    alone.charge("pay_1", number)
    alone.service.stop()

    digits = number.replace(" ", "")
    for file in Path(alone.service.data).iterdir():
        content = file.read_bytes()
        assert digits.encode() not in content
        assert number.encode() not in content
    with sqlite3.connect(alone.service.data / "book.sqlite3") as db:
        text = "\n".join(db.iterdump())
    db.close()
    assert "739" not in {part.strip("'") for part in text.replace("(", ",").split(",")}


def test_another_process_cannot_take_its_port(alone: Merchant, tmp_path: Path) -> None:
    from tests.sandbox_process import SandboxProcess

    second = SandboxProcess(tmp_path / "second", port=alone.service.port)
    with pytest.raises(AssertionError, match="did not start"):
        second.start()
    assert alone.visitor.get("/healthz").json() == {"state": "ready"}
