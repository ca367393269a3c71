"""What one seat costs: by the month, or by a period that need not be a multiple of it."""

import pytest

from palier.engine.periods import Interval
from palier.engine.prices import ItemKind, NegativePrice, Price, price_of_period


def yearly(unit_minor: int, kind: ItemKind = ItemKind.PLAN, rank: int = 2) -> Price:
    return price_of_period(
        key="seat", kind=kind, rank=rank, interval=Interval.YEAR, currency="USD", unit_minor=unit_minor
    )


def test_a_year_of_whole_months_is_a_price_by_the_month() -> None:
    assert yearly(120_00) == Price("seat", ItemKind.PLAN, 2, Interval.YEAR, "USD", 10_00)
    assert yearly(120_00).unit_minor == 120_00


@pytest.mark.parametrize(
    ("unit_minor", "shown_minor"), [(100_00, 833), (99_90, 833), (99_97, 833), (100_01, 833), (100_03, 834), (1, 0)]
)
def test_any_other_year_keeps_its_sum_and_shows_the_nearest_month(unit_minor: int, shown_minor: int) -> None:
    assert yearly(unit_minor, ItemKind.ADD_ON, 0) == Price(
        "seat", ItemKind.ADD_ON, 0, Interval.YEAR, "USD", shown_minor, unit_minor
    )
    assert yearly(unit_minor).unit_minor == unit_minor


def test_free_is_a_price_and_less_is_none() -> None:
    assert Price("free", ItemKind.PLAN, 0, Interval.MONTH, "EUR", 0).unit_minor == 0
    assert Price("free", ItemKind.PLAN, 0, Interval.MONTH, "EUR", 0, full_minor=0).unit_minor == 0
    for monthly_minor, full_minor in ((-1, None), (1, -1), (-1, 1)):
        with pytest.raises(NegativePrice):
            Price("team", ItemKind.PLAN, 1, Interval.MONTH, "EUR", monthly_minor, full_minor)
