"""Figures, sums and dates in the reader's language (CLDR, through Babel)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import dates, numbers

from palier.engine.money import exponent


def locale_of(language: str) -> str:
    """The locale that we write in: French for ``fr…``, else English with the day before the month."""
    return "fr" if language.startswith("fr") else "en_GB"


def decimal_of(minor: int, currency: str) -> Decimal:
    """Minor units as a decimal figure: 10900 EUR is 109.00, 500 JPY is 500."""
    return Decimal(minor).scaleb(-exponent(currency))


def money(minor: int, currency: str, language: str) -> str:
    """``money(123400, "EUR", "fr")`` is ``1 234,00 €`` with narrow and no-break spaces, ``€1,234.00`` in English."""
    return numbers.format_currency(decimal_of(minor, currency), currency, locale=locale_of(language))


def whole_number(value: int, language: str) -> str:
    """``12 500`` or ``12,500``."""
    return numbers.format_decimal(value, locale=locale_of(language))


def percent(ppm: int, language: str) -> str:
    """Parts per million as a percentage: 200000 is ``20 %`` or ``20%``, 55000 is ``5,5 %``."""
    return numbers.format_percent(Decimal(ppm).scaleb(-6), locale=locale_of(language), decimal_quantization=False)


def day(at: date | datetime, language: str, zone: str) -> str:
    """A calendar day in the seller's zone: ``22 Nov 2027``, ``22 nov. 2027``."""
    local = at.astimezone(ZoneInfo(zone)).date() if isinstance(at, datetime) else at
    return dates.format_date(local, "d MMM y", locale=locale_of(language))


def long_day(at: date | datetime, language: str, zone: str) -> str:
    """``22 November 2027``, ``22 novembre 2027``; the first of a month is ``1er`` in French."""
    local = at.astimezone(ZoneInfo(zone)).date() if isinstance(at, datetime) else at
    written = dates.format_date(local, "d MMMM y", locale=locale_of(language))
    return f"1er{written[1:]}" if local.day == 1 and language.startswith("fr") else written


def last_instant(end: datetime) -> datetime:
    """Of a half-open period: what ends is dated by its last day, what begins by its first."""
    return end - datetime.resolution


def time_of_day(at: datetime, language: str, zone: str) -> str:
    """``14:32`` in the seller's zone."""
    return dates.format_time(at.astimezone(ZoneInfo(zone)), "HH:mm", locale=locale_of(language))


def zone_name(zone: str, language: str) -> str:
    """What a time zone is called: ``Central European Time``, ``heure d’Europe centrale``."""
    return "UTC" if zone == "UTC" else dates.get_timezone_name(ZoneInfo(zone), locale=locale_of(language))


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day for a text in both languages: ``"until {ends_on:en}"``, ``"jusqu’au {ends_on:fr}"``."""

    at: datetime
    zone: str

    def __format__(self, language: str) -> str:
        return long_day(self.at, language, self.zone)


def last_day(end: datetime, zone: str) -> Day:
    """Of a half-open period, for a text in both languages."""
    return Day(last_instant(end), zone)


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day in the seller's zone for a text in both languages: ``"after {again_at:en}"``."""

    at: datetime
    zone: str

    def __format__(self, language: str) -> str:
        return time_of_day(self.at, language, self.zone)


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount in minor units for a text in both languages: ``"{total:en}"``, ``"{total:fr}"``."""

    minor: int
    currency: str

    def __format__(self, language: str) -> str:
        return money(self.minor, self.currency, language)
