"""Sums that other billing systems publish in their own tests, under the policy that says the same as they do."""

from datetime import datetime

import pytest

from palier.engine import drafts
from palier.engine.periods import Interval
from palier.engine.prices import ItemKind, Price, price_of_period
from palier.engine.subscription import Current, Item, Paid, State
from tests.engine.facts import VAT, days, policy


def midnight(day: str) -> datetime:
    return days(day, day, "UTC").start


def changed(
    *, paid: int, covers: tuple[str, str], on: str, period: tuple[str, str] | None = None, new: int = 0, **values: str
) -> list[int]:
    """Credit and charge of a move from a plan paid at `paid` for `covers` to one at `new` a month."""
    rules = policy(zone="UTC", **values)
    span = days(*(period or covers), "UTC")
    old = Price("old", ItemKind.PLAN, 1, Interval.MONTH, "USD", paid)
    line = Paid("line", ItemKind.PLAN, "old", 1, paid, days(*covers, "UTC"), paid)
    current = Current(State(Interval.MONTH, "USD", span.start, span, (Item(old, 1),)), (line,))
    wanted = Price("new", ItemKind.PLAN, 2, Interval.MONTH, "USD", new)
    draft = drafts.change(current, plan=wanted, seats=1, tax=VAT, policy=rules, now=midnight(on))
    return [line.amount_minor for line in draft.lines]


def added(*, monthly: int, period: tuple[str, str], on: str, **values: str) -> int:
    """One more seat at `monthly` from a day on."""
    price = Price("plan", ItemKind.PLAN, 1, Interval.MONTH, "USD", monthly)
    span = days(*period, "UTC")
    current = Current(State(Interval.MONTH, "USD", span.start, span, (Item(price, 1),)), ())
    rules = policy(zone="UTC", **values)
    draft = drafts.seat_increase(current, seats=2, tax=VAT, policy=rules, now=midnight(on))
    return draft.net_minor


class TestKillBill:
    """Whole days, the day of the change belongs to the new time."""

    @pytest.mark.parametrize(
        ("period", "on", "amount"),
        [
            (("2023-04-23", "2023-05-23"), "2023-05-15", 532),
            (("2023-05-23", "2023-06-23"), "2023-06-15", 532),
            (("2023-05-15", "2023-06-15"), "2023-05-23", 1463),
            (("2023-06-15", "2023-07-15"), "2023-06-23", 1463),
        ],
    )
    def test_a_month_of_30_days_for_charges_and_repairs(self, period: tuple[str, str], on: str, amount: int) -> None:
        assert added(monthly=1995, period=period, on=on, day_count="30", change_day="left") == amount
        assert changed(paid=1995, covers=period, on=on, day_count="30", change_day="left")[0] == -amount

    def test_real_days(self) -> None:
        """23 of 31 days from 23 May, as a share of 0.741935484."""
        assert added(monthly=1995, period=("2023-05-15", "2023-06-15"), on="2023-05-23", change_day="left") == 1480


class TestThreescale:
    def test_a_part_that_was_paid_for_is_given_back_by_its_own_days(self) -> None:
        """27.00 for 5 to 31 May; from the 15th another plan at 3100.00 a month."""
        credit, charge = changed(
            paid=2700,
            covers=("2009-05-05", "2009-06-01"),
            period=("2009-05-01", "2009-06-01"),
            on="2009-05-15",
            new=310000,
            change_day="left",
        )
        assert (credit, charge) == (-1700, 170000)


class TestZulip:
    """By the second, one licence rounded and then multiplied, prices for a year that no month divides."""

    @pytest.mark.parametrize("seats", [1, 6, 1000])
    def test_licences_added_in_mid_year(self, seats: int) -> None:
        year = days("2012-01-02", "2013-01-02", "UTC")
        yearly = price_of_period(
            key="standard", kind=ItemKind.PLAN, rank=1, interval=Interval.YEAR, currency="USD", unit_minor=8000
        )
        current = Current(State(Interval.YEAR, "USD", year.start, year, (Item(yearly, 6),)), ())
        rules = policy(unit="second", rounded_per="unit", zone="UTC")
        draft = drafts.seat_increase(current, seats=6 + seats, tax=VAT, policy=rules, now=midnight("2012-07-02"))
        assert draft.net_minor == seats * 4022  # 8000 x 184/366 = 4021.86


class TestStripe:
    def test_half_of_a_month_by_the_second(self) -> None:
        """1000 to 2000 with half of the seconds left: -500 and +1000."""
        assert changed(paid=1000, new=2000, covers=("2026-06-01", "2026-07-01"), on="2026-06-16", unit="second") == [
            -500,
            1000,
        ]
