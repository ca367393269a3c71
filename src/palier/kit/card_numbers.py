"""Card numbers in text that people write: found by their digits (ISO/IEC 7812-1: Luhn), and hidden.

What people type by mistake is meant, not what somebody hides on purpose: digits of any script, in any groups, with
spaces, line ends, dots, dashes, slashes, stars, bars or invisible characters between them, up to four at a time. Other
numbers survive, as far as they can be told apart: a card's number begins where its network's numbers begin, and does
not begin or end amid a group of digits. Everything is linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Final

from palier.kit.refusals import Refusal

SHORTEST: Final = 13
SHOWN: Final = 4
"""So many digits at the end stay, to talk about the card."""

HIDDEN: Final = "•"

_INVISIBLE: Final = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\u20e3\ufeff"
_JOINTS: Final = rf".\-_/·|*\u2010-\u2015\u2212{_INVISIBLE}"
_BETWEEN: Final = rf"[\s{_JOINTS}]{{0,4}}"
_RUN: Final = re.compile(rf"\d(?:{_BETWEEN}\d){{{SHORTEST - 1},}}")

_ESCAPED: Final = r"\\[fnrt]|\\u00[01][0-9a-f]"
"""A line's end and the like, as PostgreSQL writes them in JSON."""

LAST_DIGIT: Final = 0x1FBFF
"""No digit and no space of Unicode lies beyond."""

_LONG: Final = (16, 17, 18, 19)
_NETWORKS: Final = (
    (2200, 2204, _LONG),  # Mir
    (2221, 2720, (16,)),  # Mastercard
    (3000, 3059, (14, *_LONG)),  # Diners Club
    (3095, 3095, (14, *_LONG)),
    (3400, 3499, (15,)),  # American Express
    (3528, 3589, _LONG),  # JCB
    (3600, 3699, (14, *_LONG)),  # Diners Club
    (3700, 3799, (15,)),  # American Express
    (3800, 3999, (14, *_LONG)),  # Diners Club
    (4000, 4999, (13, 16, 18, 19)),  # Visa
    (5000, 5099, _LONG),  # Maestro, Elo, Verve, RuPay
    (5100, 5599, (16,)),  # Mastercard
    (5600, 6999, _LONG),  # Maestro, Discover, UnionPay, RuPay
    (8100, 8299, _LONG),  # UnionPay, RuPay
    (8600, 8600, (16,)),  # Uzcard
    (9792, 9792, (16,)),  # Troy
    (9860, 9860, (16,)),  # Humo
)
"""First four digits from and to, and how long the numbers are."""

_LENGTHS: Final = {four: lengths for low, high, lengths in _NETWORKS for four in range(low, high + 1)}

GLUED: Final = 17
"""A group so long may be a card's number with its date or code behind it: it is searched within."""

_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_YEAR: Final = r"(?:19|20)\d\d"
_DATE: Final = rf"{_DAY}([/.-]){_MONTH}\1{_YEAR}|{_YEAR}([/.-]){_MONTH}\2{_DAY}"
_PHONE: Final = r"0[1-9](?:[ .-]?\d\d){4}"
_ORDINARY: Final = re.compile(rf"(?:{_DATE}|{_PHONE})(?!\d){_BETWEEN}")

_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d\d(?:[ \u00a0\u202f-]?[A-Z0-9]){11,30}", re.ASCII | re.IGNORECASE)
_IBAN_SIZES: Final = (
    "AD24 AE23 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FO18 FR27 GB22 GI23 GR27 HR21 HU28 IE22 IL23 "
    "IS26 IT27 LI21 LT20 LU20 LV21 MA28 MC27 MT31 NL18 NO15 PL28 PT25 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26"
)
_IBAN_LENGTHS: Final = {each[:2]: int(each[2:]) for each in _IBAN_SIZES.split()}


class CardNumberTyped(Refusal):
    code = "text.card_number"
    en = (
        "This looks like the number of a card, and a card’s number is never kept here. Nothing was saved; take it out. "
        "A card is typed only into the fields of the payment page."
    )
    fr = (
        "Ceci ressemble à un numéro de carte, et aucun numéro de carte n’est conservé ici. Rien n’a été "
        "enregistré\u202f; retirez-le. Une carte ne se saisit que dans les champs de la page de paiement."
    )


def refuse(text: str, field: str) -> None:
    """Refuse a card's number in what is kept to the letter, as a name or an address, and cannot be half hidden."""
    if mask(text)[1]:
        raise CardNumberTyped(field=field)


def hidden(text: str) -> str:
    """What people tell in their own words, as it is kept: every card number hidden but for its last four digits."""
    return mask(text)[0]


