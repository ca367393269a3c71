"""Renewals: each period once, by the anchor, invoiced open and then collected; whatever waits takes effect."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from palier.apps.agenda.models import BillingRun, Due, Failure
from palier.apps.gateways.contract import Failed
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Collection, Payment
from palier.apps.subscriptions.models import BillingPeriod, Subscription
from palier.flows import collect, renew, schedule, seats, settle
from palier.flows.change import Choice
from palier.kit.jobs import waiting
from tests import unpaid, world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

JULY = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
"""Midnight of 1 July in Paris: when what was bought at NOON renews."""


def renewed(*, now: datetime) -> None:
    """What the clock starts and the worker does about renewals, and the charges that they wrote ahead."""
    run = renew.plan(now=now)
    if run is not None:
        for chunk in run.chunks.order_by("id"):
            renew.chunk(chunk.id, now=now)
    for payment in Payment.objects.filter(invoice__isnull=False, state="started"):
        collect.payment(payment.id, now=now)


def the_subscription() -> Subscription:
    return Subscription.objects.get()


@pytest.mark.django_db
def test_a_month_ends_and_the_next_is_invoiced_and_paid(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    renewed(now=JULY - timedelta(seconds=1))
    assert Invoice.objects.count() == 1
    renewed(now=JULY)
    invoice = Invoice.objects.latest("id")
    assert (invoice.state, invoice.net_minor, invoice.total_minor) == ("paid", 5 * 10900, 5 * 13080)
    assert the_subscription().period_start == JULY
    assert Due.objects.get(kind="renewal").due_at == the_subscription().period_end
    assert BillingRun.objects.get().ended_at is not None
    assert_balanced(sandbox)


@pytest.mark.django_db
def test_renewing_twice_renews_once(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    renewed(now=JULY)
    renew.these([the_subscription().id], now=JULY)
    renewed(now=JULY + timedelta(minutes=1))
    assert Invoice.objects.count() == 2
    assert BillingPeriod.objects.count() == 2


@pytest.mark.django_db
def test_after_an_outage_of_months_each_period_is_billed_once(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    late = datetime(2026, 9, 10, 8, 0, tzinfo=UTC)
    for _turn in range(5):
        renewed(now=late)
    periods = [billed.period for billed in BillingPeriod.objects.order_by("period")]
    assert len(periods) == 4
    assert all(one.upper == other.lower for one, other in pairwise(periods))
    assert late < periods[-1].upper
    assert_balanced(sandbox)


@pytest.mark.django_db
def test_the_anchor_survives_short_months(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, now=datetime(2027, 1, 31, 11, 0, tzinfo=UTC))
    ends = []
    for _month in range(4):
        ends.append((the_subscription().period_end + timedelta(hours=2)).date().isoformat())
        renewed(now=the_subscription().period_end)
    assert ends == ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]


@pytest.mark.django_db
def test_what_waits_takes_effect_at_the_renewal(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "business", seats=8)
    account = world.fresh(cast.account)
    world.without_billing_admin(cast)
    schedule.change(account, cast.owner, Choice("team", "month", 8), now=NOON)
    seats.reduce(account, cast.owner, 6, interval="month", now=NOON)
    assert (seats_now(), Invoice.objects.count()) == (8, 1)
    renewed(now=JULY)
    item = the_subscription().items.get()
    assert (item.key, item.quantity) == ("team", 6)
    assert Invoice.objects.latest("id").net_minor == 6 * 10900
    assert list(the_subscription().scheduled.values_list("state", flat=True).distinct()) == ["applied"]
    last = the_subscription().seat_journal.latest("id")
    assert (last.seats_now, last.seats_at_renewal, last.cause) == (6, 6, "renewed")


def seats_now() -> int:
    return the_subscription().items.get(kind="plan").quantity


@pytest.mark.django_db
def test_a_canceled_subscription_ends_instead(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    schedule.cancel(world.fresh(cast.account), cast.owner, now=NOON)
    renewed(now=JULY)
    ended = the_subscription()
    assert (ended.state, ended.end_reason, ended.ended_at) == ("ended", "canceled", JULY)
    assert Invoice.objects.count() == 1
    assert not Due.objects.exclude(kind="card_expiry").exists()


@pytest.mark.django_db
def test_a_payment_under_way_is_awaited(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    late = JULY - timedelta(hours=30)
    accepted = world.placed(sandbox, world.quoted(cast.owner, "business", now=late), world.NEEDS_3DS, now=late)
    waits_at = world.collected(accepted, now=late).action_url
    renewed(now=JULY)
    assert the_subscription().period_end == JULY
    sandbox.answer_bank(waits_at)
    world.collected(accepted, now=JULY + timedelta(minutes=1))
    renewed(now=JULY + timedelta(minutes=2))
    assert Invoice.objects.latest("id").net_minor == 5 * 15900
    assert_balanced(sandbox)


@pytest.mark.django_db
def test_what_cannot_be_renewed_is_a_failure_and_the_others_go_on(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    world.bought(sandbox, cast.stranger)
    broken = Subscription.objects.get(account=cast.account)
    broken.items.update(key="gone")
    renewed(now=JULY)
    assert Failure.objects.get().subject == broken.id
    assert Subscription.objects.get(account=cast.stranger.account).period_start == JULY
    broken.items.update(key="team")
    renewed(now=JULY + timedelta(hours=1))
    assert Failure.objects.get().resolved_at is not None


@pytest.mark.django_db
def test_a_lost_chunk_is_deferred_again(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    run = renew.plan(now=JULY)
    assert run is not None
    from procrastinate.contrib.django.models import ProcrastinateJob

    chunk = run.chunks.get()
    assert waiting("renew_chunk", "chunk_id") == {chunk.id}
    ProcrastinateJob.objects.filter(task_name="renew_chunk").delete()
    assert renew.plan(now=JULY + timedelta(minutes=1)) == run
    assert waiting("renew_chunk", "chunk_id") == {chunk.id}


@pytest.mark.django_db
@pytest.mark.parametrize("asleep", ["action_required", "unknown", "parked"])
def test_no_second_period_is_billed_while_the_payment_of_the_first_is_not_over(
    cast: Cast, sandbox: SandboxProcess, asleep: str
) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner, world.LATER_ASKS)
    payment = invoice.payments.get()
    Payment.objects.filter(pk=payment.pk).update(state=asleep)
    august = the_subscription().period_end
    for late in (timedelta(), renew.SETTLING, timedelta(days=20)):
        renew.these([the_subscription().id], now=august + late)
    assert (Invoice.objects.count(), the_subscription().state) == (2, "active")
    Payment.objects.filter(pk=payment.pk).update(state="action_required")
    sandbox.answer_bank(payment.action_url)
    at = Due.objects.get(kind="renewal").due_at
    assert at == august + timedelta(days=20) + renew.SETTLING
    collect.payment(payment.id, now=at)
    renewed(now=at)
    assert (Invoice.objects.count(), the_subscription().period_start) == (3, august)


@pytest.mark.django_db
def test_a_payment_that_fails_after_its_period_has_the_grace_that_its_letter_promises(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner, world.LATER_ASKS)
    late = the_subscription().period_end + timedelta(days=2)
    renew.these([the_subscription().id], now=late)
    settle.payment(invoice.payments.get().id, Failed("insufficient_funds", "ch_1"), now=late)
    renew.these([the_subscription().id], now=late + renew.SETTLING)
    assert (the_subscription().state, Invoice.objects.count()) == ("past_due", 2)
    assert Collection.objects.get().gives_up_at == late + timedelta(days=30)
    assert Due.objects.get(kind="renewal").due_at == late + renew.SETTLING + renew.PURSUED
