"""Roles, deactivation, return and departure: who may, what becomes of the seat, and what is refused by name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from palier.apps.accounts.models import Invitation, Member, Role, User
from palier.apps.events.models import Event
from palier.apps.subscriptions import seats
from palier.apps.subscriptions.models import ScheduledChange, SeatEntry
from palier.flows import quote, schedule
from palier.flows.change import Choice
from palier.flows.facts import facts_of
from palier.flows.people import invite, members, roles
from palier.flows.people.invite_refusals import NotAllowedToInvite, NothingToWithdraw, TooManyToday
from palier.flows.people.members_refusals import (
    LicenceUnknown,
    NoLicence,
    NoSeatToReturnTo,
    NotAllowedToManage,
    NotAllowedToReduce,
    NotOneself,
    OnlyOwnerGivesBilling,
    OwnerStays,
    RoleNeedsPlan,
    RoleUnknown,
    StandsOtherwise,
)
from palier.kit.refusals import Refusal
from tests import world
from tests.flows.test_invitations import invited, joined, link_of
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast


def stored(member: Member) -> Member:
    return Member.objects.select_related("user").get(pk=member.pk)


def everything() -> list[object]:
    """All that a refused command must leave as it was."""
    tables = (Member, User, Invitation, ScheduledChange, SeatEntry, Event)
    return [tuple(model._default_manager.order_by("pk").values_list()) for model in tables]


def refused(refusal: type[Refusal], command: Callable[[], object]) -> Refusal:
    """The command is refused by that name, in both languages, and nothing has changed."""
    before = everything()
    with pytest.raises(refusal) as raised:
        command()
    assert everything() == before
    english, french = raised.value.text("en"), raised.value.text("fr")
    assert "othing was" in english or "obody was" in english
    assert "n’a" in french
    return raised.value


# Roles


@pytest.mark.parametrize("role", ["admin", "restricted_member", "member"])
def test_the_owner_and_admins_change_roles(cast: Cast, role: str) -> None:
    for by, other in ((cast.owner, cast.admin), (cast.admin, cast.member)):
        if stored(other).role != role:
            members.change_role(other, by, role, now=NOON)
            assert stored(other).role == role
            event = Event.objects.latest("id")
            assert (event.kind, event.payload["before"], event.payload["after"], event.author, event.role) == (
                "member.role_changed",
                other.role,
                role,
                by.public_id,
                by.role,
            )
            members.change_role(other, cast.owner, "admin" if other == cast.admin else "member", now=NOON)


def test_a_billing_admin_is_made_by_the_owner_where_the_plan_has_custom_roles(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    refused(RoleNeedsPlan, lambda: members.change_role(cast.member, cast.owner, "billing_admin", now=NOON))
    world.bought(sandbox, cast.owner, "team")
    refused(RoleNeedsPlan, lambda: members.change_role(cast.member, cast.owner, "billing_admin", now=NOON))
    world.bought(sandbox, cast.owner, "business")
    refused(OnlyOwnerGivesBilling, lambda: members.change_role(cast.member, cast.admin, "billing_admin", now=NOON))
    members.change_role(cast.member, cast.owner, "billing_admin", now=NOON)
    assert stored(cast.member).may_buy
    refused(OnlyOwnerGivesBilling, lambda: members.change_role(cast.member, cast.admin, "member", now=NOON))


def test_a_billing_admin_who_comes_back_to_a_plan_without_that_role_is_a_member(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, "business")
    members.deactivate(cast.billing_admin, cast.owner, now=NOON)
    members.reactivate(cast.billing_admin, cast.admin, now=NOON)
    assert stored(cast.billing_admin).may_buy, "Business has the role"
    members.deactivate(cast.billing_admin, cast.owner, now=NOON)
    cast.account.subscriptions.get().items.update(key="team")
    members.reactivate(cast.billing_admin, cast.admin, now=NOON)
    assert stored(cast.billing_admin).role == "member"
    told = Event.objects.get(kind="member.role_changed")
    assert (told.payload["before"], told.payload["after"]) == ("billing_admin", "member")


def test_the_roles_offered_are_those_that_may_be_given(cast: Cast, sandbox: SandboxProcess) -> None:
    def offered(by: Member) -> list[Role]:
        return roles.to_give(facts_of(world.fresh(cast.account), now=NOON), by, now=NOON)

    assert offered(cast.owner) == offered(cast.admin) == [Role.ADMIN, Role.MEMBER, Role.RESTRICTED_MEMBER]
    assert offered(cast.member) == []
    world.bought(sandbox, cast.owner, "business")
    assert Role.BILLING_ADMIN in offered(cast.owner)
    assert Role.BILLING_ADMIN not in offered(cast.admin)


@pytest.mark.parametrize("role", ["", "owner", "king", "ADMIN", "admin\0"])
def test_no_other_role_is_given(cast: Cast, role: str) -> None:
    refused(RoleUnknown, lambda: members.change_role(cast.member, cast.owner, role, now=NOON))
    refused(
        RoleUnknown,
        lambda: invite.people(cast.account, cast.owner, ["n@lumiere.example"], role=role, now=NOON),
    )


COMMANDS: dict[str, Callable[[Member, Member], object]] = {
    "change_role": lambda member, by: members.change_role(member, by, "restricted_member", now=NOON),
    "deactivate": lambda member, by: members.deactivate(member, by, now=NOON),
    "reactivate": lambda member, by: members.reactivate(member, by, now=NOON),
    "remove": lambda member, by: members.remove(member, by, now=NOON),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_who_may_not_is_refused(cast: Cast, command: str) -> None:
    act = COMMANDS[command]
    for by in (cast.member, cast.billing_admin, cast.stranger):
        refused(NotAllowedToManage, lambda by=by: act(cast.admin, by))  # type: ignore[misc]
    refused(NotAllowedToManage, lambda: act(cast.stranger, cast.owner))
    refused(OwnerStays, lambda: act(cast.owner, cast.admin))
    refused(OwnerStays, lambda: act(cast.owner, cast.owner))
    refused(NotOneself, lambda: act(cast.admin, cast.admin))


def test_what_is_so_already_is_said(cast: Cast) -> None:
    refused(StandsOtherwise, lambda: members.change_role(cast.member, cast.owner, "member", now=NOON))
    refused(StandsOtherwise, lambda: members.reactivate(cast.member, cast.owner, now=NOON))
    members.deactivate(cast.member, cast.owner, now=NOON)
    refused(StandsOtherwise, lambda: members.deactivate(cast.member, cast.admin, now=NOON))
    members.remove(cast.member, cast.owner, now=NOON)
    for command in COMMANDS.values():
        refused(StandsOtherwise, lambda command=command: command(cast.member, cast.owner))  # type: ignore[misc]


def test_an_admin_who_was_just_demoted_changes_nobody(cast: Cast) -> None:
    members.change_role(cast.admin, cast.owner, "member", now=NOON)
    refused(NotAllowedToManage, lambda: members.deactivate(cast.member, cast.admin, now=NOON))


# Deactivated


def test_a_deactivated_member_loses_every_session_at_once_and_for_good(cast: Cast) -> None:
    browser = Client()
    browser.force_login(stored(cast.member).user)
    assert browser.get("/").status_code == 200
    members.deactivate(cast.member, cast.admin, now=NOON)
    assert browser.get("/").status_code == 302
    assert not Client().login(email=cast.member.user.email, password=world.PASSWORD)
    members.reactivate(cast.member, cast.admin, now=NOON)
    assert browser.get("/").status_code == 302, "a browser left open somewhere does not come back with its owner"
    browser.force_login(stored(cast.member).user)
    assert browser.get("/").status_code == 200


def test_the_licence_kept_goes_to_somebody_else_at_no_charge(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=4)
    assert members.deactivate(cast.member, cast.owner, licence="keep", now=NOON) == []
    held = seats.of_account(cast.account, now=NOON)
    assert held is not None
    assert (held.bought, held.used, held.free) == (4, 3, 1)
    invited(cast.admin, "heir@lumiere.example")
    assert joined(link_of("heir@lumiere.example")).account == cast.account
    assert cast.account.invoices.count() == 1


def test_the_licence_reduced_costs_nothing_now_and_ends_at_the_renewal(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=4)
    (change,) = members.deactivate(cast.member, cast.owner, licence="reduce", now=NOON)
    assert (change.kind, change.quantity, change.state) == ("seats", 3, "waiting")
    entry = SeatEntry.objects.latest("id")
    assert (entry.seats_now, entry.seats_at_renewal, entry.cause) == (4, 3, "reduced")
    held = seats.of_account(cast.account, now=NOON)
    assert held is not None
    assert (held.bought, held.at_renewal, held.free) == (4, 3, 0)
    members.deactivate(cast.admin, cast.owner, licence="reduce", now=NOON)
    assert ScheduledChange.objects.get(state="waiting").quantity == 2
    assert cast.account.invoices.count() == 1


def test_of_two_subscriptions_the_monthly_one_gives_the_licence(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "team", "year", 4)
    mixed = quote.make(world.fresh(cast.account), cast.owner, Choice("team", "year", 4, other_seats=2), now=NOON)
    world.collected(world.placed(sandbox, mixed))
    (change,) = members.deactivate(cast.member, cast.owner, licence="reduce", now=NOON)
    assert (change.subscription.interval, change.kind, change.quantity) == ("month", "seats", 1)
    (end,) = members.remove(cast.admin, cast.owner, licence="reduce", now=NOON)
    assert (end.subscription.interval, end.kind) == ("month", "cancel")


def test_a_licence_that_cannot_be_reduced_leaves_the_member_active(cast: Cast, sandbox: SandboxProcess) -> None:
    def reducing(by: Member) -> Callable[[], object]:
        return lambda: members.deactivate(cast.member, by, licence="reduce", now=NOON)

    refused(NoLicence, reducing(cast.owner))
    refused(NotAllowedToReduce, reducing(cast.admin))
    refused(LicenceUnknown, lambda: members.deactivate(cast.member, cast.owner, licence="burn", now=NOON))
    refused(LicenceUnknown, lambda: members.remove(cast.member, cast.owner, licence="", now=NOON))
    world.bought(sandbox, cast.owner, seats=4)
    for other in (cast.billing_admin, cast.admin):
        members.deactivate(other, cast.owner, licence="reduce", now=NOON)
    members.deactivate(cast.member, cast.owner, licence="reduce", now=NOON)
    assert ScheduledChange.objects.get(state="waiting").quantity == 1


# Back again


def test_a_return_takes_a_free_seat_or_is_refused(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=4)
    members.deactivate(cast.member, cast.owner, now=NOON)
    invited(cast.owner, "heir@lumiere.example")
    said = refused(NoSeatToReturnTo, lambda: members.reactivate(cast.member, cast.owner, now=NOON))
    assert "Member Person" in said.text("fr")
    invite.withdraw(Invitation.objects.get(), cast.owner, now=NOON)
    members.reactivate(cast.member, cast.admin, now=NOON)
    assert stored(cast.member).user.is_active
    assert Event.objects.latest("id").kind == "member.reactivated"


def test_a_seat_about_to_be_given_up_takes_nobody_back_until_the_reduction_is_withdrawn(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, seats=4)
    (change,) = members.deactivate(cast.member, cast.owner, licence="reduce", now=NOON)
    refused(NoSeatToReturnTo, lambda: members.reactivate(cast.member, cast.owner, now=NOON))
    schedule.withdraw(change, cast.owner, now=NOON)
    members.reactivate(cast.member, cast.owner, now=NOON)


def test_on_the_free_plan_people_come_and_go(cast: Cast, sandbox: SandboxProcess) -> None:
    members.deactivate(cast.member, cast.owner, now=NOON)
    world.placed(sandbox, world.quoted(cast.owner, seats=3), "4000 0000 0000 6603")
    refused(NoSeatToReturnTo, lambda: members.reactivate(cast.member, cast.owner, now=NOON))


# Gone


def test_a_removed_member_is_gone_for_good_and_their_address_is_free(cast: Cast, sandbox: SandboxProcess) -> None:
    address = cast.member.user.email
    EmailAddress.objects.create(user=cast.member.user, email=address, verified=True, primary=True)
    browser = Client()
    browser.force_login(stored(cast.member).user)
    members.remove(cast.member, cast.admin, now=NOON)
    gone = stored(cast.member)
    assert (gone.deactivated_at, gone.removed_at) == (NOON, NOON)
    assert gone.user.email == f"{gone.public_id}@removed.invalid"
    assert not gone.user.is_active
    assert not gone.user.has_usable_password()
    assert not EmailAddress.objects.exists()
    assert browser.get("/").status_code == 302
    assert [event.kind for event in Event.objects.order_by("id")][-2:] == ["member.deactivated", "member.removed"]
    invited(cast.owner, address)
    assert joined(link_of(address)).pk != gone.pk


# Invitations


def test_people_are_invited_with_a_role(cast: Cast) -> None:
    sent = invite.people(cast.account, cast.admin, ["a@x.example", "b@x.example"], role="admin", now=NOON)
    assert {found.role for found in sent} == {"admin"}
    assert joined(link_of("a@x.example")).role == "admin"
    refused(
        OnlyOwnerGivesBilling,
        lambda: invite.people(cast.account, cast.admin, ["c@x.example"], role="billing_admin", now=NOON),
    )


def test_an_invitation_sent_again_has_a_new_link_and_fourteen_more_days(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    (first,) = invite.people(cast.account, cast.owner, ["new@lumiere.example"], role="admin", now=NOON)
    old, later = link_of("new@lumiere.example"), NOON + timedelta(days=10)
    second = invite.again(first, cast.admin, now=later)
    assert second.expires_at == later + Invitation.LIFETIME
    assert second.role == "admin"
    assert list(cast.account.invitations.open_at(later)) == [second]
    with pytest.raises(Refusal):
        joined(old, after=timedelta(days=10))
    assert joined(link_of("new@lumiere.example"), after=timedelta(days=20)).role == "admin"
    assert Event.objects.filter(kind="invitation.resent").count() == 1


def test_sending_again_is_refused_for_others_for_what_is_over_and_beyond_the_bound(cast: Cast) -> None:
    waiting = invited(cast.owner, "new@lumiere.example")[0]
    for by in (cast.member, cast.billing_admin, cast.stranger):
        refused(NotAllowedToInvite, lambda by=by: invite.again(waiting, by, now=NOON))  # type: ignore[misc]
    for _attempt in range(49):
        waiting = invite.again(waiting, cast.owner, now=NOON)
    refused(TooManyToday, lambda: invite.again(waiting, cast.owner, now=NOON))
    invite.withdraw(waiting, cast.owner, now=NOON)
    refused(NothingToWithdraw, lambda: invite.again(waiting, cast.owner, now=NOON + timedelta(days=2)))
