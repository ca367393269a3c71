"""The rules of a catalogue, one function for each heading of the file; what is sold is in ``offers``."""

import re
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from palier.apps.catalogue.countries import COUNTRIES, EU
from palier.apps.catalogue.mistakes import did_you_mean
from palier.apps.catalogue.reader import Table
from palier.apps.catalogue.values import Dunning, Plan, Renewals, SeatBilling, Seller, Terms, Trial
from palier.apps.catalogue.vat import siren_mistake, vat_number_mistake
from palier.engine.errors import EngineError
from palier.engine.money import Rounding, exponent
from palier.engine.policies import ChangeDay, DayCount, ProrationPolicy, RoundedPer, Unit

SPOKEN: Final = ("en", "fr")
MOST_RETRIES: Final = 10
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_PREFIX: Final = re.compile(r"[A-Z0-9-]{0,8}")


def languages(root: Table) -> tuple[str, ...]:
    """The languages that every text is written in; English and French are always among them."""
    found: list[str] = []
    for path, language in root.strings("languages", example='["en", "fr"]'):
        if not _LANGUAGE.fullmatch(language):
            root.sheet.note(path, f"“{language}” is not a language code", 'Write two lower-case letters, such as "fr".')
        elif language in found:
            root.sheet.note(path, f"“{language}” is named twice", "Keep one.")
        else:
            found.append(language)
    missing = [language for language in SPOKEN if language not in found]
    if missing and "languages" in root:
        root.note("languages", f"“{missing[0]}” is not among the languages", 'Name at least "en" and "fr".')
    root.sheet.languages = tuple(dict.fromkeys([*found, *SPOKEN]))
    return root.sheet.languages


def seller(table: Table) -> Seller:
    country = table.text("country", example="FR", longest=2, check=_seller_country)
    siren = table.text("siren", example="732829320", longest=9, optional=country != "FR", check=siren_mistake)
    found = Seller(
        name=table.text("name", example="Talentea SAS"),
        legal=table.text("legal", example="SAS au capital de 50 000 €, RCS Paris 732 829 320", optional=True),
        address=table.text("address", example="12 rue de la Paix", longest=300),
        postcode=table.text("postcode", example="75002", longest=16),
        city=table.text("city", example="Paris", longest=100),
        country=country,
        siren=siren,
        vat_number=table.text(
            "vat_number",
            example="FR44732829320",
            longest=20,
            check=lambda text: vat_number_mistake(text, country, siren),
        ),
        email=table.text(
            "email",
            example="billing@example.com",
            longest=254,
            check=lambda text: None if _EMAIL.fullmatch(text) else f"“{text}” is not an e-mail address",
        ),
        time_zone=table.text("time_zone", example="Europe/Paris", longest=60, check=_time_zone),
        invoice_prefix=table.text(
            "invoice_prefix",
            example="F",
            longest=8,
            check=lambda text: None if _PREFIX.fullmatch(text) else "use capital letters, digits and - only",
        ),
        late_penalty_percent=table.decimal("late_penalty_percent", example="12.15"),
        recovery_fee=table.decimal("recovery_fee", example="40.00"),
        oss_registered=table.boolean("oss_registered", default=False),
    )
    table.end()
    return found


def currencies(table: Table) -> tuple[str, dict[str, str]]:
    """The default currency, and the currency of each country that is named."""
    default = table.text("default", example="USD", longest=3, check=_currency)
    by_country: dict[str, str] = {}
    for currency in table.names():
        if currency == "default":
            continue
        if wrong := _currency(currency):
            table.note(currency, wrong, "Use an ISO 4217 code in capitals, such as EUR.")
        for path, country in table.strings(currency, example='["FR", "DE"]'):
            if country not in COUNTRIES:
                remedy = "Use an ISO 3166 code of two capital letters (Greece is GR, the United Kingdom GB)."
                table.sheet.note(path, f"“{country}” is not a country code", remedy)
            elif country in by_country:
                other = by_country[country]
                table.sheet.note(path, f"{country} is already in the list of {other}", "Keep it in one list.")
            elif not wrong:
                by_country[country] = currency
    table.end()
    return default if default and not _currency(default) else "EUR", by_country


def trial(table: Table, known: tuple[Plan, ...]) -> Trial:
    found = Trial(
        days=table.integer("days", least=0, most=365),
        plan=table.text("plan", example="team", longest=40),
    )
    keys = [plan.key for plan in known if not plan.free]
    if found.plan and found.plan not in keys:
        table.note("plan", f"there is no paid plan “{found.plan}”", did_you_mean(found.plan, keys))
    table.end()
    return found


