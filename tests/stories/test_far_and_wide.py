"""Other countries and currencies, other prices, people who leave, and days on which nothing of ours ran."""

from datetime import timedelta

import pytest

from palier.apps.ledger.models import Entry
from palier.flows import quote
from palier.flows.change import Choice
from tests import world
from tests.stories.conftest import Begins
from tests.stories.teller import OTHER_GOOD, Life, at

pytestmark = pytest.mark.django_db

AMERICAN = {
    **world.DETAILS,
    "name": "Bright Search Inc.",
    "address": "350 Fifth Avenue",
    "postcode": "10118",
    "city": "New York",
    "region": "NY",
    "country": "US",
    "po_number": "",
}


def test_a_german_company_by_reverse_charge_for_a_year(begins: Begins) -> None:
    life = begins(country="DE", billing=world.GERMAN)
    life.buys("business", seats=4)
    life.travels(to="2026-06-16")
    life.adds_seats(2)
    life.travels(to="2027-06-02")
    assert len(life.invoices) == 14
    for invoice in life.invoices:
        assert invoice.tax_minor == 0
        assert [tax["category"] for tax in invoice.taxes] == ["AE"]
        assert invoice.buyer["vat_number"] == "DE136695976"
    assert life.billed[-1] == ("2027-06-01", 6 * 15_900)
    life.ends_well()


def test_an_american_company_in_dollars_outside_of_the_vat(begins: Begins) -> None:
    life = begins("2026-10-31", country="US", billing=AMERICAN)
    life.buys("enterprise", seats=2)
    life.travels(to="2027-03-01")
    assert life.renews_on == ["2027-03-31"]
    assert {(invoice.currency, invoice.total_minor) for invoice in life.invoices} == {("USD", 2 * 25_900)}
    assert set(Entry.objects.values_list("currency", flat=True)) == {"USD"}
    life.ends_well()


def test_new_prices_do_not_move_what_was_sold(life: Life) -> None:
    life.buys("team", seats=2)
    life.travels(to="2026-08-10")
    text = (world.ROOT / "catalogue.toml").read_text().replace('"109.00"', '"129.00"').replace('"159.00"', '"199.00"')
    world.publish(text, now=life.now)
    life.travels(to="2026-09-02")
    assert life.invoice().net_minor == 2 * 10_900
    life.adds_seats(1)
    life.travels(to="2026-10-02")
    assert life.invoice().net_minor == 3 * 10_900, "more of the same, at the price at which it is held"
    life.upgrades("business")
    life.travels(to="2026-11-02")
    assert life.invoice().net_minor == 3 * 19_900, "another plan has today's price"
    life.ends_well()


def test_ten_days_on_which_nothing_ran_skip_and_double_nothing(life: Life) -> None:
    life.buys("team", seats=3)
    life.travels(to="2026-06-28")
    life.sleeps(days=10)
    assert len(life.invoices) == 1
    life.wakes()
    assert life.renews_on == ["2026-08-01"]
    assert [row.period.lower.isoformat() for row in life.subscriptions()[0].periods.order_by("period")] == [
        "2026-05-31T22:00:00+00:00",
        "2026-06-30T22:00:00+00:00",
    ], "from the day on which it was due, not from the day on which we woke up"
    life.travels(to="2026-08-02")
    assert [day for day, _ in life.billed] == ["2026-06-01", "2026-07-08", "2026-08-01"]
    life.ends_well()


def test_a_quarter_on_which_nothing_ran_is_caught_up_period_by_period(life: Life) -> None:
    life.buys("team", seats=1)
    life.travels(to="2026-06-20")
    life.sleeps(days=100)
    life.wakes()
    assert life.renews_on == ["2026-10-01"]
    assert len(life.invoices) == 4
    life.ends_well()


def test_an_outage_in_the_middle_of_a_pursuit(life: Life) -> None:
    life.buys("team", seats=1)
    life.card_fails()
    life.travels(to="2026-07-01")
    life.sleeps(days=15)
    life.wakes()
    assert life.access == "suspended"
    life.replaces_card(OTHER_GOOD)
    life.travels(to="2026-08-02")
    assert life.access == "full"
    life.ends_well()


def test_a_promise_made_before_a_renewal_is_not_kept_after_it(life: Life) -> None:
    from palier.flows.order_refusals import SubscriptionMoved

    life.buys("team", seats=2)
    life.travels(to="2026-06-30")
    life.sleeps(days=0)
    kept = quote.make(life.account, life.owner, Choice("team", "month", 4), now=at("2026-06-30", 23))
    life.travels(to="2026-07-01")
    with pytest.raises(SubscriptionMoved):
        life.accepts(kept)
    assert kept.expires_at - kept.created_at == timedelta(minutes=30)
    life.ends_well()
