"""Who buys: the billing details, cleaned and checked field by field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from palier.apps.catalogue.countries import COUNTRIES
from palier.apps.tax import addresses, vat_numbers
from palier.apps.tax.refusals import CountryUnknown, EmailMalformed, FieldRefusals, KindUnknown
from palier.apps.tax.texts import MOST_LINES, clean
from palier.kit.refusals import Refusal

KINDS: Final = ("company", "person")
LENGTHS: Final = {
    "name": 200,
    "address": 300,
    "postcode": 16,
    "city": 100,
    "region": 100,
    "vat_number": 20,
    "email": 254,
    "po_number": 50,
}


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who is invoiced. Flat texts, so that an invoice can keep them as they were on its day."""

    kind: str  # "company" or "person"
    name: str
    address: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    vat_number: str = ""
    email: str = ""
    po_number: str = ""


def validate(details: Mapping[str, object]) -> Buyer:
    """The buyer that a form describes; unknown keys are left aside.

    Raises FieldRefusals with every wrong field at once. Where the country itself is wrong, what depends on it is only
    cleaned.
    """
    reading = _Reading(details)
    kind = reading.of("kind", _kind)
    country = reading.of("country", _country)
    buyer = Buyer(
        kind=kind,
        name=reading.of("name", lambda typed: clean(typed, "name", most=LENGTHS["name"], required=True)),
        address=reading.of(
            "address", lambda typed: clean(typed, "address", most=LENGTHS["address"], required=True, lines=MOST_LINES)
        ),
        postcode=reading.by_country("postcode", country, addresses.postcode),
        city=reading.by_country("city", country, addresses.city),
        region=reading.by_country("region", country, addresses.region),
        country=country,
        vat_number=reading.by_country("vat_number", country, vat_numbers.normalised),
        email=reading.of("email", _email),
        po_number=reading.of("po_number", lambda typed: clean(typed, "po_number", most=LENGTHS["po_number"])),
    )
    if kind == "person" and buyer.vat_number:
        reading.refusals.setdefault("vat_number", vat_numbers.VatNumberOfPerson("vat_number"))
    if reading.refusals:
        raise FieldRefusals(reading.refusals)
    return buyer


class _Reading:
    """Reads each field and keeps its refusal, so that one mistake does not hide the next."""

    def __init__(self, details: Mapping[str, object]) -> None:
        self._details = details
        self.refusals: dict[str, Refusal] = {}

    def of(self, field: str, read: Callable[[object], str]) -> str:
        try:
            return read(self._details.get(field))
        except Refusal as refusal:
            self.refusals[field] = refusal
            return ""

    def by_country(self, field: str, country: str, check: Callable[[str, str], str]) -> str:
        def read(typed: object) -> str:
            # Room for the separators that people write; what is kept is measured again.
            text = clean(typed, field, most=LENGTHS[field] * 2)
            return clean(check(text, country) if country else text, field, most=LENGTHS[field])

        return self.of(field, read)


def _kind(typed: object) -> str:
    if typed in KINDS:
        return str(typed)
    raise KindUnknown("kind")


def _country(typed: object) -> str:
    code = typed.strip().upper() if isinstance(typed, str) else ""
    if code in COUNTRIES:
        return code
    raise CountryUnknown("country")


def _email(typed: object) -> str:
    text = clean(typed, "email", most=LENGTHS["email"], required=True)
    try:
        validate_email(text)
    except ValidationError:
        raise EmailMalformed("email") from None
    return text
