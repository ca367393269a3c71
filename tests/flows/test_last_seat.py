"""The last seat, wanted by many at once: never more people and invitations than seats. Real threads and connections."""

from collections.abc import Callable

import pytest

from palier.apps.accounts.models import Invitation, Member
from palier.apps.subscriptions import seats
from palier.flows.people import invite, members, signup
from palier.flows.people.invite_refusals import NoFreeSeat, NoSeatLeft
from palier.flows.people.members_refusals import NoSeatToReturnTo
from palier.kit.refusals import Refusal
from tests import world
from tests.flows.test_invitations import accepting, invited, inviting, link_of
from tests.sandbox_process import SandboxProcess
from tests.together import together
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db(transaction=True)


def taken(cast: Cast) -> tuple[int, int]:
    """Seats bought, and seats held by people and invitations."""
    held = seats.of_account(cast.account, now=NOON)
    assert held is not None
    return held.bought, held.used + held.invited


def returning(member: Member, by: Member) -> Callable[[], Member]:
    return lambda: members.reactivate(member, by, now=NOON)


def deactivated(cast: Cast, number: int) -> list[Member]:
    """So many people who have left their seat."""
    people = []
    for index in range(number):
        person = world.person(f"gone{index}@lumiere.example", f"Gone {index}")
        people.append(signup.join(cast.account, person, "member", now=NOON))
        members.deactivate(people[-1], cast.owner, now=NOON)
    return people


def test_sixty_four_invitations_at_once_for_one_free_seat_send_one(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    answers = together([inviting((cast.owner, cast.admin)[number % 2], number) for number in range(64)])
    assert sum(isinstance(answer, list) for answer in answers) == Invitation.objects.count() == 1
    assert {type(answer) for answer in answers} == {list, NoFreeSeat}
    assert taken(cast) == (5, 5)


def test_the_last_seat_is_given_to_one_of_those_who_return_and_those_who_are_invited(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    gone = deactivated(cast, 8)
    world.bought(sandbox, cast.owner, seats=6)
    answers = together([*(returning(each, cast.admin) for each in gone), *(inviting(cast.owner, n) for n in range(8))])
    assert taken(cast) == (6, 6)
    assert sum(not isinstance(answer, Refusal) for answer in answers) == 2
    assert {type(answer) for answer in answers} <= {list, Member, NoFreeSeat, NoSeatToReturnTo}


def test_who_accepts_keeps_the_seat_that_the_invitation_held(cast: Cast, sandbox: SandboxProcess) -> None:
    gone = deactivated(cast, 6)
    world.bought(sandbox, cast.owner, seats=6)
    tokens = [link_of(found.email) for found in invited(cast.owner, "a@lumiere.example", "b@lumiere.example")]
    answers = together([*(returning(each, cast.admin) for each in gone), *(accepting(token) for token in tokens)])
    assert taken(cast) == (6, 6)
    assert [type(answer) for answer in answers] == [NoSeatToReturnTo] * 6 + [Member] * 2


def test_invitations_from_before_the_purchase_and_returns_never_oversell(cast: Cast, sandbox: SandboxProcess) -> None:
    gone = deactivated(cast, 6)
    tokens = [link_of(found.email) for found in invited(cast.owner, *(f"old{n}@lumiere.example" for n in range(6)))]
    world.bought(sandbox, cast.owner, seats=6)
    answers = together([*(returning(each, cast.admin) for each in gone), *(accepting(token) for token in tokens)])
    held = seats.of_account(cast.account, now=NOON)
    assert held is not None
    assert held.used == 6
    assert {type(answer) for answer in answers} <= {Member, NoSeatLeft, NoSeatToReturnTo}


def test_a_seat_given_up_at_the_moment_of_an_invitation_is_not_both(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)

    def reducing() -> object:
        return members.remove(cast.member, cast.owner, licence="reduce", now=NOON)

    together([reducing, *(inviting(cast.admin, number) for number in range(4))])
    held = seats.of_account(cast.account, now=NOON)
    assert held is not None
    assert held.used + held.invited <= held.at_renewal


def test_one_return_pressed_many_times_takes_one_seat(cast: Cast, sandbox: SandboxProcess) -> None:
    (gone,) = deactivated(cast, 1)
    world.bought(sandbox, cast.owner, seats=6)
    answers = together([returning(gone, cast.owner)] * 8)
    assert sum(isinstance(answer, Member) for answer in answers) == 1
    assert taken(cast) == (6, 5)
    invite.people(world.fresh(cast.account), cast.owner, ["last@lumiere.example"], now=NOON)
