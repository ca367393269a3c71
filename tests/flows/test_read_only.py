"""After the end an account only reads: nobody new comes in, while people may leave and the owner may buy again."""

from datetime import timedelta

import pytest

from palier.flows import quote
from palier.flows.change import Choice
from palier.flows.people import invite, members
from palier.flows.read_only import AccountReadOnly
from tests import world
from tests.interfaces.portal.subscribed import ended
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=31)


@pytest.fixture
def lapsed(cast: Cast, sandbox: SandboxProcess) -> Cast:
    world.bought(sandbox, cast.owner, seats=6)
    ended(cast, now=LATER)
    return cast


def test_nobody_is_invited_or_comes_back(lapsed: Cast) -> None:
    with pytest.raises(AccountReadOnly):
        invite.people(world.fresh(lapsed.account), lapsed.owner, ["new@lumiere.example"], now=LATER)
    members.deactivate(lapsed.member, lapsed.owner, now=LATER)
    with pytest.raises(AccountReadOnly):
        members.reactivate(lapsed.member, lapsed.owner, now=LATER)
    assert not lapsed.account.invitations.exists()


def test_an_invitation_of_before_waits_for_the_account(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    late = LATER - timedelta(days=2)
    (waiting,) = invite.people(world.fresh(cast.account), cast.owner, ["new@lumiere.example"], now=late)
    ended(cast, now=LATER)
    with pytest.raises(AccountReadOnly):
        invite.again(waiting, cast.owner, now=LATER)
    invite.withdraw(waiting, cast.owner, now=LATER)


def test_buying_again_is_always_open(lapsed: Cast) -> None:
    kept = quote.make(world.fresh(lapsed.account), lapsed.owner, Choice("team", "month", 4), now=LATER)
    assert kept.total_minor == 4 * 10900 * 120 // 100


def test_a_suspended_account_reads_only(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    cast.account.subscriptions.update(state="suspended")
    with pytest.raises(AccountReadOnly):
        invite.people(world.fresh(cast.account), cast.owner, ["new@lumiere.example"], now=NOON)