def seats(table: Table, used: tuple[str, ...], policy: ProrationPolicy) -> SeatBilling:
    """``used``: every currency that customers pay in; a threshold is given for each."""
    charge = table.choice("charge", ("at_once", "end_of_day", "threshold"))
    if charge != "at_once" and policy.unit is Unit.SECOND:
        wrong = "the users of a day are billed as of the first of them, and [proration] counts seconds"
        table.note("charge", wrong, 'Use "at_once" here, or unit = "day" there: what is shown is what is billed.')
    sums: dict[str, int] = {}
    if charge == "threshold" or "threshold" in table:
        thresholds = table.table("threshold")
        sums = {currency: thresholds.amount(currency, currency) for currency in used}
        thresholds.end()
    table.end()
    return SeatBilling(charge, MappingProxyType(sums))


def renewals(table: Table) -> Renewals:
    found = Renewals(table.days("notice_days", most=90))
    table.end()
    return Renewals(tuple(sorted(found.notice_days, reverse=True)))


def dunning(table: Table) -> Dunning:
    """The networks allow 15 tries in 30 days (Visa, the stricter one): the calendar stays below."""
    found = Dunning(
        retry_days=tuple(sorted(table.days("retry_days", most=60))),
        grace_days=table.integer("grace_days", least=0, most=90),
        give_up_days=table.integer("give_up_days", least=1, most=180),
        debt=table.choice("debt", ("write_off", "keep")),
    )
    if len(found.retry_days) > MOST_RETRIES:
        table.note(
            "retry_days", f"{len(found.retry_days)} tries are too many", f"Name {MOST_RETRIES} days at the most."
        )
    if found.grace_days > found.give_up_days:
        table.note("grace_days", "grace is longer than the pursuit", "Let it end before give_up_days.")
    if found.retry_days and found.retry_days[-1] >= found.give_up_days:
        table.note("retry_days", "the last try comes after the end", "Let give_up_days come after the last try.")
    table.end()
    return found


def changes(table: Table) -> None:
    """When a change takes effect is written for whoever reads the file; there is one way only."""
    table.choice("up", ("now",))
    table.choice("down", ("period_end",))
    table.end()


def proration(table: Table, zone: str) -> ProrationPolicy:
    found = ProrationPolicy(
        unit=Unit(table.choice("unit", tuple(Unit))),
        change_day=ChangeDay(table.choice("change_day", tuple(ChangeDay))),
        day_count=DayCount(table.choice("day_count", tuple(DayCount))),
        rounding=Rounding(table.choice("rounding", tuple(Rounding))),
        rounded_per=RoundedPer(table.choice("rounded_per", tuple(RoundedPer))),
        zone=zone,
    )
    table.end()
    return found


def terms(table: Table, folder: FilePath | None) -> Terms:
    """The terms with their whole text, from ``texts`` or from the files named under ``files``."""
    version = table.text("version", example="2026-11-01", longest=40, check=_version)
    titles = table.texts("titles", example="Terms of service")
    if "texts" in table:
        texts = table.table("texts")
        found = {language: _long(texts, language) for language in table.sheet.languages}
        texts.end()
        if "files" in table:
            table.table("files")
            table.note("files", "the terms are written under “texts” already", "Keep one of the two.")
    else:
        files = table.table("files")
        found = {
            language: _from_file(files, language, folder) for language in table.sheet.languages if "files" in table
        }
        files.end()
    table.end()
    return Terms(version, MappingProxyType(titles), MappingProxyType(found))


def _long(table: Table, language: str) -> str:
    text = table.long_text(language)
    if language in table and not text.strip():
        table.note(language, "this text is empty", "Write the terms of service.")
    return text


def _from_file(table: Table, language: str, folder: FilePath | None) -> str:
    name = table.text(language, example=f"terms/2026-11-01.{language}.md")
    if not name or folder is None:
        return ""
    try:
        text = (folder / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        table.note(language, f"the file “{name}” cannot be read ({error.strerror})", f"Paths begin at {folder}.")
    except UnicodeDecodeError:
        table.note(language, f"the file “{name}” is not UTF-8", "Save it as UTF-8 in your editor.")
    else:
        if not text.strip():
            table.note(language, f"the file “{name}” is empty", "Write the terms of service into it.")
        return text
    return ""


def _currency(code: str) -> str | None:
    try:
        exponent(code)
    except EngineError:
        return f"“{code}” is not a currency code"
    return None


def _seller_country(code: str) -> str | None:
    if code in EU:
        return None
    if code in COUNTRIES:
        return f"“{code}” is not a member of the European Union, and Palier knows only its tax rules"
    return f"“{code}” is not a country code"


def _time_zone(name: str) -> str | None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"“{name}” is not a time zone"
    return None


def _version(text: str) -> str | None:
    return (
        None
        if _VERSION.fullmatch(text)
        else "use letters, digits, points and hyphens only: the version is part of an address"
    )
