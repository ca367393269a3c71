"""Years of renewals: on their day, at the price that was sold, each period once."""

import pytest

from tests.stories.conftest import Begins

pytestmark = pytest.mark.django_db


def test_two_years_by_the_month_from_31_january(begins: Begins) -> None:
    life = begins("2027-01-31")
    life.buys("team", seats=2)
    assert life.renews_on == ["2027-02-28"]
    seen = []
    for _ in range(24):
        seen += life.renews_on
        life.travels(to=life.renews_on[0])
    assert seen[:5] == ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"]
    assert seen[12] == "2028-02-29", "a leap year has its 29 February"
    assert [day for day, _ in life.billed][1:] == seen
    assert {total for _, total in life.billed} == {26_160}
    life.ends_well()


def test_four_years_by_the_year_from_29_february(begins: Begins) -> None:
    life = begins("2028-02-29")
    life.buys("business", seats=3, by="year")
    life.travels(days=3 * 365)
    life.travels(to="2032-03-01")
    days = [day for day, _ in life.billed]
    assert days == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
    life.ends_well()


def test_one_long_journey_is_the_same_as_many_short_ones(begins: Begins) -> None:
    life = begins("2026-12-31")
    life.buys("team", seats=1)
    journey = life.travels(days=400)
    assert journey.steps == 13
    assert len(life.invoices) == 14
    assert [invoice.number[-6:] for invoice in life.invoices if invoice.number[-11:-7] == "2027"] == [
        f"{number:06d}" for number in range(1, 13)
    ]
    life.ends_well()
