"""Planted bugs of two at one moment: the second does all its work between the first one's check and its writing."""

from datetime import timedelta

import pytest

from palier.apps.accounts import actions as accounts
from palier.apps.accounts.models import Role
from palier.apps.orders import actions as orders
from palier.apps.orders.models import Order, Quote
from palier.flows import collect, dun, order, quote
from palier.flows.change import Choice
from palier.flows.people import members
from palier.kit import clock
from tests import unpaid, world
from tests.faults.planted.meanwhile import meanwhile
from tests.faults.planted.trials import Scenario, Stand, assert_caught, refused
from tests.faults.plays_of_purchases import billing_admin, member_of, subscriber
from tests.faults.scenes import an_owner
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess


def two_return_to_one_seat(stand: Stand) -> list[str]:
    """Of three seats one is free, and two people are let in again at once."""
    at, owner = clock.now(), subscriber(stand.sandbox)
    gone = [member_of(owner, role, at) for role in (Role.MEMBER, Role.ADMIN)]
    member_of(owner, Role.BILLING_ADMIN, at)
    for each in gone:
        members.deactivate(each, owner, now=at)
    one, other = gone
    with meanwhile(accounts, "reactivate", lambda: members.reactivate(other, owner, now=at)):
        members.reactivate(one, owner, now=at)
    return stand.findings(owner.account, quiet_at=at)


def two_tabs_take_one_credit(stand: Stand) -> list[str]:
    """The same change is open in two tabs, each with the credit for the unused days, and both press *Pay*."""
    at, owner = clock.now(), subscriber(stand.sandbox)
    account = world.fresh(owner.account)
    here, there = (quote.make(account, owner, Choice("business", "month", 3), now=at) for _ in range(2))

    def paid(kept: Quote) -> Order:
        fresh = Quote.objects.select_related("member", "account").get(pk=kept.pk)
        return order.place(fresh, member=fresh.member, card="saved", evidence=world.evidence(), now=at)

    with meanwhile(orders, "accept", lambda: world.collected(paid(there), now=at)) as answers:
        first = paid(here)
    world.collected(first, now=at)
    return refused(*answers) + stand.findings(account, quiet_at=at)


def two_pay_one_invoice(stand: Stand) -> list[str]:
    """Two buyers press *Pay now* on one invoice."""
    at, owner = clock.now(), an_owner()
    invoice = unpaid.renewed(stand.sandbox, owner, world.LATER_POOR, now=at - timedelta(days=40))
    other = billing_admin(owner, at)
    with meanwhile(dun, "_start", lambda: dun.pay(invoice, other, "saved", now=at)) as answers:
        first = dun.pay(invoice, owner, "saved", now=at)
    found = refused(*answers) + stand.findings(owner.account)
    collect.payment(first.id, now=at)
    return found + stand.findings(owner.account, quiet_at=at)


SCENARIOS: dict[str, Scenario] = {
    "seat_check_without_lock": two_return_to_one_seat,
    "coupon_check_without_lock": two_tabs_take_one_credit,
    "row_lock_that_misses_inserts": two_pay_one_invoice,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_planted_bug_of_two_at_one_moment_is_caught_by_its_named_check(
    name: str, stage: Theatre, sandbox: SandboxProcess
) -> None:
    assert_caught(name, SCENARIOS[name], stage, sandbox)
