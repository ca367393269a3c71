"""Billing details: each wrong field is told on itself, nothing is lost, nothing bad comes through."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.apps.catalogue.countries import COUNTRIES
from palier.apps.tax import addresses
from palier.apps.tax.buyers import LENGTHS, Buyer, validate
from palier.apps.tax.refusals import FieldRefusals
from tests.report.cases import cases

GOOD = {
    "kind": "company",
    "name": "Cabinet Lumière",
    "address": "8 rue de Rivoli",
    "postcode": "75004",
    "city": "Paris",
    "region": "",
    "country": "FR",
    "vat_number": "FR44732829320",
    "email": "compta@lumiere.example",
    "po_number": "PO-7",
}


def refused(**changes: object) -> dict[str, str]:
    """The code of each refused field."""
    try:
        validate({**GOOD, **changes})
    except FieldRefusals as refusals:
        for refusal in refusals.by_field.values():
            assert refusal.text("en")
            assert refusal.text("fr")
        return {field: refusal.code.removeprefix("details.") for field, refusal in refusals.by_field.items()}
    return {}


def kept(**changes: object) -> Buyer:
    return validate({**GOOD, **changes})


def test_good_details_are_kept_as_they_are() -> None:
    assert kept() == Buyer(**GOOD)


@pytest.mark.parametrize("field", ["name", "address", "postcode", "city", "country", "email", "kind"])
@pytest.mark.parametrize("empty", ["", "  ", None])
def test_a_required_field_left_empty_is_told_on_the_field(field: str, empty: object) -> None:
    assert list(refused(**{field: empty})) == [field]


def test_all_wrong_fields_are_told_together_in_the_order_of_the_form() -> None:
    wrong: dict[str, Any] = {"name": "", "postcode": "1", "vat_number": "FR1", "email": "nobody"}
    assert refused(**wrong) == {
        "name": "missing",
        "postcode": "postcode_malformed",
        "vat_number": "vat_number_malformed",
        "email": "email_malformed",
    }


@pytest.mark.parametrize("field", sorted(LENGTHS))
def test_ten_thousand_characters_are_refused_on_the_field(field: str) -> None:
    assert refused(**{field: "a" * 10_000}) == {field: "too_long"}


@pytest.mark.parametrize("field", ["name", "city", "po_number"])
def test_the_last_character_that_fits_fits(field: str) -> None:
    text = "é" * LENGTHS[field]
    assert getattr(kept(**{field: text}), field) == text
    assert refused(**{field: text + "é"}) == {field: "too_long"}


@pytest.mark.parametrize("field", ["name", "address", "city", "email", "po_number", "postcode", "vat_number"])
@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\u2028", "\ue000"])
def test_control_and_direction_characters_are_refused_by_name(field: str, character: str) -> None:
    changes = {field: GOOD[field][:2] + character + GOOD[field][2:]}
    assert refused(**changes) == {field: "forbidden_character"}


def test_marks_left_by_copying_are_dropped() -> None:
    assert kept(name="\ufeffCabinet\u200b  Lumie\u0300re\u200e ").name == "Cabinet Lumière"


def test_markup_is_only_text_and_right_to_left_letters_are_welcome() -> None:
    assert kept(name="<script>alert(1)</script>").name == "<script>alert(1)</script>"
    assert kept(name="חברה בע״מ").name == "חברה בע״מ"


def test_an_address_keeps_its_lines_and_other_fields_have_one() -> None:
    assert kept(address="8 rue de Rivoli\r\n\r\n Bâtiment B ").address == "8 rue de Rivoli\nBâtiment B"
    assert refused(address="a\nb\nc\nd\ne") == {"address": "too_many_lines"}
    assert refused(name="Cabinet\nLumière") == {"name": "forbidden_character"}


def test_a_name_without_any_letter_is_refused() -> None:
    assert refused(name="...") == {"name": "nothing_readable"}


@pytest.mark.parametrize("country", ["XX", "UK", "France", "F", "EU", 3])
def test_an_unknown_country_is_refused(country: object) -> None:
    assert refused(country=country) == {"country": "country_unknown"}


def test_a_person_has_no_vat_number() -> None:
    assert refused(kind="person") == {"vat_number": "vat_number_of_person"}
    assert kept(kind="person", vat_number="").kind == "person"


@pytest.mark.parametrize(
    "email", ["nobody", "a@b", "a b@c.example", "a@@b.example", "@b.example", "a@b.example\nBcc: c@d.example"]
)
def test_what_is_not_an_email_address_is_refused(email: str) -> None:
    assert list(refused(email=email)) == ["email"]


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("FR", " 75 004 ", "75004"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("CA", "h3z2y7", "H3Z 2Y7"),
        ("IE", "d02 af30", "D02 AF30"),
        ("NL", "1012 ab", "1012 AB"),
        ("US", "95014", "95014"),
        ("JP", "154-0023", "154-0023"),
        ("HK", "", ""),
    ],
)
def test_a_postcode_is_written_as_in_its_country(country: str, typed: str, written: str) -> None:
    assert addresses.postcode(typed, country) == written


@pytest.mark.parametrize(
    ("country", "typed"), [("FR", "7500"), ("FR", "ABCDE"), ("DE", "1011"), ("US", "ABC"), ("GB", "12345")]
)
def test_a_postcode_of_elsewhere_is_refused_with_an_example(country: str, typed: str) -> None:
    assert refused(country=country, postcode=typed, region="CA", vat_number="") == {"postcode": "postcode_malformed"}


def test_a_region_is_asked_for_where_addresses_need_one() -> None:
    american = {"country": "US", "postcode": "95014", "city": "Cupertino", "vat_number": ""}
    assert refused(**american) == {"region": "missing"}
    assert refused(**american, region="Bavaria") == {"region": "region_unknown"}
    assert kept(**american, region="california").region == "CA"
    assert kept(region="Île-de-France").region == ""


@pytest.mark.parametrize("country", ["IT", "ES"])
def test_where_the_postcode_names_the_province_it_is_not_asked_for(country: str) -> None:
    assert kept(country=country, postcode="28039", region="", vat_number="").region == ""


def test_a_region_in_another_script_is_kept_by_its_latin_name() -> None:
    japanese = {"country": "JP", "postcode": "154-0023", "vat_number": ""}
    assert kept(**japanese, region="東京都").region == "Tokyo"
    assert kept(**japanese, region="tokyo").region == "Tokyo"


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_country_says_how_its_addresses_are_asked_for(country: str) -> None:
    for field in addresses.fields(country).values():
        assert field.label("en")
        assert field.label("fr")
        assert not (field.required and not field.shown)
        for value, _ in field.choices:
            assert addresses.region(value, country) == value


@settings(max_examples=cases(200))
@given(
    st.fixed_dictionaries(
        {},
        optional={field: st.text(max_size=400) | st.none() | st.integers() for field in GOOD if field != "country"},
    ),
    st.sampled_from(["FR", "DE", "US", "GB", "JP", "HK", "ZZ"]),
)
def test_whatever_is_sent_is_kept_clean_or_refused_by_field(changes: dict[str, object], country: str) -> None:
    try:
        buyer = kept(**changes, country=country)
    except FieldRefusals:
        return
    for field, most in LENGTHS.items():
        text = getattr(buyer, field)
        assert len(text) <= most
        assert all(letter == "\n" or unicodedata.category(letter) != "Cc" for letter in text)
