"""The journal says before and after, and what was changed around it is found (I23)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from palier.apps.accounts.models import Account, BillingProfile, Invitation, Member
from palier.apps.events.models import Event
from palier.apps.orders.models import Order
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import ScheduledChange, Subscription, SubscriptionItem, Trial
from palier.flows import card, close, details, doctor, dun, order, renew, schedule, trial
from palier.flows.change import Choice
from palier.flows.people import invite, members, ownership
from palier.kit import clock
from tests import unpaid, world
from tests.catalogue.toml import edited
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db

MID_JUNE = NOON + timedelta(days=14)


def found() -> set[str]:
    examined = doctor.examine(now=clock.now(), with_the_gateway=False)
    return {breach.fact for breach in examined.breaches if breach.code == "I23"}


def told(kind: str) -> tuple[str, str, dict[str, Any]]:
    """The newest fact of a kind: author, role and what it is about."""
    fact = Event.objects.filter(kind=kind).latest("id")
    return fact.author, fact.role, fact.payload


@pytest.fixture
def bought(cast: Cast, sandbox: SandboxProcess) -> Order:
    return world.bought(sandbox, cast.owner)


@pytest.fixture
def lived(cast: Cast, bought: Order) -> Order:
    """Fewer users wait, somebody is invited, somebody has left."""
    members.remove(cast.member, cast.admin, now=NOON)
    schedule.change(world.fresh(cast.account), cast.billing_admin, Choice("team", "month", 4), now=MID_JUNE)
    invite.people(world.fresh(cast.account), cast.admin, ["new@lumiere.example"], now=NOON)
    assert found() == set()
    return bought


# Before and after


def test_a_purchase_is_settled_by_the_gateway_and_says_what_is_held(cast: Cast, bought: Order) -> None:
    held = Subscription.objects.get().public_id
    author, role, about = told("order.settled")
    assert (author, role) == ("gateway", "gateway")
    assert (about["before"], about["after"]) == ({}, {held: "team month 5"})
    assert told("order.placed")[:2] == (cast.owner.public_id, "owner")
    assert told("card.kept")[2] == {"method": PaymentMethod.objects.get().public_id}


def test_a_change_by_a_billing_admin(cast: Cast, sandbox: SandboxProcess, bought: Order) -> None:
    held = Subscription.objects.get().public_id
    world.bought(sandbox, cast.billing_admin, "business", "year", 7, now=MID_JUNE)
    _, _, about = told("order.settled")
    assert (about["before"], about["after"]) == ({held: "team month 5"}, {held: "business year 7"})
    assert told("order.placed")[:2] == (cast.billing_admin.public_id, "billing_admin")
    assert found() == set()


def test_what_waits_and_what_the_renewal_made_of_it(cast: Cast, bought: Order) -> None:
    held = Subscription.objects.get()
    schedule.change(world.fresh(cast.account), cast.billing_admin, Choice("team", "month", 4), now=MID_JUNE)
    author, role, about = told("change.scheduled")
    assert (author, role) == (cast.billing_admin.public_id, "billing_admin")
    assert (about["what"], about["before"], about["after"]) == ("seats", "5", "4")
    renew.these([held.id], now=held.period_end)
    author, role, about = told("subscription.renewed")
    assert (author, role) == ("clock", "clock")
    assert (about["before"], about["after"]) == (
        {held.public_id: "team month 5"},
        {held.public_id: "team month 4"},
    )
    assert found() == set()


def test_an_end_by_cancellation(cast: Cast, bought: Order) -> None:
    held = Subscription.objects.get()
    schedule.cancel(world.fresh(cast.account), cast.owner, now=MID_JUNE)
    assert told("cancellation.scheduled")[:2] == (cast.owner.public_id, "owner")
    renew.these([held.id], now=held.period_end)
    author, _, about = told("subscription.ended")
    assert (author, about["before"], about["after"]) == (
        "clock",
        {held.public_id: "team month 5"},
        {held.public_id: ""},
    )
    assert found() == set()


def test_an_unpaid_renewal_until_it_is_paid(cast: Cast, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner)
    held = Subscription.objects.get().public_id
    _, _, about = told("subscription.past_due")
    assert (about["before"], about["after"]) == ({held: "active"}, {held: "past_due"})
    dun.suspend(invoice.id, now=invoice.issued_at + timedelta(days=15))
    _, _, about = told("subscription.suspended")
    assert (about["before"], about["after"]) == ({held: "past_due"}, {held: "suspended"})
    assert found() == set()


def test_billing_details_say_which_words_changed(cast: Cast) -> None:
    details.save(cast.account, cast.owner, world.DETAILS, now=NOON)
    details.save(cast.account, cast.billing_admin, {**world.DETAILS, "city": "Lyon"}, now=MID_JUNE)
    assert told("billing_details.saved") == (
        cast.billing_admin.public_id,
        "billing_admin",
        {"before": {"city": "Paris"}, "after": {"city": "Lyon"}},
    )
    assert found() == set()


def test_a_payment_that_a_customer_gave_up_failed_by_them(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner), world.NEEDS_3DS)
    world.collected(accepted)
    order.withdraw(accepted, cast.billing_admin, now=NOON)
    assert told("payment.failed")[:2] == (cast.billing_admin.public_id, "billing_admin")
    assert found() == set()


def test_a_card_takes_the_place_of_another(cast: Cast, sandbox: SandboxProcess, bought: Order) -> None:
    before = PaymentMethod.objects.get(is_default=True)
    unpaid.typed_on_file(sandbox, cast.billing_admin, world.GOOD)
    card.replace(world.fresh(cast.account), cast.billing_admin, now=MID_JUNE)
    after = PaymentMethod.objects.get(is_default=True)
    assert told("card.replaced")[1:] == ("billing_admin", {"before": before.public_id, "method": after.public_id})
    assert found() == set()


def test_a_trial_an_heir_and_the_end(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish(edited("days = 0", "days = 14"))
    trial.start(world.fresh(cast.account), cast.owner, now=NOON)
    heir = ownership.transfer(cast.admin, cast.owner, now=NOON)
    close.account(world.fresh(cast.account), heir, cast.account.name, now=MID_JUNE)
    assert told("account.closed")[:2] == (heir.public_id, "owner")
    assert found() == set()


# Changed around it

NOW = "2026-06-15 10:00:00+00:00"

AROUND: dict[str, tuple[Callable[[Cast], object], str]] = {
    "a member comes back": (
        lambda cast: Member.objects.filter(pk=cast.member.pk).update(removed_at=None, deactivated_at=None),
        "is active, and the last fact about it says member.removed",
    ),
    "a member is locked out": (
        lambda cast: Member.objects.filter(pk=cast.admin.pk).update(deactivated_at=NOW),
        "is deactivated, and the last fact about it says nothing",
    ),
    "the account is closed": (
        lambda cast: Account.objects.filter(pk=cast.account.pk).update(closed_at=NOW),
        "was closed, or not, as no fact says",
    ),
    "the account is parked": (
        lambda cast: Account.objects.filter(pk=cast.account.pk).update(parked_at=NOW),
        "was parked, or not, as no fact says",
    ),
    "an invitation by another": (
        lambda cast: Invitation.objects.update(invited_by=cast.owner),
        "was sent as no fact says",
    ),
    "an invitation to be more": (lambda _: Invitation.objects.update(role="admin"), "was sent as no fact says"),
    "an invitation accepted": (
        lambda _: Invitation.objects.update(accepted_at=NOW),
        "was accepted, or not, as no fact says",
    ),
    "an invitation taken back": (
        lambda _: Invitation.objects.update(expires_at=MID_JUNE - timedelta(days=3)),
        "was taken back, or not, as no fact says",
    ),
    "other billing details": (
        lambda _: BillingProfile.objects.update(saved_at=NOW),
        "has billing details that no fact says",
    ),
    "no card on file": (
        lambda _: PaymentMethod.objects.update(is_default=False),
        "has no card on file, and the last fact says pm",
    ),
    "an order of another": (
        lambda cast: Order.objects.update(member=cast.billing_admin),
        "was placed as no fact says",
    ),
    "a trial": (
        lambda cast: Trial.objects.create(
            account=cast.account,
            email_sha256="0",
            plan="team",
            started_at=NOW,
            ends_at=NOW,
            catalogue_version=Subscription.objects.get().catalogue_version,
        ),
        "was begun by nobody",
    ),
    "another change waits": (
        lambda _: ScheduledChange.objects.create(
            subscription=Subscription.objects.get(), kind="cancel", scheduled_at=NOW, effective_at=NOW
        ),
        "waits, or waited, and nobody scheduled it",
    ),
    "a change is taken back": (
        lambda _: ScheduledChange.objects.update(state="withdrawn", ended_at=MID_JUNE + timedelta(hours=1)),
        "is withdrawn, and no fact of that instant says why",
    ),
    "more seats": (
        lambda _: SubscriptionItem.objects.update(quantity=6),
        "holds team month 6, and the last fact about it says team month 5",
    ),
    "another plan": (
        lambda _: SubscriptionItem.objects.update(key="business"),
        "holds business month 5, and the last fact about it says team month 5",
    ),
    "another interval": (
        lambda _: Subscription.objects.update(interval="year"),
        "holds team year 5, and the last fact about it says team month 5",
    ),
    "an add-on": (
        lambda _: SubscriptionItem.objects.create(
            subscription=Subscription.objects.get(), kind="add_on", key="records", rank=0, quantity=2, monthly_minor=1
        ),
        "holds team month 5, records 2, and the last fact about it says team month 5",
    ),
    "the end": (
        lambda _: Subscription.objects.update(state="ended", ended_at=NOW, end_reason="unpaid"),
        "holds nothing, and the last fact about it says team month 5",
    ),
    "access taken": (
        lambda _: Subscription.objects.update(state="suspended"),
        "is suspended, and the last fact about it says active",
    ),
}


@pytest.mark.parametrize("what", AROUND)
def test_what_was_changed_around_the_journal_is_found(cast: Cast, lived: Order, what: str) -> None:
    plant, fact = AROUND[what]
    plant(cast)
    assert [each for each in found() if each.startswith(fact)], found()
