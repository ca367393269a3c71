"""Planted bugs of what is written once the money has come: jobs, letters, numbers, sums, periods."""

from datetime import UTC, datetime, timedelta

import pytest

from palier.apps.gateways import gateway
from palier.apps.invoices.models import Invoice
from palier.apps.subscriptions.models import Subscription
from palier.flows import order, quote, renew, settle
from palier.flows.change import Choice
from palier.kit import clock
from tests import world
from tests.faults.crash import wrong_after
from tests.faults.planted.trials import Scenario, Stand, after_the_commit, assert_caught, before_the_commit
from tests.faults.plays import nobody_comes_back, recovered
from tests.faults.plays_of_purchases import more_seats
from tests.faults.scenes import an_owner, first_purchase, the_job_is_rescued
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess

BEFORE_THE_CLOCKS_CHANGE = datetime(2025, 10, 1, 10, tzinfo=UTC)
"""The month that begins here in Paris has an hour more than one that is counted elsewhere."""

FIRST_OF_JUNE = datetime(2025, 6, 1, 10, tzinfo=UTC)
ON_A_31ST = datetime(2025, 8, 31, 10, tzinfo=UTC)


def killed_after_the_commit(stand: Stand) -> list[str]:
    """A process dies as soon as what it has written is there for good; nobody comes back."""
    play = stand.killed(more_seats, after_the_commit)
    said = recovered(play, nobody_comes_back, stand.sandbox)
    return ([f"assert_bought_once {said}"] if said else []) + stand.findings(play.account, quiet_at=clock.now())


def killed_before_the_commit(stand: Stand) -> list[str]:
    """A process dies before what it has written is there for good, and nobody has gone on yet."""
    scene = stand.killed(first_purchase, before_the_commit)
    return stand.findings(scene.quote.account)


def rescued_before_the_commit(stand: Stand) -> list[str]:
    """The same, and another worker has done the work."""
    scene = stand.killed(first_purchase, before_the_commit)
    said = wrong_after(scene, the_job_is_rescued, stand.sandbox)
    return ([f"assert_paid_once {said}"] if said else []) + stand.findings(scene.quote.account, quiet_at=clock.now())


def answered_twice(stand: Stand) -> list[str]:
    """The gateway's yes comes by the answer and by the question after an event."""
    at = clock.now()
    accepted = world.placed(stand.sandbox, world.quoted(an_owner(), now=at), now=at)
    payment = world.collected(accepted, now=at)
    again = gateway().find(payment.public_id)
    assert again is not None
    settle.payment(payment.id, again, now=at)
    return stand.findings(accepted.account, quiet_at=at)


def tax_that_no_float_can_hold(stand: Stand) -> list[str]:
    """Seven more seats of Business for 19 of 30 days: 704.90, and 20 % of it is 140.98, or 140.97999999999999."""
    owner = an_owner()
    world.bought(stand.sandbox, owner, "business", seats=3, now=FIRST_OF_JUNE)
    at = FIRST_OF_JUNE + timedelta(days=10)
    kept = quote.make(world.fresh(owner.account), owner, Choice("business", "month", 10), now=at)
    placed = order.place(kept, member=owner, card="saved", evidence=world.evidence(), now=at)
    world.collected(placed, now=at)
    assert Invoice.objects.filter(account=owner.account).latest("id").net_minor == 70_490
    return stand.findings(owner.account)


def bought_before_the_clocks_change(stand: Stand) -> list[str]:
    """A month across the end of summer time."""
    owner = an_owner()
    world.bought(stand.sandbox, owner, now=BEFORE_THE_CLOCKS_CHANGE)
    return stand.findings(owner.account)


def bought_on_a_31st_and_renewed(stand: Stand) -> list[str]:
    """31 August, 30 September, 31 October."""
    owner = an_owner()
    world.bought(stand.sandbox, owner, now=ON_A_31ST)
    held = Subscription.objects.get(account=owner.account)
    renew.these([held.id], now=held.period_end)
    assert Subscription.objects.get(pk=held.pk).period_start == held.period_end
    return stand.findings(owner.account)


SCENARIOS: dict[str, Scenario] = {
    "job_deferred_outside_the_transaction": killed_after_the_commit,
    "receipt_sent_before_commit": killed_before_the_commit,
    "number_taken_by_a_sequence": rescued_before_the_commit,
    "double_finalisation": answered_twice,
    "float_money": tax_that_no_float_can_hold,
    "local_time_period": bought_before_the_clocks_change,
    "end_of_month_drift": bought_on_a_31st_and_renewed,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_planted_bug_of_the_books_is_caught_by_its_named_check(
    name: str, stage: Theatre, sandbox: SandboxProcess
) -> None:
    assert_caught(name, SCENARIOS[name], stage, sandbox)
