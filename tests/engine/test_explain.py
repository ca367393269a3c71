"""Why this amount: the steps of a line, whole, as programs and sentences are given them."""

from typing import Any

import pytest

from palier.engine import drafts
from palier.engine.drafts import Draft
from palier.engine.explain import Code, Step, UnknownStep, recompute, steps, steps_from_json, steps_to_json
from palier.engine.periods import Interval
from palier.engine.prices import price_of_period
from palier.engine.subscription import Item, Paid
from tests.engine.facts import BUSINESS, POLICY, RECORDS, TEAM, VAT, at, change, days, policy, subscription

JUNE = days("2026-06-01", "2026-07-01")
WHOLE_JUNE = {
    "first_on": "2026-06-01",
    "last_on": "2026-06-30",
    "starts_at": "2026-05-31T22:00:00+00:00",
    "ends_at": "2026-06-30T22:00:00+00:00",
}
BY_THE_DAY = {"unit": "day", "change_day": "used", "day_count": "actual", "zone": "Europe/Paris"}


def told(draft: Draft, number: int) -> dict[str, dict[str, Any]]:
    """The steps of a line: what each says, under its code."""
    chain = steps_to_json(steps(draft.lines[number], draft))
    assert len({step["code"] for step in chain}) == len(chain)
    return {step["code"]: step["params"] for step in chain}


def test_a_credit_from_what_was_invoiced_to_what_comes_back() -> None:
    paid = Paid("line-1", TEAM.kind, "team", 3, 10900, JUNE, 32700)
    draft = change(subscription(Item(TEAM, 3), period=JUNE, paid=(paid,)), BUSINESS, 3, "2026-06-21")
    assert told(draft, 0) == {
        "credit": {
            "key": "team",
            "item_kind": "plan",
            "line": "line-1",
            "quantity": 3,
            "paid_minor": 32700,
            **WHOLE_JUNE,
            "currency": "EUR",
        },
        "days": {
            **BY_THE_DAY,
            "changed_on": "2026-06-21",
            "changed_at": "2026-06-21T10:00:00+00:00",
            "left": 9,
            "units": 30,
            "whole": False,
            "first_on": "2026-06-22",
            "last_on": "2026-06-30",
            "starts_at": "2026-06-21T22:00:00+00:00",
            "ends_at": "2026-06-30T22:00:00+00:00",
        },
        "fraction": {
            "left": 9,
            "units": 30,
            "of": {"numerator": 32700, "denominator": 1},
            "numerator": 9810,
            "denominator": 1,
            "currency": "EUR",
        },
        "rounding": {
            "rounding": "half_up",
            "rounded_per": "line",
            "numerator": 9810,
            "denominator": 1,
            "rounded_minor": 9810,
            "exact": True,
            "currency": "EUR",
        },
        "result": {"kind": "credit", "amount_minor": -9810, "currency": "EUR"},
    }


def test_a_charge_of_a_whole_period_from_the_price_to_the_sum() -> None:
    draft = drafts.new_subscription(
        plan=TEAM, seats=2, add_ons=[Item(RECORDS, 3)], tax=VAT, policy=POLICY, now=at("2026-06-01 09:30")
    )
    assert told(draft, 1) == {
        "price": {
            "key": "records",
            "item_kind": "add_on",
            "interval": "month",
            "months": 1,
            "monthly_minor": 2500,
            "unit_minor": 2500,
            "currency": "EUR",
        },
        "seats": {"item_kind": "add_on", "quantity": 3, "each_minor": 2500, "all_minor": 7500, "currency": "EUR"},
        "days": {
            **BY_THE_DAY,
            "changed_on": "2026-06-01",
            "changed_at": "2026-06-01T07:30:00+00:00",
            "left": 30,
            "units": 30,
            "whole": True,
            **WHOLE_JUNE,
        },
        "fraction": {
            "left": 30,
            "units": 30,
            "of": {"numerator": 7500, "denominator": 1},
            "numerator": 7500,
            "denominator": 1,
            "currency": "EUR",
        },
        "rounding": {
            "rounding": "half_up",
            "rounded_per": "line",
            "numerator": 7500,
            "denominator": 1,
            "rounded_minor": 7500,
            "exact": True,
            "currency": "EUR",
        },
        "result": {"kind": "charge", "amount_minor": 7500, "currency": "EUR"},
    }


def test_a_year_that_is_no_multiple_of_twelve_names_no_price_of_a_month() -> None:
    for unit_minor, monthly_minor in ((10000, None), (12000, 1000)):
        yearly = price_of_period(
            key="team", kind=TEAM.kind, rank=1, interval=Interval.YEAR, currency="EUR", unit_minor=unit_minor
        )
        draft = drafts.new_subscription(plan=yearly, seats=1, tax=VAT, policy=POLICY, now=at("2026-06-01"))
        said = told(draft, 0)["price"]
        assert (said["interval"], said["months"]) == ("year", 12)
        assert (said["monthly_minor"], said["unit_minor"]) == (monthly_minor, unit_minor)


