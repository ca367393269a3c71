"""Reading what was typed into the card fields. The number and the code live in memory only while they are checked."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from palier_sandbox.test_cards import BEHAVIOURS


@dataclass(frozen=True, slots=True)
class Brand:
    """A card brand: how its numbers begin, their lengths, their grouping, and the length of the code."""

    key: str
    name: str
    prefixes: tuple[tuple[int, int], ...]
    lengths: tuple[int, ...]
    groups: tuple[int, ...]
    code_digits: int


BRANDS: Final = (
    Brand("visa", "Visa", ((4, 4),), (13, 16, 19), (4, 4, 4, 4, 3), 3),
    Brand("mastercard", "Mastercard", ((51, 55), (2221, 2720)), (16,), (4, 4, 4, 4), 3),
    Brand("amex", "American Express", ((34, 34), (37, 37)), (15,), (4, 6, 5), 4),
)


@dataclass(frozen=True, slots=True)
class TypedCard:
    """A card that passed every check. What is kept of it: no number, no code."""

    brand: str
    last4: str
    expiry_month: int
    expiry_year: int
    fingerprint: str
    behaviour: str


class CardErrors(Exception):
    """What is wrong, by field (number, expiry, code): names of sentences in ``words``."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields.values()))
        self.fields = fields


def read_card(number: str, expiry: str, code: str, *, at: datetime, fingerprint_key: str) -> TypedCard:
    """Check what was typed against ``at``. Raises CardErrors with one sentence for each wrong field."""
    digits = re.sub(r"[\s\u202f\u00a0-]", "", number)
    brand = brand_of(digits)
    errors = {
        field: error
        for field, error in (
            ("number", _number_error(digits, brand)),
            ("expiry", _expiry_error(expiry, at)),
            ("code", _code_error(code.strip(), brand)),
        )
        if error
    }
    if errors or brand is None:
        raise CardErrors(errors)
    month, year = _expiry(expiry, at) or (0, 0)
    fingerprint = hmac.new(fingerprint_key.encode(), digits.encode(), hashlib.sha256).hexdigest()[:32]
    return TypedCard(brand.key, digits[-4:], month, year, fingerprint, BEHAVIOURS[digits])


def brand_of(digits: str) -> Brand | None:
    """The brand that a number begins as, or None."""
    for brand in BRANDS:
        for low, high in brand.prefixes:
            width = len(str(low))
            if len(digits) >= width and digits[:width].isdecimal() and low <= int(digits[:width]) <= high:
                return brand
    return None


def brand_name(key: str) -> str:
    """The name of a brand as people know it."""
    return next(brand.name for brand in BRANDS if brand.key == key)


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _number_error(digits: str, brand: Brand | None) -> str:
    if not digits:
        return "number_missing"
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 19:
        return "number_wrong"
    if brand is None:
        return "number_brand" if len(digits) >= 4 else "number_short"
    if len(digits) < min(length for length in brand.lengths if length >= 15):
        return "number_short"
    if len(digits) not in brand.lengths or not luhn(digits):
        return "number_wrong"
    return "" if digits in BEHAVIOURS else "number_real"


def _expiry(text: str, at: datetime) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})|(\d{2})(\d{4}|\d{2})", text.strip(), re.ASCII)
    if not match:
        return None
    month, year = int(match[1] or match[3]), int(match[2] or match[4])
    year += 2000 if year < 100 else 0
    return (month, year) if 1 <= month <= 12 and year <= at.year + 50 else None


def _expiry_error(text: str, at: datetime) -> str:
    if not text.strip():
        return "expiry_missing"
    read = _expiry(text, at)
    if read is None:
        return "expiry_wrong"
    month, year = read
    return "expiry_past" if (year, month) < (at.year, at.month) else ""


def _code_error(code: str, brand: Brand | None) -> str:
    if not code:
        return "code_missing"
    digits = brand.code_digits if brand else 3
    if code.isascii() and code.isdecimal() and len(code) == digits:
        return ""
    return "code_four" if digits == 4 else "code_three"
