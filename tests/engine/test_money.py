"""Minor units, the one rounding, the one allocation."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.engine.money import (
    MalformedAmount,
    Rounding,
    UnknownCurrency,
    UnusableWeights,
    allocate,
    exponent,
    format_amount,
    parse_amount,
    round_minor,
)


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_decimals_of_a_currency(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize("code", ["eur", "EURO", "", "XXX", "BTC"])
def test_an_unknown_currency_is_refused_by_name(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        exponent(code)


@pytest.mark.parametrize(
    ("value", "half_up", "half_even", "down"),
    [
        (Fraction(1, 2), 1, 0, 0),
        (Fraction(3, 2), 2, 2, 1),
        (Fraction(5, 2), 3, 2, 2),
        (Fraction(5333, 10), 533, 533, 533),
        (Fraction(5337, 10), 534, 534, 533),
        (Fraction(-1, 2), -1, 0, 0),
        (Fraction(-3, 2), -2, -2, -1),
        (Fraction(-5, 2), -3, -2, -2),
        (Fraction(-5337, 10), -534, -534, -533),
        (Fraction(7), 7, 7, 7),
        (Fraction(0), 0, 0, 0),
    ],
)
def test_rounding_is_the_same_for_credits_and_charges(value: Fraction, half_up: int, half_even: int, down: int) -> None:
    assert round_minor(value, Rounding.HALF_UP) == half_up
    assert round_minor(value, Rounding.HALF_EVEN) == half_even
    assert round_minor(value, Rounding.DOWN) == down


@given(st.fractions(), st.sampled_from(Rounding))
def test_rounding_is_symmetric_and_never_off_by_one(value: Fraction, rounding: Rounding) -> None:
    result = round_minor(value, rounding)
    assert round_minor(-value, rounding) == -result
    assert abs(result - value) < 1
    if rounding is not Rounding.DOWN:
        assert abs(result - value) <= Fraction(1, 2)


@given(
    st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(lambda ws: sum(ws))
)
def test_parts_sum_to_the_whole_and_none_is_a_unit_off(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
        assert weight or not part


def test_the_units_left_go_to_the_largest_remainders_then_to_the_first() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]
    assert allocate(10, [1, 2]) == [3, 7]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_that_share_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(UnusableWeights):
        allocate(100, weights)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("109.00", "EUR", 10900),
        ("109", "EUR", 10900),
        ("0.5", "EUR", 50),
        ("-3.10", "EUR", -310),
        ("500", "JPY", 500),
        ("1.005", "KWD", 1005),
    ],
)
def test_amounts_are_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.005", "EUR"),
        ("1,50", "EUR"),
        ("1e3", "EUR"),
        ("", "EUR"),
        ("٣", "EUR"),
        ("1.", "EUR"),
        ("1.0", "JPY"),
        ("NaN", "EUR"),
    ],
)
def test_a_malformed_amount_is_refused_by_name(text: str, currency: str) -> None:
    with pytest.raises(MalformedAmount):
        parse_amount(text, currency)


def test_an_amount_has_at_most_a_thousand_characters() -> None:
    assert parse_amount("9" * 1_000, "JPY") == 10**1_000 - 1
    with pytest.raises(MalformedAmount):
        parse_amount("9" * 1_001, "JPY")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (10900, "EUR", "109.00"),
        (5, "EUR", "0.05"),
        (-310, "EUR", "-3.10"),
        (0, "EUR", "0.00"),
        (500, "JPY", "500"),
        (0, "JPY", "0"),
        (1, "CLF", "0.0001"),
    ],
)
def test_an_amount_is_written_with_its_decimals_and_no_zero_before_them(minor: int, currency: str, text: str) -> None:
    assert format_amount(minor, currency) == text


@given(st.integers(), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_an_amount_written_is_read_back(minor: int, currency: str) -> None:
    assert parse_amount(format_amount(minor, currency), currency) == minor
