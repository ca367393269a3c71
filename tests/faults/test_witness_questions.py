"""The witness's questions can fail: each finds what it is there for, in books of a purchase that went well."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.witness import Exchange
from tests.faults.witness_questions import Books, duplicates, untold, wrong

WHO = "grace.kavanagh@northgate1.example"
TOTAL = 52_320
PRESS = {"step": "pay", "quote": "quo_1", "total_minor": TOTAL, "currency": "EUR"}
LOOK = {"step": "order", "order": "ord_1"}


def exchange(asked: dict[str, Any], **told: Any) -> Exchange:
    return Exchange(WHO, 1.0, asked, told or None, 2.0)


def purchase(**other: Any) -> Books:
    """One order, paid, told and receipted."""
    order = {"state": "settled", "payment": "succeeded", "invoice": "paid", "quote": "quo_1", "who": WHO}
    charge = {
        "reference": "pay_1",
        "state": "succeeded",
        "amount_minor": TOTAL,
        "refunded_minor": 0,
        "currency": "EUR",
    }
    well = Books(
        said=[
            exchange(PRESS, status=302, order="ord_1"),
            exchange(LOOK, status=200, order="ord_1", ending="done"),
        ],
        orders={"ord_1": order},
        order_of_payment={"pay_1": "ord_1"},
        charges=[charge],
        written={"mai_1": "receipt:ord_1"},
        arrived=["mai_1"],
    )
    return replace(well, **other)


def with_order(**other: Any) -> Books:
    books = purchase()
    return replace(books, orders={"ord_1": books.orders["ord_1"] | other})


def with_charge(**other: Any) -> Books:
    books = purchase()
    return replace(books, charges=[books.charges[0] | other])


def test_a_purchase_that_went_well_is_found_well() -> None:
    assert wrong(purchase()) == []
    assert untold(purchase()) == {}
    assert duplicates(purchase()) == 0


def test_who_pressed_again_after_a_decline_and_heard_nothing_more_has_to_look_again() -> None:
    declined = [
        exchange(PRESS, status=302, order="ord_1"),
        exchange(LOOK, status=200, order="ord_1", ending="declined"),
    ]
    cut = purchase(said=[*declined, Exchange(WHO, 3.0, PRESS, None, 0.0)])
    assert untold(cut) == {"ord_1": WHO}
    looked = replace(cut, said=[*cut.said, exchange(LOOK, status=200, order="ord_1", ending="done")])
    assert (untold(looked), wrong(looked)) == ({}, [])


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        (lambda: purchase(orders={}), "I09 ord_1 was acknowledged and is lost"),
        (lambda: with_order(state="open", payment="unknown"), "I09 ord_1 was told to be done and is not"),
        (lambda: with_order(state="open", payment="failed"), "I09 ord_1 was told to be done and is not"),
        (lambda: with_order(invoice="open"), "I09 ord_1 is settled with invoice open and 1 receipts"),
        (lambda: purchase(written={}, arrived=[]), "I09 ord_1 is settled with invoice paid and 0 receipts"),
        (lambda: purchase(charges=[]), "I09 ord_1 is settled and nothing was taken"),
        (lambda: with_charge(reference="pay_2"), "I09 pay_2 was taken and belongs to no settled order"),
        (lambda: with_charge(amount_minor=TOTAL + 1), f"I05 ord_1 took {TOTAL + 1} EUR, which nobody saw beside Pay"),
        (lambda: with_charge(currency="USD"), f"I05 ord_1 took {TOTAL} USD, which nobody saw beside Pay"),
        (lambda: with_order(quote="quo_2"), f"I05 ord_1 took {TOTAL} EUR, which nobody saw beside Pay"),
        (lambda: purchase(charges=purchase().charges * 2), "I03 ord_1 was taken 2 times"),
        (lambda: purchase(arrived=[]), "I25 receipt:ord_1 never arrived"),
        (lambda: purchase(arrived=["mai_1", "mai_2"]), "I25 mai_2 arrived and was never written"),
        (
            lambda: purchase(written={"mai_1": "receipt:ord_1", "mai_2": "receipt:ord_1"}, arrived=["mai_1", "mai_2"]),
            "I26 receipt:ord_1 was written 2 times",
        ),
        (
            lambda: purchase(said=purchase().said[:1]),
            f"I09 ord_1 is settled, its payment succeeded, and {WHO} was told None",
        ),
        (lambda: purchase(said=[*purchase().said, exchange(PRESS, status=500)]), f"{WHO} asked {PRESS} and met a 500"),
    ],
)
def test_what_is_wrong_is_found_by_name(broken: Callable[[], Books], found: str) -> None:
    assert found in wrong(broken())


def test_a_letter_that_came_twice_is_counted_and_no_breach() -> None:
    twice = purchase(arrived=["mai_1", "mai_1"])
    assert wrong(twice) == []
    assert duplicates(twice) == 1


def test_a_refunded_capture_belongs_to_no_order() -> None:
    late = {"reference": "pay_9", "state": "succeeded", "amount_minor": 5, "refunded_minor": 5, "currency": "EUR"}
    assert wrong(purchase(charges=[*purchase().charges, late])) == []
