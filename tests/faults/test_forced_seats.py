"""The last seat, and fewer seats while somebody comes: both orders, forced; never more people than seats."""

from functools import partial

import pytest
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Invitation, Member, User
from palier.apps.subscriptions import seats as counts
from palier.flows.people import invite, members, signup
from tests.faults.meetings import ALONE, Meeting, assert_one_of_two_orders
from tests.faults.pauses import Action
from tests.flows.test_invitations import link_of
from tests.flows.test_races_of_a_life import MID_JUNE, Stage, accepting_and_reducing, inviting_and_reducing, numbers
from tests.sandbox_process import SandboxProcess
from tests.world import PASSWORD


@pytest.fixture(autouse=True)
def quick_hasher(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def address() -> str:
    return f"guest{next(numbers)}@races.example"


def an_admin(stage: Stage) -> Member:
    person = User.objects.create(email=address(), name="Ada Admin")
    return signup.join(stage.account, person, "admin", now=MID_JUNE)


def inviting(stage: Stage, by: Member) -> Action:
    return partial(invite.people, stage.account, by, [address()], now=MID_JUNE)


def two_admins_give_the_last_seat(stage: Stage) -> tuple[Action, Action]:
    admin = an_admin(stage)
    return inviting(stage, stage.owner), inviting(stage, admin)


def the_last_seat_and_somebody_who_returns(stage: Stage) -> tuple[Action, Action]:
    admin = an_admin(stage)
    members.deactivate(stage.others[0], stage.owner, now=MID_JUNE)
    inviting(stage, admin)()
    gone = Member.objects.get(pk=stage.others[0].pk)
    return inviting(stage, stage.owner), lambda: members.reactivate(gone, admin, now=MID_JUNE)


def accepting(stage: Stage) -> tuple[Invitation, Action]:
    (invitation,) = invite.people(stage.account, stage.owner, [address()], now=MID_JUNE)
    token = link_of(invitation.email)
    return invitation, partial(invite.accept, token, name="Nora", password=PASSWORD, language="en", now=MID_JUNE)


def one_invitation_accepted_twice(stage: Stage) -> tuple[Action, Action]:
    _, accept = accepting(stage)
    return accept, accept


def accepting_and_withdrawing(stage: Stage) -> tuple[Action, Action]:
    invitation, accept = accepting(stage)
    return accept, lambda: invite.withdraw(invitation, stage.owner, now=MID_JUNE)


def leaving_with_the_seat_and_inviting(stage: Stage) -> tuple[Action, Action]:
    """The seat of who leaves is given up, and somebody is invited to it."""
    an_admin(stage)
    inviting(stage, stage.owner)()
    leave = partial(members.remove, stage.others[0], stage.owner, licence="reduce", now=MID_JUNE)
    return leave, inviting(stage, stage.owner)


@pytest.mark.parametrize(
    "meeting",
    [
        two_admins_give_the_last_seat,
        the_last_seat_and_somebody_who_returns,
        one_invitation_accepted_twice,
        accepting_and_withdrawing,
        leaving_with_the_seat_and_inviting,
        accepting_and_reducing,
        inviting_and_reducing,
    ],
    ids=lambda meeting: meeting.__name__,
)
def test_nobody_sits_on_a_seat_that_is_not_there(sandbox: SandboxProcess, meeting: Meeting) -> None:
    def watched(stage: Stage) -> tuple[Action, Action]:
        one, other = meeting(stage)
        return partial(_counted, stage, one), partial(_counted, stage, other)

    watched.__name__ = meeting.__name__
    assert_one_of_two_orders(watched, sandbox, ALONE, ALONE)


def _counted(stage: Stage, action: Action) -> object:
    try:
        return action()
    finally:
        held = counts.of_account(stage.account, now=MID_JUNE)
        assert held is not None
        assert held.used + held.invited <= held.bought, "more people than seats"
