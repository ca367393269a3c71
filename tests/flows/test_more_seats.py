"""Nobody without a seat: what the missing ones cost, and what becomes of those that nobody uses."""

from datetime import timedelta

import pytest

from palier.apps.subscriptions import seats
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import more_seats, quote, unused_seats
from palier.flows.change import Choice
from palier.flows.more_seats import Offer, SeatsNotMissing
from palier.flows.people import invite, members
from palier.flows.people.buyers import NotABuyer
from palier.flows.quote_refusals import SeatsAboveMaximum
from palier.flows.schedule_refusals import NothingToCancel
from palier.flows.unused_seats import NoneUnused
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

LATER = NOON + timedelta(days=14)
"""15 of 30 days are left after the day of the change."""


def offered(cast: Cast, people: int) -> Offer:
    counted = seats.of_account(cast.account, now=LATER)
    assert counted is not None
    return more_seats.offer(world.fresh(cast.account), counted, people, now=LATER)


def test_the_price_of_the_missing_seats_is_prorated_now_and_whole_at_the_renewal(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    offer = offered(cast, 3)
    assert offer.missing == 2
    assert offer.draft is not None
    assert (offer.draft.net_minor, offer.draft.renewal.net_minor) == (2 * 109_00 // 2, 7 * 109_00)
    kept = more_seats.prepare(world.fresh(cast.account), cast.owner, offer.missing, now=LATER)
    assert (kept.seats, kept.total_minor) == (7, offer.draft.total_minor)


def test_what_cannot_be_bought_says_why(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    assert isinstance(offered(cast, 400).refusal, SeatsAboveMaximum)
    for missing in (0, -1):
        with pytest.raises(SeatsNotMissing):
            more_seats.prepare(world.fresh(cast.account), cast.owner, missing, now=LATER)
    with pytest.raises(NotABuyer):
        more_seats.prepare(world.fresh(cast.account), cast.admin, 1, now=LATER)


def test_on_the_free_plan_none_is_missing(cast: Cast) -> None:
    with pytest.raises(NothingToCancel):
        more_seats.prepare(cast.account, cast.owner, 1, now=NOON)


def test_seats_that_are_about_to_be_given_up_are_kept_rather_than_bought(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=4)
    members.deactivate(cast.member, cast.owner, licence="reduce", now=NOON)
    assert offered(cast, 1) == Offer(0, None)
    assert offered(cast, 2).missing == 1


def test_unused_seats_are_given_up_at_the_renewal(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=9)
    (change,) = unused_seats.reduce(cast.account, cast.billing_admin, now=NOON)
    assert (change.kind, change.quantity) == ("seats", 4)
    with pytest.raises(NoneUnused):
        unused_seats.reduce(cast.account, cast.owner, now=NOON)
    for by in (cast.admin, cast.member, cast.stranger):
        with pytest.raises(NotABuyer):
            unused_seats.reduce(cast.account, by, now=NOON)


@pytest.mark.parametrize(
    ("month", "waiting"),
    [(3, [("month", "seats", 1)]), (2, [("month", "cancel", 0)]), (1, [("month", "cancel", 0), ("year", "seats", 4)])],
)
def test_of_two_subscriptions_the_monthly_one_gives_first(
    cast: Cast, sandbox: SandboxProcess, month: int, waiting: list[tuple[str, str, int]]
) -> None:
    world.bought(sandbox, cast.owner, "team", "year", 4 if month > 1 else 5)
    mixed = Choice("team", "year", 4 if month > 1 else 5, other_seats=month)
    world.collected(world.placed(sandbox, quote.make(world.fresh(cast.account), cast.owner, mixed, now=NOON)))
    if month == 3:
        invite.people(world.fresh(cast.account), cast.owner, ["new@lumiere.example"], now=NOON)
    unused_seats.reduce(world.fresh(cast.account), cast.owner, now=NOON)
    found = ScheduledChange.objects.filter(state="waiting").values_list("subscription__interval", "kind", "quantity")
    assert sorted(found) == waiting
