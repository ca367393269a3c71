"""What is owed and when a period ends: nobody pays for a second one while the first is open, and each day told is the
day on which it happens."""

import pytest

from palier.apps.payments.models import Collection, Payment
from palier.flows.quote_refusals import InvoiceOpen
from tests import world
from tests.stories.conftest import Begins
from tests.stories.teller import OTHER_GOOD, PARIS, POOR_LATER, Life

pytestmark = pytest.mark.django_db

CATALOGUE = (world.ROOT / "catalogue.toml").read_text()


def by_the_day(begins: Begins, *others: tuple[str, str], day: str = "2026-06-28") -> Life:
    """Two seats of Team since 1 June; a day's seats more, of which the card refuses the bill."""
    text = CATALOGUE
    for old, new in (('charge = "at_once"', 'charge = "end_of_day"'), *others):
        assert old in text
        text = text.replace(old, new)
    life = begins(catalogue=text)
    life.buys("team", seats=2, with_card=POOR_LATER)
    life.travels(to=day)
    life.takes_seats(4)
    life.travels(days=1)
    assert (life.access, life.invoice().state) == ("grace", "open")
    return life


def ends_on(life: Life) -> str:
    """The last day that a letter or a page tells of a debt."""
    return f"{Collection.objects.get().gives_up_at.astimezone(PARIS):%Y-%m-%d}"


def test_a_days_seats_that_are_not_paid_keep_their_grace_over_the_end_of_the_period(begins: Begins) -> None:
    life = by_the_day(begins)
    life.travels(to="2026-07-08")
    assert (life.access, life.holds) == ("grace", [("team", "month", 4)])
    assert len(life.invoices) == 2, "July is not billed while June's seats are owed"
    with pytest.raises(InvoiceOpen):
        life.upgrades("business")
    life.replaces_card(OTHER_GOOD)
    assert (life.access, life.invoice().state) == ("full", "paid")
    life.travels(days=1)
    assert [day for day, _ in life.billed] == ["2026-06-01", "2026-06-29", "2026-07-08"]
    assert life.renews_on == ["2026-08-01"]
    life.travels(to="2026-09-02")
    assert [day for day, _ in life.billed][3:] == ["2026-08-01", "2026-09-01"]
    life.ends_well()


def test_never_paid_they_end_the_subscription_on_the_day_that_was_told(begins: Begins) -> None:
    life = by_the_day(begins)
    life.travels(to="2026-07-10")
    assert life.access == "suspended"
    assert "29 July 2026" in life.mails("suspended")[0].text
    life.travels(to="2026-07-28")
    assert life.access == "suspended"
    life.travels(to="2026-08-02")
    assert (life.access, len(life.invoices)) == ("lapsed", 2)
    assert "29 July 2026" in life.mails("ended_unpaid")[0].text
    life.ends_well()


def test_however_long_the_pursuit_no_more_than_one_period_waits_for_a_days_seats(begins: Begins) -> None:
    life = by_the_day(begins, ("give_up_days = 30", "give_up_days = 180"))
    assert ends_on(life) == "2026-08-01"
    life.travels(to="2026-08-02")
    assert (life.access, len(life.invoices)) == ("lapsed", 2)
    life.ends_well()


def test_the_seats_of_a_periods_last_day_but_one_are_paid_before_the_next_period(begins: Begins) -> None:
    life = by_the_day(begins, day="2026-06-29")
    life.travels(to="2026-07-05")
    life.pays_open_invoice(OTHER_GOOD)
    life.travels(days=1)
    assert (life.access, life.renews_on) == ("full", ["2026-08-01"])
    life.ends_well()


def test_seats_that_were_canceled_meanwhile_end_once_they_are_paid(begins: Begins) -> None:
    life = begins(catalogue=CATALOGUE.replace('charge = "at_once"', 'charge = "end_of_day"'))
    life.buys("team", seats=2, with_card=POOR_LATER)
    life.travels(to="2026-06-28")
    life.takes_seats(4)
    life.cancels()
    life.travels(to="2026-07-03")
    assert life.access == "grace"
    life.pays_open_invoice(OTHER_GOOD)
    life.travels(days=1)
    assert (life.access, life.holds, len(life.invoices)) == ("lapsed", [], 2)
    life.ends_well()


def test_february_is_shorter_than_the_pursuit_and_its_letters_say_so(begins: Begins) -> None:
    life = begins("2027-01-01")
    life.buys("team", seats=2, with_card=POOR_LATER)
    life.travels(to="2027-02-20")
    assert (life.access, ends_on(life)) == ("suspended", "2027-03-01")
    assert "1 March 2027" in life.mails("suspended")[0].text
    life.travels(to="2027-02-28")
    assert life.access == "suspended"
    life.travels(to="2027-03-01")
    assert (life.access, len(life.invoices)) == ("lapsed", 2)
    assert "1 March 2027" in life.mails("ended_unpaid")[0].text
    life.ends_well()


def test_a_calendar_that_is_longer_than_the_period_ends_with_it(begins: Begins) -> None:
    """Neither a try nor a day of grace is told beyond the end."""
    text = CATALOGUE
    for old, new in (
        ("give_up_days = 30", "give_up_days = 90"),
        ("grace_days = 10", "grace_days = 60"),
        ("retry_days = [1, 3, 5, 7]", "retry_days = [1, 40]"),
    ):
        assert old in text
        text = text.replace(old, new)
    life = begins(catalogue=text)
    life.buys("team", seats=2, with_card=POOR_LATER)
    life.travels(to="2026-07-03")
    pursuit = Collection.objects.get()
    assert (ends_on(life), pursuit.grace_ends_at, pursuit.next_try_at) == ("2026-08-01", pursuit.gives_up_at, None)
    life.travels(to="2026-08-02")
    assert life.access == "lapsed"
    assert [mail.kind for mail in life.mails()][1:] == ["payment_failed", "payment_failed", "ended_unpaid"]
    assert Payment.objects.filter(invoice__isnull=False).count() == 2
    life.ends_well()


def test_a_year_has_the_whole_calendar(begins: Begins) -> None:
    life = begins(catalogue=CATALOGUE.replace("give_up_days = 30", "give_up_days = 90"))
    life.buys("team", seats=2, by="year", with_card=POOR_LATER)
    life.travels(to="2027-06-02")
    assert ends_on(life) == "2027-08-30"
