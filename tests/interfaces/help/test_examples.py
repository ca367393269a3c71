"""Worked examples: what the mission promises, and sums that follow the catalogue."""

import re

import pytest

from palier.apps.catalogue import Catalogue
from palier.apps.tax import vat_numbers
from palier.interfaces.help.examples import EXAMPLES, VAT_NUMBERS
from palier.interfaces.help.rendering import with_catalogue
from tests.interfaces.help.writing import catalogue, said, written

DEMO = catalogue()

POLICIES: dict[str, tuple[str, str]] = {
    "seconds": ('unit = "day"', 'unit = "second"'),
    "left": ('change_day = "used"', 'change_day = "left"'),
    "thirty": ('day_count = "actual"', 'day_count = "30"'),
    "units": ('rounded_per = "line"', 'rounded_per = "unit"'),
}


def told(name: str, sold: Catalogue = DEMO, language: str = "en") -> str:
    """All that the example says, on one line."""
    shown = with_catalogue(written(f'{{% example "{name}" %}}', language), sold, currency="EUR")
    assert not shown.lacking
    return said(shown.html)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("first_purchase", ["you buy Team for 5 users, by the month", "before tax €545.00", "1 July"]),
        ("first_year", ["12 months × €95.00 = €1,140.00", "before tax €5,700.00"]),
        ("upgrade_mid_cycle", ["18 of 30 days", "-€327.00", "€477.00", "before tax €150.00", "costs €795.00"]),
        ("seats_mid_cycle", ["7 users in all", "2 users, 18 of 30 days", "before tax €130.80", "costs €763.00"]),
        ("add_ons_mid_cycle", ["10 of 30 days", "before tax €25.00", "On 20 June", "1 July", "€75.00 a month"]),
        ("month_to_year", ["-€327.00", "€5,700.00", "before tax €5,373.00"]),
        ("mixed", ["3 users by the year", "and 2 by the month", "-€130.80", "€190.80", "€318.00", "€4,860.00"]),
        ("downgrade_at_end", ["Nothing is due that day", "Due on 1 July", "before tax €545.00"]),
        ("vat", ["A company (France)", "VAT 20% €109.00", "€654.00"]),
        ("reverse_charge", ["DE136695976 (Germany)", "VAT, reverse charge €0.00", "Reverse charge: VAT is due"]),
        ("outside_eu", ["A company (United States)", "outside the European Union €0.00"]),
    ],
)
def test_each_example(name: str, words: list[str]) -> None:
    text = told(name)
    for each in words:
        assert each in text, text


def test_an_example_in_french() -> None:
    text = told("upgrade_mid_cycle", language="fr")
    assert "Le 12 juin" in text
    assert "À payer le 12 juin" in text
    assert "150,00 €" in text
    assert "18 jours sur 30" in text


def test_every_amount_is_explained() -> None:
    """As many chains of sentences as lines, each ending with its line's amount."""
    for name in EXAMPLES:
        html = with_catalogue(written(f'{{% example "{name}" %}}'), DEMO, currency="EUR").html
        lines = html.count('<th scope="row">') - html.count('class="total"')
        taxes = 2 if name in ("vat", "reverse_charge", "outside_eu") else 0
        assert html.count('<ol class="sentences">') == lines - taxes, name
        assert len(re.findall(r"So this line (?:costs|gives back)", html)) == lines - taxes, name


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_under_every_policy_of_proration(name: str, policy: str) -> None:
    assert "before tax" in told(name, catalogue(POLICIES[policy]))


def test_the_day_of_the_change_follows_the_policy() -> None:
    assert "19 of 30 days" in told("upgrade_mid_cycle", catalogue(POLICIES["left"]))


@pytest.mark.parametrize(
    "edit",
    [
        ("seats = { min = 1, max = 250 }", "seats = { min = 20, max = 250 }"),
        ("seats = { min = 1, max = 250 }", "seats = { min = 1, max = 1 }"),
        ("max_units = 100", "max_units = 1"),
    ],
    ids=["many", "one", "one unit"],
)
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_more_and_no_fewer_than_is_sold(name: str, edit: tuple[str, str]) -> None:
    shown = with_catalogue(written(f'{{% example "{name}" %}}'), catalogue(edit), currency="EUR")
    text = said(shown.html)
    if "min = 20" in edit[1]:
        assert "5 users" not in text
    if edit[1].endswith("max = 1 }"):
        assert not re.search(r"Team for (?!1 user\b)\d", text)
        assert shown.lacking == (("example seats_mid_cycle",) if name == "seats_mid_cycle" else ())


@pytest.mark.parametrize("home", ["FR", "DE"])
def test_the_neighbour_has_a_vat_number_of_its_country(home: str) -> None:
    country = next(country for country in VAT_NUMBERS if country != home)
    assert vat_numbers.fits(VAT_NUMBERS[country], country)


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("first_purchase", ('month = "109.00"', 'month = "117.40"')),
        ("vat", ('month = "109.00"', 'month = "117.40"')),
        ("first_year", ('year = "95.00"', 'year = "71.30"')),
    ],
)
def test_an_example_follows_its_price(name: str, edit: tuple[str, str]) -> None:
    """Change that price, and no figure stays as it was."""
    before, after = (set(re.findall(r"€[\d,.]*\d", told(name, sold))) for sold in (DEMO, catalogue(edit)))
    assert before
    assert not before & after
