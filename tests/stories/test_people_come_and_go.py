"""Owners pass on, people leave, seats are asked for: who is there changes, what was paid does not."""

import pytest

from palier.apps.accounts.models import Member
from palier.flows import quote, seat_requests
from palier.flows.change import Choice
from palier.flows.people import members
from palier.flows.people.buyers import NotABuyer
from tests import world
from tests.stories.teller import OTHER_GOOD, Life

pytestmark = pytest.mark.django_db


def test_the_account_passes_to_an_admin_who_then_pays(life: Life) -> None:
    heir = life.colleague("Ada", "admin")
    life.buys("business", seats=3)
    life.travels(to="2026-07-05")
    former_id = life.owner.pk
    life.passes_on_to(heir)
    former = Member.objects.get(pk=former_id)
    with pytest.raises(NotABuyer):
        quote.make(life.account, former, Choice("business", "month", 4), now=life.now)
    life.replaces_card(OTHER_GOOD)
    life.adds_seats(2)
    life.travels(to="2026-09-02")
    assert life.holds == [("business", "month", 5)]
    assert life.invoice().paid_with == "Mastercard •••• 4444"
    life.cancels()
    life.travels(to="2026-10-02")
    assert life.access == "lapsed"
    life.ends_well()


def test_two_leave_one_seat_is_kept_and_one_given_up(life: Life) -> None:
    first, second = life.colleague("Bea"), life.colleague("Carl")
    life.buys("team", seats=3)
    life.travels(to="2026-06-12")
    members.deactivate(first, life.owner, licence="keep", now=life.now)
    members.deactivate(second, life.owner, licence="reduce", now=life.now)
    assert (life.holds, life.next_renewal()) == ([("team", "month", 3)], 2 * 13_080)
    life.travels(to="2026-06-20")
    members.reactivate(first, life.owner, now=life.now)
    life.travels(to="2026-08-02")
    assert life.holds == [("team", "month", 2)]
    assert len(life.invoices) == 3, "a freed seat goes to somebody else at no charge"
    life.ends_well()


def test_a_seat_is_asked_for_approved_and_renewed(life: Life) -> None:
    asking = life.colleague("Dora", "admin")
    life.buys("team", seats=2)
    life.travels(to="2026-06-20")
    asked = seat_requests.ask(asking, wished="eve@lives.example", now=life.now)
    kept = seat_requests.promise(asked, life.owner, now=life.now)
    seat_requests.approve(asked, life.owner, evidence=world.evidence(), now=life.now)
    life.collects()
    assert (life.holds, life.invoice().total_minor) == ([("team", "month", 3)], kept.total_minor)
    life.travels(to="2026-07-02")
    assert life.invoice().total_minor == 3 * 13_080
    life.ends_well()
