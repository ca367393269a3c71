"""Up, down, back and away: what is changed along the years, and what is taken back."""

import pytest

from tests.stories.conftest import Begins
from tests.stories.teller import GOOD, Life

pytestmark = pytest.mark.django_db


def test_free_to_team_to_business_and_down_again(life: Life) -> None:
    assert life.access == "free"
    life.buys("team", seats=3)
    life.travels(to="2026-06-20")
    life.upgrades("business")
    assert life.invoice().net_minor == 5_000
    life.travels(to="2026-07-10")
    life.downgrades("team")
    assert life.holds == [("business", "month", 3)]
    assert life.next_renewal() == 39_240
    life.travels(to="2026-08-02")
    assert life.holds == [("team", "month", 3)]
    assert life.billed[-1] == ("2026-08-01", 39_240)
    life.ends_well()


def test_seats_up_and_down_all_year(life: Life) -> None:
    life.buys("team", seats=5)
    life.travels(days=3)
    for _ in range(3):
        life.adds_seats(1)
    life.reduces_to(4)
    life.adds_seats(2)
    assert life.holds == [("team", "month", 10)]
    assert life.next_renewal() == 10 * 13_080, "more seats take the reduction back"
    life.reduces_to(2)
    life.withdraws("seats")
    life.reduces_to(6)
    life.travels(to="2026-07-02")
    assert life.holds == [("team", "month", 6)]
    life.reduces_to(1)
    life.travels(to="2027-06-02")
    assert life.billed[-1] == ("2027-06-01", 13_080)
    life.ends_well()


@pytest.mark.parametrize("charge", ["end_of_day", "threshold"])
def test_the_seats_of_a_day_are_one_invoice(begins: Begins, charge: str) -> None:
    from tests import world

    text = (world.ROOT / "catalogue.toml").read_text()
    text = text.replace('charge = "at_once" ', f'charge = "{charge}"').replace("# threshold =", "threshold =")
    life = begins(catalogue=text)
    life.buys("team", seats=2)
    life.travels(to="2026-06-11")
    for number in (3, 5, 4, 6, 3):
        life.takes_seats(number)
    assert len(life.invoices) == (1 if charge == "end_of_day" else len(life.invoices))
    life.travels(days=1)
    assert life.holds == [("team", "month", 3)] if charge == "end_of_day" else life.holds[0][2] >= 3
    life.takes_seats(life.holds[0][2] + 1)
    life.takes_seats(life.holds[0][2] - 1)
    life.travels(to="2026-08-03")
    life.ends_well()


def test_monthly_to_annual_and_back_at_the_end_of_the_year(life: Life) -> None:
    life.buys("team", seats=4)
    life.travels(to="2026-06-16")
    life.moves_to_annual()
    assert life.renews_on == ["2027-06-16"]
    life.travels(to="2027-03-01")
    life.moves_to_monthly()
    life.travels(to="2027-06-17")
    assert (life.holds, life.renews_on) == ([("team", "month", 4)], ["2027-07-16"])
    life.travels(to="2027-09-20")
    assert life.billed[-1] == ("2027-09-16", 4 * 13_080)
    life.ends_well()


def test_two_intervals_at_once_one_of_them_canceled(life: Life) -> None:
    life.buys("team", seats=6)
    life.travels(to="2026-06-11")
    life.mixes(annual=4)
    assert life.holds == [("team", "month", 2), ("team", "year", 4)]
    assert life.renews_on == ["2026-07-01", "2027-06-11"]
    life.travels(to="2026-09-15")
    life.cancels("month")
    life.travels(to="2026-10-02")
    assert life.holds == [("team", "year", 4)]
    life.travels(to="2027-07-01")
    assert life.billed[-1][0] == "2027-06-11"
    life.ends_well()


def test_a_plan_change_covers_both_intervals_in_one_invoice(life: Life) -> None:
    life.buys("team", seats=5, other_seats=3)
    assert life.holds == [("team", "month", 5), ("team", "year", 3)]
    life.travels(to="2026-06-16")
    life.upgrades("business")
    assert life.holds == [("business", "month", 5), ("business", "year", 3)]
    assert len(life.invoices) == 2
    life.travels(to="2027-06-02")
    assert len(life.invoices) == 2 + 12 + 1
    life.ends_well()


def test_the_lower_plan_waits_for_the_later_of_two_ends(life: Life) -> None:
    life.buys("business", seats=2, other_seats=2)
    life.travels(to="2026-06-10")
    life.downgrades("team")
    life.travels(to="2027-05-20")
    assert life.holds == [("business", "month", 2), ("business", "year", 2)]
    life.travels(to="2027-06-05")
    assert life.holds == [("team", "month", 2), ("team", "year", 2)]
    life.ends_well()


def test_add_ons_bought_renewed_and_removed(life: Life) -> None:
    life.buys("team", seats=2)
    life.travels(to="2026-06-20")
    life.adds_units("records", 3)
    assert life.invoice().net_minor == 2_500, "three at 25.00 on the 20th of a month of 30 days"
    life.travels(to="2026-07-02")
    assert life.invoice().net_minor == 2 * 10_900 + 7_500
    life.drops_units("records", 1)
    life.travels(to="2026-08-02")
    assert life.invoice().net_minor == 2 * 10_900 + 2_500
    life.drops_units("records", 0)
    life.travels(to="2026-09-02")
    assert life.invoice().net_minor == 2 * 10_900
    life.ends_well()


def test_canceled_withdrawn_canceled_ended_and_come_back(life: Life) -> None:
    life.buys("business", seats=2)
    life.travels(to="2026-06-05")
    life.cancels()
    assert life.next_renewal() == 0
    life.withdraws("cancel")
    life.travels(to="2026-07-05")
    assert life.holds == [("business", "month", 2)]
    life.cancels()
    life.travels(to="2026-07-31")
    assert life.access == "full", "until the end of what was paid"
    life.travels(to="2026-08-03")
    assert (life.access, life.holds) == ("lapsed", [])
    life.travels(to="2027-01-15")
    life.buys("team", seats=1, by="year", with_card=GOOD)
    life.travels(to="2028-02-01")
    assert [day for day, _ in life.billed] == ["2026-06-01", "2026-07-01", "2027-01-15", "2028-01-15"]
    life.ends_well()