def test_one_seat_rounded_alone_is_told_before_it_is_multiplied() -> None:
    rules = policy(rounded_per="unit", unit="second", rounding="down")
    paid = Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700, credited_minor=32000)
    draft = change(subscription(Item(TEAM, 3), period=JUNE, paid=(paid,)), BUSINESS, 7, "2026-06-20", rules=rules)
    credit, charge = told(draft, 0), told(draft, 1)
    assert credit["credit"]["last_on"] == "2026-07-01", "by the second, the day on which it ends is begun"
    assert credit["each"] == {"quantity": 3, "numerator": 10900, "denominator": 1, "currency": "EUR"}
    assert credit["seats"] == {
        "item_kind": "plan",
        "quantity": 3,
        "each_minor": 3815,
        "all_minor": 11445,
        "currency": "EUR",
    }
    assert credit["cap"] == {
        "rest_minor": 11445,
        "paid_minor": 32700,
        "credited_minor": 32000,
        "available_minor": 700,
        "currency": "EUR",
    }
    assert credit["result"] == {"kind": "credit", "amount_minor": -700, "currency": "EUR"}
    assert (charge["days"]["left"], charge["days"]["units"]) == (907_200, 2_592_000)
    assert charge["seats"]["all_minor"] == 7 * 5565


def test_an_exact_part_of_a_minor_unit_is_told_as_a_pair() -> None:
    draft = change(subscription(Item(TEAM, 1), period=JUNE), BUSINESS, 1, "2026-06-19")  # 11 of 30 days
    assert told(draft, 0)["fraction"] == {
        "left": 11,
        "units": 30,
        "of": {"numerator": 10900, "denominator": 1},
        "numerator": 11990,
        "denominator": 3,
        "currency": "EUR",
    }
    assert told(draft, 0)["rounding"] == {
        "rounding": "half_up",
        "rounded_per": "line",
        "numerator": 11990,
        "denominator": 3,
        "rounded_minor": 3997,
        "exact": False,
        "currency": "EUR",
    }


def test_one_seat_is_rounded_as_the_policy_says() -> None:
    draft = change(subscription(Item(TEAM, 2), period=JUNE), TEAM, 5, "2026-06-19", rules=policy(rounded_per="unit"))
    assert told(draft, 0)["seats"]["each_minor"] == 3997  # 109.00 x 11/30 = 39.966...
    assert recompute(steps(draft.lines[0], draft)) == 3 * 3997


def test_all_that_was_invoiced_comes_back_without_a_cap() -> None:
    rules = policy(change_day="left")
    draft = change(subscription(Item(TEAM, 3), period=JUNE), BUSINESS, 3, "2026-06-01", rules=rules)
    assert draft.lines[0].amount_minor == -32700
    assert "cap" not in told(draft, 0)


def test_nothing_left_has_no_day_before_its_first() -> None:
    paid = Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700)
    draft = change(subscription(Item(TEAM, 3), period=JUNE, paid=(paid,)), BUSINESS, 3, "2026-06-30")
    said = told(draft, 0)["days"]
    assert (said["left"], said["first_on"], said["last_on"]) == (0, "2026-07-01", "2026-07-01")


def test_steps_come_back_as_they_were_written() -> None:
    draft = change(subscription(Item(TEAM, 3), period=JUNE), BUSINESS, 3, "2026-06-20")
    chain = steps(draft.lines[0], draft)
    assert steps_from_json(steps_to_json(chain)) == chain


def test_no_steps_lead_to_nothing() -> None:
    assert recompute(()) == 0


def test_a_credit_is_no_more_than_what_is_left_of_its_invoice() -> None:
    capped = (
        Step(Code.CREDIT, {"paid_minor": 3000}),
        Step(Code.CAP, {"paid_minor": 3000, "credited_minor": 2500}),
        Step(Code.RESULT, {"kind": "credit"}),
    )
    assert recompute(capped) == -500


def codes(**values: str) -> list[list[Code]]:
    paid = Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700, credited_minor=30000)
    current = subscription(Item(TEAM, 3), period=JUNE, paid=(paid,))
    draft = drafts.plan_change(current, plan=BUSINESS, tax=VAT, policy=policy(**values), now=at("2026-06-20"))
    for line in draft.lines:
        assert recompute(steps(line, draft)) == line.amount_minor
    return [[step.code for step in steps(line, draft)] for line in draft.lines]


def test_goes_from_the_price_or_the_invoice_to_the_result() -> None:
    assert codes() == [
        [Code.CREDIT, Code.DAYS, Code.FRACTION, Code.ROUNDING, Code.CAP, Code.RESULT],
        [Code.PRICE, Code.SEATS, Code.DAYS, Code.FRACTION, Code.ROUNDING, Code.RESULT],
    ]


def test_multiplies_last_where_one_seat_is_rounded() -> None:
    assert codes(rounded_per="unit") == [
        [Code.CREDIT, Code.EACH, Code.DAYS, Code.FRACTION, Code.ROUNDING, Code.SEATS, Code.CAP, Code.RESULT],
        [Code.PRICE, Code.DAYS, Code.FRACTION, Code.ROUNDING, Code.SEATS, Code.RESULT],
    ]


@pytest.mark.parametrize("data", [[{}], [{"code": "luck", "params": {}}], [5]])
def test_does_not_read_what_it_does_not_know(data: list[dict[str, object]]) -> None:
    with pytest.raises(UnknownStep):
        steps_from_json(data)
