"""Card numbers in what people write: each is hidden, however it is written; ordinary numbers are not."""

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from palier.kit import ids
from palier.kit.card_numbers import HIDDEN, mask

PREFIXES = {
    13: ("4",),
    14: ("300", "36", "38"),
    15: ("34", "37"),
    16: ("4", "51", "55", "2221", "2720", "6011", "3528", "62", "2200", "5019", "9792", "8600"),
    18: ("4", "6304", "5018"),
    19: ("4", "62", "6304", "3566"),
}
SEPARATORS = (
    "",
    " ",
    "-",
    ".",
    " - ",
    "\u00a0",
    "\u202f",
    "\u2009",
    "\n",
    "\r\n",
    "–",
    "_",
    "/",
    "\u200b",
    "\u2060",
    "|",
    "*",
)
ZEROS = ("0", "٠", "۰", "०", "０", "𝟎", "𝟶")
"""The digit zero of several scripts: the nine others follow it."""

cards_of = st.sampled_from(sorted(PREFIXES)).flatmap(
    lambda length: st.sampled_from(PREFIXES[length]).flatmap(
        lambda prefix: st.text("0123456789", min_size=length - 1 - len(prefix), max_size=length - 1 - len(prefix)).map(
            lambda middle: with_check_digit(prefix + middle)
        )
    )
)


def with_check_digit(number: str) -> str:
    """The number and the digit that makes Luhn's sum a multiple of ten, computed the slow way."""
    for last in "0123456789":
        whole = [int(digit) for digit in (number + last)[::-1]]
        doubled = [sum(divmod(2 * digit, 10)) for digit in whole[1::2]]
        if (sum(whole[0::2]) + sum(doubled)) % 10 == 0:
            return number + last
    raise AssertionError


def digits_of(text: str) -> str:
    return "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdecimal())


def in_script(number: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(digit)) for digit in number)


@given(cards_of, st.lists(st.sampled_from(SEPARATORS), min_size=19, max_size=19), st.sampled_from(ZEROS))
def test_a_card_number_is_hidden_in_any_groups_and_any_script(number: str, separators: list[str], zero: str) -> None:
    pairs = zip(in_script(number, zero), separators, strict=False)
    written = "".join(digit + separator for digit, separator in pairs).rstrip(
        " -.\n\r/|*_–\u00a0\u202f\u2009\u200b\u2060"
    )
    for before, after in (("", ""), ("My card is ", ", valid."), ("№", " 12/28 123"), ("12-", "-7")):
        kept, found = mask(before + written + after)
        assert found
        assert len(kept) == len(before + written + after)
        assert kept.count(HIDDEN) >= len(number) - 4
        shown = kept[len(before) : len(before) + len(written)]
        assert digits_of(shown) in number[-4:]


@given(cards_of, st.text("0123456789", min_size=1, max_size=7), st.booleans())
def test_a_card_number_with_its_date_or_code_glued_to_it_is_hidden(number: str, glued: str, behind: bool) -> None:
    if len(number + glued) < 17:
        return
    kept, found = mask(number + glued if behind else glued + number)
    assert found
    inside = kept[: len(number)] if behind else kept[len(glued) :]
    assert inside[: len(number) - 4] == HIDDEN * (len(number) - 4)


@given(st.text("0123456789", min_size=15, max_size=15).filter(lambda digits: digits[0] != "0"))
def test_sixteen_digits_in_one_piece_or_in_fours_are_a_cards_whatever_they_begin_with(digits: str) -> None:
    number = with_check_digit(digits)
    assert mask(number) == (HIDDEN * 12 + number[-4:], True)
    fours = " ".join(number[start : start + 4] for start in range(0, 16, 4))
    assert mask(fours) == ("•••• •••• •••• " + number[-4:], True)


@given(st.text())
@example("4242 4242 4242 4242")
@example("IBAN FR76 3000 6000 0112 3456 7890 189 and 4242424242424242")
def test_what_is_hidden_stays_as_it_is(text: str) -> None:
    kept, _found = mask(text)
    assert mask(kept) == (kept, False)
    assert len(kept) == len(text)
    assert all(old == new or (new == HIDDEN and old.isdecimal()) for old, new in zip(text, kept, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "INV-2026-000123",
        "INV-2026-000123 and INV-2026-000124, CN-2026-000001",
        "Call +33 6 12 34 56 78 or 06 98 76 54 32.",
        "06 12 34 56 78 / 06 98 76 54 32",
        "0044 20 7946 0958",
        "FR76 3000 6000 0112 3456 7890 189",
        "fr7630006000011234567890189",
        "DE89 3704 0044 0532 0130 00 / GB29 NWBK 6016 1331 9268 19",
        "ES9121000418450200051332",
        "1 234 567,89 € TTC, 1,234,567.89, 95,00 € × 12 = 1 140,00 €",
        "€109.00 €654.00 €784.80",
        "from 22/11/2026 to 27/11/2026",
        "22/11/2026 - 27/11/2026",
        "2026-11-01 2026-11-30",
        "2026-11-25T14:32:10.123456Z",
        "1764106330123",  # milliseconds
        "SIRET 732 829 320 00074",
        "SIREN 732829320, FR44732829320",
        "10.0.12.255 and 2001:db8:0:1234:5678:9012:3456:7890",
        "4242 4242 4242 4241",  # the check digit is wrong
        "0000 0000 0000 0000",
        "v1.2.3, 5 seats, 24 × 60 × 60",
    ],
)
def test_ordinary_numbers_survive(text: str) -> None:
    assert mask(text) == (text, False)


@given(st.integers(0, 2**60 - 1), st.sampled_from(["inv", "ord", "cnv", "acc"]))
def test_public_ids_survive(identity: int, prefix: str) -> None:
    text = f"/settings/billing/invoices/{ids.public_id(prefix, identity)}/"
    assert mask(text) == (text, False)


@given(st.dates().map(str), st.integers(0, 10**9), st.integers(0, 10**6))
def test_sentences_with_dates_sums_and_numbers_survive(day: str, minor: int, number: int) -> None:
    text = (
        f"The invoice INV-2026-{number:06} of {day} says {minor // 100:,}.{minor % 100:02} € for {number % 99} users."
    )
    assert mask(text) == (text, False)


@pytest.mark.parametrize(
    "text",
    ["4" * 4000, "42" * 2000, "4 " * 2000, "FR76" * 1000, "fr" + "7" * 3998, "1-" * 2000, "06 12 34 56 78 " * 266],
)
def test_the_longest_message_takes_a_blink(text: str) -> None:
    """Four times the text takes about four times the work; a search that is quadratic takes sixteen times as much.

    Counted in seconds of the processor, which do not depend on what else the machine does.
    """

    def seconds(written: str) -> float:
        best = 9.0
        for _turn in range(5):
            start = time.thread_time()
            mask(written)
            best = min(best, time.thread_time() - start)
        return best

    seconds(text)
    assert seconds(text * 4) < 10 * seconds(text) + 0.02
    assert seconds(text) < 0.75
