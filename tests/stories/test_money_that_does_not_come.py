"""A renewal is not paid: tries, grace, suspension, the end; and every way back."""

import pytest

from palier.apps.catalogue.sections import MOST_RETRIES
from palier.apps.payments.models import Collection, Payment
from palier.flows import confirm
from palier.flows.quote_refusals import InvoiceOpen
from palier.flows.schedule_refusals import CancelWithOpenInvoice
from tests import world
from tests.stories.conftest import Begins
from tests.stories.teller import ASKS_ALWAYS, ASKS_LATER, LOST_LATER, OTHER_GOOD, POOR_LATER, POOR_TWICE_LATER, Life

pytestmark = pytest.mark.django_db


@pytest.fixture
def unpaid(life: Life) -> Life:
    """Two seats of Team since 1 June; the card refuses the renewal of 1 July."""
    life.buys("team", seats=2, with_card=POOR_LATER)
    life.travels(to="2026-07-01")
    assert (life.access, life.invoice().state) == ("grace", "open")
    return life


def kinds(life: Life) -> list[str]:
    return [mail.kind for mail in life.mails()]


def test_a_retry_of_the_calendar_succeeds(life: Life) -> None:
    life.buys("team", seats=2, with_card=POOR_TWICE_LATER)
    life.travels(to="2026-07-03")
    assert (life.access, Collection.objects.get().failures) == ("grace", 2)
    life.travels(to="2026-07-05")
    assert (life.access, life.invoice().state, Collection.objects.get().state) == ("full", "paid", "recovered")
    life.travels(to="2026-08-15")
    assert len(life.invoices) == 3
    life.ends_well()


def test_a_new_card_pays_at_once_what_is_open(unpaid: Life) -> None:
    life = unpaid
    life.travels(to="2026-07-09")
    life.replaces_card(OTHER_GOOD)
    assert (life.access, life.invoice().state) == ("full", "paid")
    life.travels(to="2026-08-01")
    assert [invoice.paid_with for invoice in life.invoices[1:]] == ["Mastercard •••• 4444"] * 2
    life.ends_well()


def test_never_paid_it_is_suspended_then_ends_and_the_debt_is_written_off(unpaid: Life) -> None:
    life = unpaid
    life.travels(to="2026-07-10")
    assert life.access == "grace"
    life.travels(to="2026-07-12")
    assert life.access == "suspended"
    life.travels(to="2026-08-15")
    assert (life.access, life.holds, life.invoice().state) == ("lapsed", [], "uncollectible")
    assert len(life.invoices) == 2, "a period that nobody paid is not followed by another"
    assert Payment.objects.filter(invoice__isnull=False).count() == 5, "once, and the four days of the calendar"
    assert kinds(life) == ["receipt", *["payment_failed"] * 5, "suspended", "ended_unpaid"]
    life.travels(days=200)
    assert len(kinds(life)) == 8
    life.ends_well()


def test_written_off_it_is_paid_after_all_and_the_customer_comes_back(unpaid: Life) -> None:
    life = unpaid
    life.travels(to="2026-09-01")
    life.pays_open_invoice(OTHER_GOOD)
    assert (life.invoice().state, life.access) == ("paid", "lapsed")
    life.buys("team", seats=1)
    life.travels(to="2026-11-05")
    assert life.holds == [("team", "month", 1)]
    life.ends_well()


def test_who_comes_back_need_not_pay_what_was_written_off(unpaid: Life) -> None:
    life = unpaid
    life.travels(to="2026-09-01")
    life.buys("team", seats=1, with_card=OTHER_GOOD)
    life.travels(to="2026-11-05")
    assert [invoice.state for invoice in life.invoices] == ["paid", "uncollectible", "paid", "paid", "paid"]
    life.ends_well()


def test_a_debt_that_is_kept_is_paid_before_anything_else(begins: Begins) -> None:
    text = (world.ROOT / "catalogue.toml").read_text().replace('debt = "write_off"', 'debt = "keep"')
    life = begins(catalogue=text)
    life.buys("team", seats=2, with_card=POOR_LATER)
    life.travels(to="2026-09-01")
    assert (life.holds, life.invoice().state) == ([], "open")
    with pytest.raises(InvoiceOpen):
        life.buys("team", seats=1)
    life.pays_open_invoice(OTHER_GOOD)
    life.buys("team", seats=1)
    life.travels(to="2026-10-15")
    life.ends_well()


def test_of_two_subscriptions_one_is_unpaid_and_both_wait(life: Life) -> None:
    life.buys("team", seats=3, other_seats=2, with_card=POOR_LATER)
    life.travels(to="2026-07-03")
    assert life.access == "grace"
    with pytest.raises(InvoiceOpen):
        life.upgrades("business")
    life.replaces_card(OTHER_GOOD)
    life.upgrades("business")
    life.travels(to="2027-06-05")
    assert life.holds == [("business", "month", 3), ("business", "year", 2)]
    life.ends_well()


