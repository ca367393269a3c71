"""The dated table of VAT rates."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from eu_vat_rates_data import get_standard_rate

from palier.apps.catalogue.countries import EU
from palier.apps.tax import rates

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("country", sorted(EU))
def test_the_rate_in_force_agrees_with_an_independent_source(country: str) -> None:
    percent = get_standard_rate(country)
    assert percent is not None
    assert rates.rate_ppm(country, TODAY) == round(percent * 10_000)


@pytest.mark.parametrize(
    ("country", "last_day", "before", "after"),
    [
        ("FI", date(2024, 8, 31), 240_000, 255_000),
        ("SK", date(2024, 12, 31), 200_000, 230_000),
        ("EE", date(2025, 6, 30), 220_000, 240_000),
        ("RO", date(2025, 7, 31), 190_000, 210_000),
    ],
)
def test_a_new_rate_holds_from_its_day(country: str, last_day: date, before: int, after: int) -> None:
    assert rates.rate_ppm(country, last_day) == before
    assert rates.rate_ppm(country, last_day + timedelta(days=1)) == after


@pytest.mark.parametrize("country", ["GP", "MQ", "RE"])
def test_french_overseas_departments_have_the_rate_of_article_296(country: str) -> None:
    assert rates.rate_ppm(country, TODAY) == 85_000


@pytest.mark.parametrize("country", sorted(rates.table()))
def test_the_periods_of_a_country_follow_one_another_and_the_last_is_open(country: str) -> None:
    periods = rates.table()[country]
    assert periods[-1].valid_to is None
    for earlier, later in pairwise(periods):
        assert earlier.valid_to is not None
        assert later.valid_from == earlier.valid_to + timedelta(days=1)
    assert all(period.source for period in periods)


def test_a_day_or_country_outside_the_table_is_an_error_not_a_guess() -> None:
    with pytest.raises(rates.RateUnknown):
        rates.rate_ppm("FR", date(1990, 1, 1))
    with pytest.raises(rates.RateUnknown):
        rates.rate_ppm("US", TODAY)
