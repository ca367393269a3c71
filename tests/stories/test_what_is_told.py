"""Letters along a life: a renewal is told before it comes and costs what was told; a trial never charges."""

import pytest

from palier.apps.events.models import Event
from palier.apps.notices.models import RenewalPromise
from palier.kit import formats
from tests import world
from tests.stories.conftest import Begins
from tests.stories.teller import GOOD, Life

pytestmark = pytest.mark.django_db

WITH_TRIAL = (world.ROOT / "catalogue.toml").read_text().replace("[trial]\ndays = 0 ", "[trial]\ndays = 14 ")


def kinds(life: Life) -> list[str]:
    return [mail.kind for mail in life.mails()]


def test_a_year_is_told_three_times_and_costs_what_was_told(life: Life) -> None:
    life.buys("team", seats=3, by="year")
    life.travels(to="2026-09-01")
    life.adds_seats(1)
    life.travels(to="2027-05-31")
    promises = RenewalPromise.objects.order_by("id")
    told = life.mails("renewal_notice")
    assert [f"{mail.written_at:%m-%d}" for mail in told] == ["05-01", "05-24", "05-30"]
    assert {promise.total_minor for promise in promises} == {life.next_renewal()}
    for mail in told:
        assert formats.money(life.next_renewal(), "EUR", "en") in mail.text
    life.travels(to="2027-06-02")
    assert life.billed[-1] == ("2027-06-01", promises[0].total_minor)
    assert not Event.objects.filter(kind="renewal.differs").exists()
    life.ends_well()


def test_what_changes_after_it_was_told_is_explained(life: Life) -> None:
    life.buys("team", seats=3, by="year")
    life.travels(to="2027-05-31")
    life.adds_seats(2)
    life.travels(to="2027-06-02")
    promised = RenewalPromise.objects.latest("id")
    assert life.invoice().total_minor == 5 * promised.total_minor // 3
    differs = Event.objects.get(kind="renewal.differs")
    assert differs.payload["promised_minor"] == promised.total_minor
    life.ends_well()


def test_a_month_is_not_told_before_each_renewal(life: Life) -> None:
    life.buys("team", seats=1)
    life.travels(days=200)
    assert kinds(life).count("renewal_notice") == 0
    life.ends_well()


def test_who_has_canceled_is_told_of_no_renewal(life: Life) -> None:
    life.buys("business", seats=1, by="year")
    life.travels(to="2027-01-01")
    life.cancels()
    life.travels(to="2027-06-02")
    assert kinds(life).count("renewal_notice") == 0
    assert life.access == "lapsed"
    life.ends_well()


def test_a_card_that_expires_is_told_in_time(begins: Begins) -> None:
    life = begins("2034-06-01")
    life.buys("team", seats=1)
    life.travels(to="2035-02-15")
    (told,) = life.mails("card_expires")
    assert f"{told.written_at:%Y-%m-%d}" == "2034-12-02", "thirty days before its last one"
    assert "December 2034" in told.text
    assert life.invoice().state == "paid", "the payment service lives in the present, where the card is good"
    life.ends_well()


def test_a_trial_becomes_a_paid_plan(begins: Begins) -> None:
    life = begins(catalogue=WITH_TRIAL)
    life.tries()
    assert life.access == "trial"
    life.travels(to="2026-06-10")
    life.buys("team", seats=2, with_card=GOOD)
    assert life.access == "full"
    life.travels(to="2026-08-01")
    assert "trial_ended" not in kinds(life)
    assert [day for day, _ in life.billed] == ["2026-06-10", "2026-07-10"]
    life.ends_well()


def test_a_trial_ends_read_only_without_a_charge(begins: Begins) -> None:
    life = begins(catalogue=WITH_TRIAL)
    life.tries()
    life.travels(to="2026-06-14")
    assert life.access == "trial"
    life.travels(to="2027-06-14")
    assert (life.access, life.invoices) == ("lapsed", [])
    assert kinds(life) == ["trial_started", "trial_ends_soon", "trial_ended"]
    life.buys("team", seats=1, with_card=GOOD)
    assert life.access == "full"
    life.ends_well()