def test_of_two_subscriptions_one_ends_unpaid_and_the_other_lives_on(life: Life) -> None:
    life.buys("team", seats=3, other_seats=2, with_card=POOR_LATER)
    life.travels(to="2026-08-15")
    assert life.holds == [("team", "year", 2)]
    assert life.access == "full"
    life.replaces_card(OTHER_GOOD)
    life.travels(to="2027-06-05")
    assert life.billed[-1][0] == "2027-06-01"
    life.ends_well()


def test_a_year_that_is_not_paid_is_tried_as_a_month_is(life: Life) -> None:
    life.buys("business", seats=2, by="year", with_card=POOR_TWICE_LATER)
    life.travels(to="2027-06-10")
    assert (life.access, life.invoice().state) == ("full", "paid")
    assert Collection.objects.get().failures == 2
    life.ends_well()


def test_the_longest_calendar_stays_below_the_fifteen_tries_of_the_networks(begins: Begins) -> None:
    days = ", ".join(str(day) for day in range(1, MOST_RETRIES + 1))
    text = (world.ROOT / "catalogue.toml").read_text().replace("retry_days = [1, 3, 5, 7]", f"retry_days = [{days}]")
    life = begins(catalogue=text)
    life.buys("team", seats=1, with_card=POOR_LATER)
    life.travels(to="2026-07-29")
    assert Payment.objects.filter(invoice__isnull=False).count() == MOST_RETRIES + 1 <= 15
    life.travels(to="2026-09-01")
    assert life.access == "lapsed"
    life.ends_well()


def test_after_a_final_refusal_the_card_is_not_tried_again(life: Life) -> None:
    life.buys("team", seats=2, with_card=LOST_LATER)
    life.travels(to="2026-07-20")
    assert Payment.objects.filter(invoice__isnull=False).count() == 1
    assert life.access == "suspended"
    life.replaces_card(OTHER_GOOD)
    assert life.access == "full"
    life.ends_well()


def test_the_bank_asks_at_a_renewal_and_the_mail_finishes_it(life: Life) -> None:
    life.buys("team", seats=2, with_card=ASKS_LATER)
    life.travels(to="2026-07-01")
    (asked,) = life.mails("action_required")
    assert f"/pay/{confirm.token_of(Payment.objects.latest('id'))}/" in asked.text
    life.confirms_at_bank()
    assert (life.access, life.invoice().state) == ("full", "paid")
    life.travels(to="2026-07-31")
    life.ends_well()


def test_what_is_never_confirmed_fails_when_the_bank_stops_waiting_and_is_pursued(life: Life) -> None:
    life.buys("team", seats=2, with_card=ASKS_LATER)
    life.travels(to="2026-07-01")
    assert life.access == "full"
    life.travels(to="2026-07-02")
    assert (life.access, life.invoice().state) == ("grace", "open")
    failed = Payment.objects.get(state="failed")
    assert failed.reason == "authentication_expired"
    assert failed.resolved_at == failed.started_at + confirm.BANK_WAITS
    (letter,) = life.mails("payment_failed")
    assert "not confirmed with your bank in time" in letter.text
    assert len(life.mails("action_required")) == 1
    life.travels(days=75)
    assert (life.access, len(life.invoices), life.invoice().state) == ("lapsed", 2, "uncollectible")
    assert len(life.mails("action_required")) == len(life.mails("payment_failed")) == 5
    life.ends_well()


def test_what_the_bank_has_said_yes_to_in_time_is_paid_however_late_that_is_heard(life: Life) -> None:
    life.buys("team", seats=2, with_card=ASKS_LATER)
    life.travels(to="2026-07-01")
    life.sandbox.answer_bank(Payment.objects.latest("id").action_url)
    life.travels(days=3)
    assert (life.access, life.invoice().state) == ("full", "paid")
    assert not life.mails("payment_failed")
    life.ends_well()


def test_the_bank_asks_and_the_customer_refuses_then_pays_with_another_card(life: Life) -> None:
    life.buys("team", seats=2)
    life.replaces_card(ASKS_ALWAYS)
    life.travels(to="2026-07-01")
    life.confirms_at_bank("refuse")
    assert (life.access, life.invoice().state) == ("grace", "open")
    life.pays_open_invoice(OTHER_GOOD)
    assert (life.access, life.invoice().state) == ("full", "paid")
    life.travels(to="2026-08-02")
    life.ends_well()


def test_an_unpaid_invoice_is_paid_before_anybody_leaves(unpaid: Life) -> None:
    life = unpaid
    with pytest.raises(CancelWithOpenInvoice):
        life.cancels()
    life.pays_open_invoice(OTHER_GOOD)
    life.cancels()
    life.travels(to="2026-08-02")
    assert (life.access, life.holds) == ("lapsed", [])
    life.ends_well()


def test_a_renewal_without_an_answer_is_charged_once(life: Life) -> None:
    life.buys("team", seats=2)
    life.sandbox.fault("timeout_after_capture", times=1)
    life.travels(to="2026-07-02")
    assert (life.invoice().state, life.sandbox.captured(Payment.objects.latest("id").public_id)) == ("paid", 1)
    life.ends_well()