def mask(text: str) -> tuple[str, bool]:
    """The text with every card number hidden but for its last four digits, and whether there was one."""
    letters = list(text)
    found = False
    for match in _RUN.finditer(_without_ibans(text)):
        run = match.group()
        if _is_ordinary(run):
            continue
        places = [place for place, letter in enumerate(run) if letter.isdecimal()]
        for start, end in _cards([unicodedata.digit(run[place]) for place in places], places):
            found = True
            for place in places[start : end - SHOWN]:
                letters[match.start() + place] = HIDDEN
    return "".join(letters), found


@cache
def in_sql() -> str:
    """A pattern of PostgreSQL: it matches every text, and JSON written as text, in which ``mask`` finds a number."""
    letters = [chr(code) for code in range(LAST_DIGIT + 1)]
    digit = "".join(f"{each}-{chr(ord(each) + 9)}" for each in letters if unicodedata.decimal(each, None) == 0)
    space = "".join(each for each in letters if each.isspace())
    between = rf"(?:[{space}{_JOINTS}]|{_ESCAPED}){{0,4}}"
    return rf"[{digit}](?:{between}[{digit}]){{{SHORTEST - 1}}}"


def _cards(digits: list[int], places: list[int]) -> Iterator[tuple[int, int]]:
    """Where in a run of digits a card's number may be, half-open; they may overlap, so that none hides another.

    ``places`` are the digits' places in the text: those that follow one another are a group.
    """
    groups = _groups(places)
    sums = _running_sums(digits)

    def right(start: int, end: int) -> bool:
        running = sums[(end - 1) % 2]
        return (running[end] - running[start]) % 10 == 0

    yield from ((start, end) for start, end in _sixteens(groups) if digits[start] and right(start, end))
    firsts, ends = _bounds(groups)
    for start in firsts:
        if start + SHORTEST > len(digits):
            break
        for length in _LENGTHS.get(_first_four(digits, start), ()):
            if start + length in ends and right(start, start + length):
                yield start, start + length


def _groups(places: list[int]) -> list[tuple[int, int]]:
    """The groups of digits, half-open."""
    cuts = [number for number in range(1, len(places)) if places[number] != places[number - 1] + 1]
    return list(zip([0, *cuts], [*cuts, len(places)], strict=True))


def _sixteens(groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sixteen digits in one group or in fours: a card's whatever they begin with."""
    for number, (start, end) in enumerate(groups):
        if end - start == 16:
            yield start, end
        fours = groups[number : number + 4]
        if [last - first for first, last in fours] == [4, 4, 4, 4]:
            yield start, fours[-1][1]


def _bounds(groups: list[tuple[int, int]]) -> tuple[list[int], set[int]]:
    """Where a card's number may begin and end: with a group, and anywhere in a long one."""
    firsts: list[int] = []
    ends: set[int] = set()
    for start, end in groups:
        inner = range(start + 1, end) if end - start >= GLUED else ()
        firsts += [start, *inner]
        ends.update((*inner, end))
    return firsts, ends


def _running_sums(digits: list[int]) -> tuple[list[int], list[int]]:
    """Luhn's sum up to each digit: with those at odd places doubled, and with those at even places (ISO/IEC 7812-1,
    annex B: every second one from the right is)."""
    twice = [digit * 2 - 9 * (digit > 4) for digit in digits]
    odd = accumulate((twice if place % 2 else digits)[place] for place in range(len(digits)))
    even = accumulate((digits if place % 2 else twice)[place] for place in range(len(digits)))
    return [0, *odd], [0, *even]


def _first_four(digits: list[int], start: int) -> int:
    return 1000 * digits[start] + 100 * digits[start + 1] + 10 * digits[start + 2] + digits[start + 3]


def _is_ordinary(run: str) -> bool:
    """Whether it is nothing but dates and telephone numbers."""
    place = 0
    while match := _ORDINARY.match(run, place):
        place = match.end()
    return place == len(run)


def _without_ibans(text: str) -> str:
    """The text, its right bank account numbers (ISO 13616) made letters."""
    return _IBAN.sub(_veiled, text)


def _veiled(match: re.Match[str]) -> str:
    written = match.group()
    places = [place for place, letter in enumerate(written) if letter.isalnum()]
    places = places[: _IBAN_LENGTHS.get(written[:2].upper(), 0)]
    compact = "".join(written[place] for place in places)
    if len(compact) != _IBAN_LENGTHS.get(compact[:2].upper()) or not _checks(compact):
        return written
    return "x" * (places[-1] + 1) + written[places[-1] + 1 :]


def _checks(iban: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1
