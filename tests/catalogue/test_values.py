"""What the rest of the program asks a catalogue."""

import json
import re
from dataclasses import replace

import pytest
from stdnum.eu import vat

from palier.apps.catalogue import parse
from palier.apps.catalogue.countries import COUNTRIES, EU, names
from palier.apps.catalogue.values import NotInCatalogue, PriceNotInCatalogue
from palier.engine.periods import Interval
from palier.engine.policies import ProrationPolicy
from palier.engine.prices import ItemKind, Price
from tests.catalogue.toml import ROOT, TEXT, edited

CATALOGUE = parse.toml(TEXT, folder=ROOT).catalogue


@pytest.mark.parametrize("currency", ["EUR", "GBP", "USD"])
@pytest.mark.parametrize(
    ("plan", "month", "year"), [("team", 10900, 9500), ("business", 15900, 13500), ("enterprise", 25900, 21500)]
)
def test_prices_are_per_seat_and_month_in_every_currency(plan: str, month: int, year: int, currency: str) -> None:
    assert CATALOGUE.price(plan, Interval.MONTH, currency).unit_minor == month
    assert CATALOGUE.price(plan, Interval.YEAR, currency).monthly_minor == year
    assert CATALOGUE.price(plan, Interval.YEAR, currency).unit_minor == 12 * year


def test_an_add_on_is_a_price_of_its_own_kind() -> None:
    price = CATALOGUE.add_on("records").price(Interval.MONTH, "EUR")
    assert price == Price("records", ItemKind.ADD_ON, 0, Interval.MONTH, "EUR", 2500)


@pytest.mark.parametrize(
    ("country", "currency"),
    [
        ("FR", "EUR"),
        ("BG", "EUR"),
        ("PL", "EUR"),
        ("GB", "GBP"),
        ("US", "USD"),
        ("JP", "USD"),
        ("", "USD"),
        ("fr", "EUR"),
    ],
)
def test_the_currency_follows_the_country(country: str, currency: str) -> None:
    assert CATALOGUE.currency_for(country) == currency


def test_every_member_of_the_european_union_pays_in_euros() -> None:
    assert {CATALOGUE.currency_for(country) for country in EU} == {"EUR"}


def test_plans_are_in_order_of_rank_and_one_is_free() -> None:
    assert [plan.key for plan in CATALOGUE.plans] == ["free", "team", "business", "enterprise"]
    assert [plan.key for plan in CATALOGUE.paid_plans] == ["team", "business", "enterprise"]
    assert CATALOGUE.free_plan.key == "free"
    assert [plan.key for plan in CATALOGUE.plans if plan.most_popular] == ["business"]


def test_limits_are_numbers_and_none_means_unlimited() -> None:
    assert [CATALOGUE.plan(key).limits["custom_fields"] for key in ("team", "business", "enterprise")] == [
        15,
        150,
        None,
    ]
    assert [CATALOGUE.plan(key).limits["sequences"] for key in ("free", "team", "business")] == [1, 1, None]
    assert [CATALOGUE.plan(key).limits["roles"] for key in ("free", "team", "business")] == [0, 0, None]


def test_paying_for_a_year_saves_whole_percents() -> None:
    assert [plan.saving_percent("EUR") for plan in CATALOGUE.paid_plans] == [13, 15, 17]
    assert CATALOGUE.savings_percent("EUR") == (13, 17)


def test_texts_come_in_the_readers_language_else_in_english() -> None:
    assert CATALOGUE.item_name("free", "fr") == "Gratuit"
    assert CATALOGUE.item_name("records", "fr-CA") == "10\u202f000 fiches de plus"
    assert CATALOGUE.plan("team").tagline("es") == CATALOGUE.plan("team").tagline("en")
    assert "15 champs personnalisés" in CATALOGUE.plan("team").features("fr")


def test_the_policy_is_the_engines_own_default_in_the_sellers_zone() -> None:
    assert CATALOGUE.policy == ProrationPolicy(zone="Europe/Paris")


def test_the_seller_has_a_valid_vat_number() -> None:
    assert vat.is_valid(CATALOGUE.seller.vat_number)


def test_each_language_has_its_own_terms_and_hash() -> None:
    terms = CATALOGUE.terms
    assert terms.text("fr").startswith("# Conditions de service")
    assert len({terms.sha256("en"), terms.sha256("fr")}) == 2
    assert terms.sha256("de") == terms.sha256("en")


def test_an_unknown_plan_or_a_currency_without_price_is_refused_by_name() -> None:
    with pytest.raises(NotInCatalogue):
        CATALOGUE.plan("gold")
    with pytest.raises(PriceNotInCatalogue):
        CATALOGUE.price("team", Interval.MONTH, "JPY")
    with pytest.raises(PriceNotInCatalogue):
        CATALOGUE.price("free", Interval.MONTH, "EUR")


def test_a_retired_plan_is_known_but_not_for_sale() -> None:
    text = edited("[plans.team]\nrank = 10", "[plans.team]\nretired = true\nrank = 10")
    catalogue = parse.toml(text, folder=ROOT).catalogue
    assert catalogue.item_name("team", "en") == "Team"
    assert [plan.key for plan in catalogue.paid_plans] == ["business", "enterprise"]


def test_country_names_are_in_the_readers_order() -> None:
    french = names("fr")
    assert set(french) == COUNTRIES
    assert french["DE"] == "Allemagne"
    order = list(french)
    assert order.index("EG") < order.index("US") < order.index("FR")  # Égypte, États-Unis, France


def test_currencies_without_and_with_three_decimals_are_priced_exactly() -> None:
    text = TEXT.replace('GBP = ["GB"', 'JPY = ["JP"]\nKWD = ["KW"]\nGBP = ["GB"')
    text = re.sub(
        r"^GBP = \{.*$",
        lambda found: (
            found[0] + '\nJPY = { month = "16900", year = "14500" }\nKWD = { month = "33.125", year = "29.5" }'
        ),
        text,
        flags=re.MULTILINE,
    )
    catalogue = parse.toml(text, folder=ROOT).catalogue
    assert catalogue.price("team", Interval.YEAR, catalogue.currency_for("JP")).unit_minor == 12 * 14500
    assert catalogue.price("team", Interval.MONTH, catalogue.currency_for("KW")).unit_minor == 33125


def test_what_is_stored_reads_back_as_the_same_catalogue() -> None:
    sheetful = parse.toml(TEXT, folder=ROOT)
    content = json.loads(json.dumps(sheetful.content))
    assert parse.stored(content, 4) == replace(sheetful.catalogue, version_id=4)
    assert parse.digest(content) == sheetful.sha256
