"""What `palier quote` reads: one JSON object; every key is explained here, every mistake has a place and a remedy."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from palier.engine.errors import EngineError
from palier.engine.money import MalformedAmount, UnknownCurrency, exponent, parse_amount
from palier.engine.periods import UnknownZone, day_starts_at, zone_named

# Every key, by its place. docs/reference/quote.md says the same with examples; a test holds the two together.
FORMAT = {
    "id": "any text or number; comes back with the answer, to tell the lines of a batch apart",
    "catalogue": "path of a catalogue.toml, or the same content as an object; or leave it out and give `prices`",
    "currency": "ISO 4217 code, such as EUR; needed with a catalogue, and the default of `prices`",
    "prices": "list of prices, instead of a catalogue",
    "prices[].key": "stable key of the plan or add-on",
    "prices[].kind": '"plan" (default) or "add_on"',
    "prices[].rank": "order of the plan, low to high (default: its place among the plans)",
    "prices[].interval": '"month" or "year"',
    "prices[].currency": "ISO 4217 code (default: `currency`)",
    "prices[].monthly": 'price of one seat (or unit) for one month, as a text: "109.00"',
    "prices[].monthly_minor": "the same in whole minor units: 10900",
    "prices[].full": 'instead of `monthly`: price of one seat for a full period (one year: "1140.00")',
    "prices[].full_minor": "the same in whole minor units",
    "prices[].title": "name in the explanations: a text, or an object with en and fr (default: the key)",
    "at": "the instant of the change: ISO 8601 with offset, or a date (its first instant in the policy's zone)",
    "current": "the subscription as it is; null or absent for a free account",
    "current.interval": '"month" (default) or "year"',
    "current.anchor_at": "the instant that periods are counted from (default: start of the period)",
    "current.period": "the period that is paid, half-open",
    "current.period.start": "its first instant, or a date",
    "current.period.end": "the first instant after it, or a date (default: one interval from the anchor)",
    "current.items": "what the subscription holds: one plan, any add-ons",
    "current.items[].key": "a plan or add-on of the catalogue or of `prices`",
    "current.items[].quantity": "seats or units, 1 or more",
    "current.items[].monthly": "the price it was sold at for a month, if not that of the list",
    "current.items[].monthly_minor": "the same in whole minor units",
    "current.items[].full": "the price it was sold at for a full period, if not that of the list",
    "current.items[].full_minor": "the same in whole minor units",
    "current.invoiced": "the charges invoiced for time that still runs, oldest first (default: every item in full)",
    "current.invoiced[].line": "your id of the invoice line (default: its place in the list)",
    "current.invoiced[].key": "the plan or add-on that was charged",
    "current.invoiced[].quantity": "for how many seats or units (default: 1)",
    "current.invoiced[].amount": 'net amount really invoiced, as a text: "327.00"',
    "current.invoiced[].amount_minor": "the same in whole minor units",
    "current.invoiced[].credited": "what was credited on the line before (default: 0)",
    "current.invoiced[].credited_minor": "the same in whole minor units",
    "current.invoiced[].period": "the time that it charged (default: the paid period)",
    "current.invoiced[].period.start": "its first instant, or a date",
    "current.invoiced[].period.end": "the first instant after it, or a date",
    "current.invoiced[].ends_at": "from when an earlier change took back the rest of the line (default: never)",
    "current.invoiced[].tax": "the tax rule it was invoiced under (default: `tax`)",
    "change": "what is wanted; or an object with `renew`",
    "change.plan": "key of the plan (default: the current one)",
    "change.interval": '"month" or "year" (default: the current one, else month)',
    "change.seats": "seats in all, 1 or more (default: the current number, else 1)",
    "change.add_ons": "add-ons in all (default: the current ones)",
    "change.add_ons[].key": "key of the add-on",
    "change.add_ons[].quantity": "units in all, 1 or more; leave an add-on out to give it up",
    "change.renew": "true: the next renewal, with the items that the other keys of `change` name",
    "policy": "the rules of proration (default: the catalogue's, else the values below)",
    "policy.unit": '"day" (default) or "second"',
    "policy.change_day": 'the day of the change counts as "used" (default) or "left"; unit day only',
    "policy.day_count": 'a month counts its "actual" days (default) or "30"',
    "policy.rounding": '"half_up" (default), "half_even" or "down"',
    "policy.rounded_per": 'once per "line" (default), or per "unit" before multiplying by the quantity',
    "policy.zone": "the seller's IANA time zone (default: Europe/Paris)",
    "tax": "the tax rule (default: none)",
    "tax.rate": 'in percent, as a text: "20" or "5.5"',
    "tax.rate_ppm": "the same in parts per million: 200000",
    "tax.category": 'EN 16931 category (default: "S" with a rate, else "O")',
    "tax.country": "ISO 3166 code of the country whose tax it is (default: none)",
    "tax.note": "code of a mention for the invoice, such as reverse_charge (default: none)",
    "tax.by_item": "rules for single plans or add-ons, by key; each with the keys of `tax`",
}


MOST = 10**18  # seats, minor units: beyond any order, and still quick to print
FIRST_YEAR, LAST_YEAR = 1900, 9000


class Mistake(Exception):
    """The input cannot be quoted: `code` names the mistake, `path` its place, `remedy` what to write instead."""

    def __init__(self, code: str, path: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.path, self.message, self.remedy = code, path, message, remedy

    def to_json(self) -> dict[str, str]:
        return {"code": self.code, "path": self.path, "message": self.message, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the input and its place ("$.current.items[0].quantity"); `key` is the place as in FORMAT."""

    value: Any
    path: str = "$"
    key: str = ""

    def mistake(self, code: str, message: str, remedy: str = "") -> Mistake:
        explained = FORMAT.get(self.key)
        return Mistake(
            code,
            self.path,
            message,
            remedy or (f"{self.key}: {explained}" if explained else "see `palier quote --format`"),
        )

    def child(self, name: str) -> "Node | None":
        """The value under a key, or None when it is absent or null."""
        value = self.value.get(name)
        if value is None:
            return None
        return Node(value, f"{self.path}.{name}", f"{self.key}.{name}" if self.key else name)

    def required(self, name: str) -> "Node":
        child = self.child(name)
        if child is None:
            key = f"{self.key}.{name}" if self.key else name
            raise Mistake(
                "missing_key", f"{self.path}.{name}", f"{name} is missing", f"add it. {key}: {FORMAT.get(key, '')}"
            )
        return child

    def members(self, *, also: Sequence[str] = ()) -> "Node":
        """The object itself, once it is one and has only keys that FORMAT knows at this place."""
        if not isinstance(self.value, dict):
            raise self.mistake("not_an_object", f"expected an object, found {_named(self.value)}")
        prefix = f"{self.key}." if self.key else ""
        known = [key.removeprefix(prefix) for key in FORMAT if key.startswith(prefix)]
        known = [name for name in known if "." not in name and "[" not in name] + list(also)
        for name in self.value:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"the keys here are: {', '.join(known)}"
                raise Mistake("unknown_key", f"{self.path}.{name}", f"{name!r} is not a key of the input", hint)
        return self

    def entries(self) -> Iterator["Node"]:
        if not isinstance(self.value, list):
            raise self.mistake("not_a_list", f"expected a list, found {_named(self.value)}")
        for index, value in enumerate(self.value):
            yield Node(value, f"{self.path}[{index}]", f"{self.key}[]")

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise self.mistake("not_a_text", f"expected a text, found {_named(self.value)}")
        return self.value

    def whole(self, *, least: int) -> int:
        if type(self.value) is not int:
            raise self.mistake("not_a_whole_number", f"expected a whole number, found {_named(self.value)}")
        if self.value < least:
            raise self.mistake("number_too_small", f"{self.value} is less than {least}")
        if self.value > MOST:
            raise self.mistake("number_too_large", f"the number is more than {MOST}", "no order is that large")
        return self.value

    def true(self) -> bool:
        if type(self.value) is not bool:
            raise self.mistake("not_true_or_false", f"expected true or false, found {_named(self.value)}")
        return self.value

    def choice[Value: StrEnum](self, kind: type[Value]) -> Value:
        values = [member.value for member in kind]
        if str(self.value) not in values or not isinstance(self.value, str | int) or isinstance(self.value, bool):
            raise self.mistake("unknown_value", f"{self.value!r} is not one of {', '.join(values)}")
        return kind(str(self.value))

    def currency(self) -> str:
        code = self.text()
        try:
            exponent(code)
        except UnknownCurrency as problem:
            raise self.mistake(
                problem.code, str(problem), 'write an ISO 4217 code in capitals, such as "EUR"'
            ) from None
        return code

    def amount(self, currency: str) -> int:
        if not isinstance(self.value, str):
            raise self.mistake(
                "amount_not_a_text",
                f"expected an amount as a text, found {_named(self.value)}",
                'put it in quotes: "109.00"; or use the key that ends in _minor',
            )
        try:
            return Node(parse_amount(self.value, currency), self.path, self.key).whole(least=-MOST)
        except MalformedAmount as problem:
            raise self.mistake(problem.code, str(problem), 'write digits, a point and decimals: "109.00"') from None

    def zone(self) -> str:
        try:
            zone_named(self.text())
        except UnknownZone as problem:
            raise self.mistake(problem.code, str(problem), 'write an IANA name, such as "Europe/Paris"') from None
        return self.text()

    def instant(self, zone: str) -> datetime:
        """An instant with its offset, or the first instant of a date in the seller's zone, from 1900 to 9000."""
        text = self.text()
        remedy = 'write "2026-06-20T14:30:00+02:00", or a date such as "2026-06-20"'
        try:
            if len(text) == len("2026-06-20"):
                at = day_starts_at(date.fromisoformat(text), zone)
            else:
                at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                raise self.mistake("instant_without_zone", f"{text!r} has no offset from UTC", remedy)
            if not FIRST_YEAR <= at.year <= LAST_YEAR:
                raise self.mistake("instant_out_of_range", f"the year {at.year} is not near enough", remedy)
            return at.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.mistake("malformed_instant", f"{text!r} is not an instant or a date", remedy) from None

    def one_amount(self, name: str, currency: str) -> int | None:
        """`name` as a text or `name`_minor as a whole number, not both; None when neither is there."""
        said, minor = self.child(name), self.child(f"{name}_minor")
        if said is not None and minor is not None:
            raise self.mistake("said_twice", f"both {name} and {name}_minor are given", "keep one of them")
        if minor is not None:
            return minor.whole(least=0)
        if said is None:
            return None
        amount = said.amount(currency)
        if amount < 0:
            raise said.mistake("negative_amount", f"{said.value} is below zero", "write the amount without a sign")
        return amount

    def computing[Result](self, compute: Callable[[], Result], remedy: str = "") -> Result:
        """The result, or the engine's refusal told as a mistake at this place."""
        try:
            return compute()
        except EngineError as problem:
            raise self.mistake(problem.code, str(problem), remedy or _REMEDIES.get(problem.code, "")) from None


_REMEDIES: Mapping[str, str] = {
    "change_outside_period": "give an instant in the paid period, or the period that is paid at that instant",
    "mixed_items": "one plan, each add-on once, all in one currency and on one interval",
    "reversed_period": "the end must come after the start",
    "impossible_paid": "credited cannot be more than the amount invoiced",
}


def _named(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}
    return names.get(type(value), "a number with decimals" if isinstance(value, float) else "null")
