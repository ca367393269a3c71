"""What is told along a life, in travelled time: a change after the first notice, tries that fail, a farewell."""

import pytest

from palier.apps.notices.models import RenewalPromise
from tests.stories.teller import LATER_POOR_TWICE, Life

pytestmark = pytest.mark.django_db


def told(life: Life) -> list[str]:
    return [mail.kind for mail in life.mails()]


def test_the_last_notice_tells_what_was_changed_after_the_first(life: Life) -> None:
    life.buys("team", seats=4, by="year")
    life.travels(to="2027-05-30")
    life.reduces_to(3)
    life.travels(to="2027-06-02")
    sums = [promise.total_minor for promise in RenewalPromise.objects.order_by("id")]
    assert (len(sums), sums[0] == sums[1], sums[1] > sums[2]) == (3, True, True)
    assert sums[2] == life.invoice().total_minor
    assert "We had announced" not in life.mails("receipt")[-1].text
    life.ends_well()


def test_a_card_that_has_funds_again_at_the_third_try(life: Life) -> None:
    life.buys("team", seats=2, with_card=LATER_POOR_TWICE)
    life.travels(to="2026-07-10")
    assert told(life) == ["receipt", "payment_failed", "payment_failed", "receipt"]
    assert (life.access, life.invoice().state) == ("full", "paid")
    life.ends_well()


def test_who_leaves_hears_of_it_at_each_step(life: Life) -> None:
    life.buys("team", seats=2)
    life.cancels()
    life.withdraws("cancel")
    life.travels(days=3)
    life.cancels()
    life.travels(to="2026-07-02")
    assert told(life)[1:] == ["cancellation_confirmed", "cancellation_withdrawn", "cancellation_confirmed", "ended"]
    assert life.access == "lapsed"
    life.ends_well()
