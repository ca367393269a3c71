"""Which VAT a sale carries."""

from dataclasses import replace
from datetime import date

import pytest

from palier.apps.catalogue import parse
from palier.apps.tax import territories
from palier.apps.tax.buyers import Buyer
from palier.apps.tax.mentions import mention
from palier.apps.tax.rules import rule_for
from palier.engine.taxes import TaxRule
from tests.catalogue.toml import ROOT, TEXT

SELLER = parse.toml(TEXT, folder=ROOT).catalogue.seller
OSS = replace(SELLER, oss_registered=True)
GERMAN = replace(SELLER, country="DE", vat_number="DE136695976", siren="")
TODAY = date(2026, 11, 23)
FRENCH_VAT, GERMAN_VAT = "FR44732829320", "DE136695976"


def company(country: str, *, vat_number: str = "", postcode: str = "") -> Buyer:
    return Buyer(kind="company", name="Acme", country=country, vat_number=vat_number, postcode=postcode)


def person(country: str) -> Buyer:
    return Buyer(kind="person", name="Camille", country=country)


STANDARD_FR = TaxRule(200_000, "S", "FR")


@pytest.mark.parametrize(
    "buyer",
    [company("FR"), company("FR", vat_number=FRENCH_VAT), person("FR"), company("MC"), company("FR", postcode="75002")],
)
def test_in_the_sellers_country_its_rate_applies_with_or_without_a_number(buyer: Buyer) -> None:
    assert rule_for(buyer, SELLER, TODAY) == STANDARD_FR


@pytest.mark.parametrize(
    ("country", "number"), [("DE", GERMAN_VAT), ("GR", "EL094259216"), ("BE", "BE0428759497"), ("IE", "IE6433435F")]
)
def test_a_business_elsewhere_in_the_union_with_a_number_is_reverse_charged(country: str, number: str) -> None:
    buyer = company(country, vat_number=number)
    assert rule_for(buyer, SELLER, TODAY) == TaxRule(0, "AE", country, "reverse_charge")
    assert rule_for(buyer, OSS, TODAY) == TaxRule(0, "AE", country, "reverse_charge")


@pytest.mark.parametrize(
    "buyer",
    [company("DE"), person("DE"), company("DE", vat_number="DE136695977"), company("DE", vat_number=FRENCH_VAT)],
)
def test_without_a_valid_number_of_its_country_the_sellers_rate_applies(buyer: Buyer) -> None:
    assert rule_for(buyer, SELLER, TODAY) == STANDARD_FR


def test_a_seller_in_the_one_stop_shop_charges_the_customers_rate() -> None:
    assert rule_for(company("DE"), OSS, TODAY) == TaxRule(190_000, "S", "DE")
    assert rule_for(person("FI"), OSS, TODAY) == TaxRule(255_000, "S", "FI")
    assert rule_for(person("FI"), OSS, date(2024, 8, 31)) == TaxRule(240_000, "S", "FI")
    assert rule_for(person("FR"), OSS, TODAY) == STANDARD_FR


@pytest.mark.parametrize("country", ["US", "GB", "CH", "NO", "IM", "AX", "NC", "PM", "JP"])
def test_outside_the_union_there_is_none(country: str) -> None:
    for buyer in (company(country), person(country)):
        assert rule_for(buyer, SELLER, TODAY) == TaxRule(0, "O", country, "outside_eu")


def test_northern_ireland_is_outside_for_services() -> None:
    assert rule_for(company("GB", vat_number="XI980780684"), SELLER, TODAY).note == "outside_eu"


@pytest.mark.parametrize("department", ["GP", "MQ", "RE"])
def test_a_french_seller_charges_the_overseas_rate(department: str) -> None:
    buyer = company(department, vat_number=FRENCH_VAT)
    assert rule_for(buyer, SELLER, TODAY) == TaxRule(85_000, "S", department)
    assert rule_for(buyer, GERMAN, TODAY) == TaxRule(0, "O", department, "outside_eu")


@pytest.mark.parametrize("department", ["GF", "YT"])
def test_guyane_and_mayotte_are_not_taxed(department: str) -> None:
    assert rule_for(company(department), SELLER, TODAY) == TaxRule(0, "O", department, "french_overseas")
    assert rule_for(company(department), GERMAN, TODAY) == TaxRule(0, "O", department, "outside_eu")


@pytest.mark.parametrize(
    ("country", "postcode", "place"),
    [
        ("FR", "97110", "GP"),
        ("FR", "97200", "MQ"),
        ("FR", "97 300", "GF"),
        ("FR", "97400", "RE"),
        ("FR", "97600", "YT"),
        ("FR", "97133", territories.OUTSIDE),
        ("FR", "97150", territories.OUTSIDE),
        ("FR", "98800", territories.OUTSIDE),
        ("FR", "98000", "FR"),
        ("ES", "35001", territories.OUTSIDE),
        ("ES", "28039", "ES"),
        ("ES", "51001", territories.OUTSIDE),
        ("IT", "23041", territories.OUTSIDE),
        ("DE", "27498", territories.OUTSIDE),
        ("DE", "10117", "DE"),
        ("GR", "63086", territories.OUTSIDE),
        ("FI", "22100", territories.OUTSIDE),
        ("PT", "9000-018", "PT"),
        ("GR", "", "GR"),
    ],
)
def test_the_postcode_tells_where_an_address_lies_for_vat(country: str, postcode: str, place: str) -> None:
    assert territories.of(country, postcode) == place


def test_a_german_seller_reverse_charges_france_and_monaco() -> None:
    for country in ("FR", "MC"):
        rule = rule_for(company(country, vat_number=FRENCH_VAT), GERMAN, TODAY)
        assert (rule.category, rule.country) == ("AE", "FR")


@pytest.mark.parametrize("note", ["reverse_charge", "outside_eu"])
@pytest.mark.parametrize("seller", ["FR", "DE"])
def test_a_sale_without_vat_says_why_in_both_languages(note: str, seller: str) -> None:
    english, french = mention(note, seller, "en"), mention(note, seller, "fr")
    assert english
    assert french
    assert english != french
    assert ("CGI" in french) == (seller == "FR")


def test_the_mention_of_reverse_charge_is_the_word_that_french_law_asks_for() -> None:
    assert mention("reverse_charge", "FR", "fr").startswith("Autoliquidation")
    assert "294" in mention("french_overseas", "FR", "fr")
    assert mention("", "FR", "fr") == ""
