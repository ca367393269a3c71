"""Amounts: whole minor units with their currency, one rounding, one allocation."""

import re
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

from palier.engine.errors import EngineError

# The active currencies of ISO 4217 by the number of decimals of their minor unit.
_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
        "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
        "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
        "MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER "
        "ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: places for places, codes in _CODES.items() for code in codes.split()}

_MOST_CHARACTERS = 1_000  # of an amount as a text; far beyond any sum
_AMOUNT = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]+))?", re.ASCII)


class Rounding(StrEnum):
    """How a fraction of a minor unit becomes a whole one. All three treat credits as the mirror of charges."""

    HALF_UP = "half_up"  # ties away from zero
    HALF_EVEN = "half_even"  # ties to the even neighbour
    DOWN = "down"  # towards zero


class UnknownCurrency(EngineError):
    """Not an active ISO 4217 code in capitals."""

    code: ClassVar[str] = "unknown_currency"


class MalformedAmount(EngineError):
    """A text that is not an exact amount of its currency, such as "1,5", "1e3" or "1.005" in euros."""

    code: ClassVar[str] = "malformed_amount"


class UnusableWeights(EngineError):
    """Weights that no amount can be shared by: none at all, a negative one, or all zero."""

    code: ClassVar[str] = "unusable_weights"


def exponent(currency: str) -> int:
    """Number of decimals of the currency's minor unit (EUR 2, JPY 0, KWD 3), or UnknownCurrency."""
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not an ISO 4217 currency code") from None


def rounded(numerator: int, denominator: int, rounding: Rounding) -> int:
    """numerator/denominator as a whole number of minor units; the denominator is positive.

    The one place where Palier rounds. Works on the magnitude, so a credit is exactly the mirror of the charge.
    """
    whole, rest = divmod(abs(numerator), denominator)
    if rounding is Rounding.HALF_UP:
        whole += 2 * rest >= denominator
    elif rounding is Rounding.HALF_EVEN:
        whole += 2 * rest > denominator or (2 * rest == denominator and whole & 1)
    return -whole if numerator < 0 else whole


def round_minor(value: Fraction, rounding: Rounding) -> int:
    """A fraction of minor units as a whole number of them."""
    return rounded(value.numerator, value.denominator, rounding)


def allocate(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Share an amount by whole weights so that the parts sum to the whole.

    Every share is cut towards zero; the units left go to the largest remainders, the earlier weight first on a tie.
    A weight of zero gets nothing. UnusableWeights if there is nothing to share by.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise UnusableWeights("weights must be zero or more and not all zero")
    shares, remainders = [], []
    for weight in weights:
        share, remainder = divmod(abs(total_minor) * weight, whole)
        shares.append(share)
        remainders.append(remainder)
    missing = abs(total_minor) - sum(shares)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:missing]:
        shares[index] += 1
    return [-share for share in shares] if total_minor < 0 else shares


def parse_amount(text: str, currency: str) -> int:
    """ "109.00", "EUR" -> 10900 minor units. Accepts fewer decimals than the currency has, never more."""
    places = exponent(currency)
    match = _AMOUNT.fullmatch(text) if len(text) <= _MOST_CHARACTERS else None
    if match is None or len(match["part"] or "") > places:
        raise MalformedAmount(f"{text!r} is not an amount in {currency}: digits and at most {places} decimals")
    minor = int(match["whole"] + (match["part"] or "").ljust(places, "0"))
    return -minor if match["sign"] else minor


def format_amount(minor: int, currency: str) -> str:
    """10900, "EUR" -> "109.00": the plain text that parse_amount reads back."""
    places = exponent(currency)
    digits = str(abs(minor)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if minor < 0 else text
