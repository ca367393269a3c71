"""Closing for good: after the end, nothing owed, by the owner who types the name; refused by name otherwise."""

from datetime import timedelta

import pytest

from palier.apps.accounts.models import Member
from palier.apps.agenda.models import Due
from palier.flows import close
from palier.flows.close import CloseWithOpenInvoice, NameNotTyped, OnlyOwnerCloses, StillSubscribed
from palier.flows.order_refusals import PaymentInProgress
from palier.flows.people import invite
from tests import world
from tests.books import assert_balanced
from tests.interfaces.portal.subscribed import ended, renewed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=31)


def closed(cast: Cast, member: Member | None = None, name: str = "Cabinet Lumière") -> None:
    close.account(world.fresh(cast.account), member or cast.owner, name, now=LATER)


def test_after_the_end_everybody_is_out_and_the_books_stay(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    invite.people(world.fresh(cast.account), cast.owner, ["new@lumiere.example"], now=NOON)
    ended(cast, now=LATER)
    before = cast.owner.user.get_session_auth_hash()
    closed(cast, name="  cabinet   LUMIÈRE ")
    account = world.fresh(cast.account)
    assert account.closed_at == LATER
    assert not account.members.filter(deactivated_at=None).exists()
    assert not account.members.filter(user__is_active=True).exists()
    assert not account.invitations.open_at(LATER).exists()
    assert not Due.objects.filter(account_id=account.id).exists()
    user = type(cast.owner.user).objects.get(pk=cast.owner.user_id)
    assert user.get_session_auth_hash() != before
    assert account.invoices.count() == 1
    assert not Member.objects.get(pk=cast.stranger.pk).deactivated_at
    assert_balanced(sandbox)


def test_a_free_account_may_be_closed(cast: Cast) -> None:
    closed(cast)
    assert world.fresh(cast.account).closed_at


@pytest.mark.parametrize("who", ["billing_admin", "admin", "member", "stranger"])
def test_only_the_owner_closes(cast: Cast, who: str) -> None:
    with pytest.raises(OnlyOwnerCloses):
        closed(cast, getattr(cast, who))
    assert world.fresh(cast.account).closed_at is None


@pytest.mark.parametrize("name", ["", "close", "Cabinet", "Cabinet Lumière SAS", "\u202eCabinet Lumière"])
def test_the_name_must_be_typed(cast: Cast, name: str) -> None:
    with pytest.raises(NameNotTyped):
        closed(cast, name=name)
    assert world.fresh(cast.account).closed_at is None


def test_not_before_the_end(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    with pytest.raises(StillSubscribed) as caught:
        closed(cast)
    assert "30 June 2026" in caught.value.text("en")
    assert "30 juin 2026" in caught.value.text("fr")
    assert world.fresh(cast.account).closed_at is None


def test_not_while_an_invoice_is_unpaid(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    cast.account.payment_methods.all().update(is_default=False)
    renewed(cast, now=LATER)
    cast.account.subscriptions.update(state="ended", ended_at=LATER, end_reason="unpaid")
    with pytest.raises(CloseWithOpenInvoice):
        closed(cast)
    assert world.fresh(cast.account).closed_at is None


def test_not_while_a_payment_is_under_way(cast: Cast, sandbox: SandboxProcess) -> None:
    world.placed(sandbox, world.quoted(cast.owner), now=NOON)
    with pytest.raises(PaymentInProgress):
        closed(cast)
    assert world.fresh(cast.account).closed_at is None
