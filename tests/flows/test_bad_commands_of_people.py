"""Wrong input and wrong moments for everything about members, invitations, requests, usage and details."""

from datetime import timedelta

import pytest

from palier.apps.accounts.models import Member, Role
from palier.apps.tax.refusals import FieldRefusals
from palier.flows import ask, details, more_seats, seat_requests, travel, unused_seats, usage
from palier.flows.change import Choice
from palier.flows.people import invite, members, ownership
from tests import world
from tests.flows.test_invitations import link_of
from tests.refused import Bad, assert_all_refused, digest
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=2)


def test_invitations(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=6)
    account = world.fresh(cast.account)

    def inviting(*emails: str, by: Member = cast.owner, role: str = Role.MEMBER) -> object:
        return invite.people(account, by, emails, role=role, now=NOON)

    (kept,) = invite.people(account, cast.owner, ["kept@lumiere.example"], now=NOON)
    (gone,) = invite.people(account, cast.owner, ["gone@lumiere.example"], now=NOON)
    token = link_of(gone.email)
    invite.withdraw(gone, cast.owner, now=NOON)

    def accepting(token: str) -> object:
        return invite.accept(token, name="N", password=world.PASSWORD, language="en", now=LATER)

    assert_all_refused(
        Bad("nobody", "invitation.no_address", lambda: inviting()),
        Bad("blanks", "invitation.no_address", lambda: inviting(" ", "")),
        Bad("no address", "invitation.address_malformed", lambda: inviting("nora at lumiere")),
        Bad("a long one", "invitation.address_too_long", lambda: inviting("n" * 300 + "@lumiere.example")),
        Bad("who is here", "invitation.already_here", lambda: inviting(cast.member.user.email)),
        Bad("who is invited", "invitation.already_here", lambda: inviting(kept.email)),
        Bad("more than seats", "invitation.no_free_seat", lambda: inviting("a@b.example", "c@b.example")),
        Bad("by a member", "invitation.not_allowed", lambda: inviting("a@b.example", by=cast.member)),
        Bad("an unknown role", "member.role_unknown", lambda: inviting("a@b.example", role="king")),
        Bad("a second owner", "member.role_unknown", lambda: inviting("a@b.example", role=Role.OWNER)),
        Bad("no such link", "invitation.gone", lambda: accepting("nothing")),
        Bad("a withdrawn link", "invitation.gone", lambda: accepting(token)),
        Bad("twice", "invitation.nothing_to_withdraw", lambda: invite.withdraw(gone, cast.owner, now=LATER)),
        Bad(
            "by a stranger",
            "invitation.withdrawal_not_allowed",
            lambda: invite.withdraw(kept, cast.stranger, now=LATER),
        ),
    )


def test_members(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)

    def leaving(member: Member, by: Member = cast.owner, licence: str = members.KEEP) -> object:
        return members.deactivate(member, by, licence=licence, now=LATER)

    def role(member: Member, role: str, by: Member = cast.owner) -> object:
        return members.change_role(member, by, role, now=LATER)

    members.deactivate(cast.billing_admin, cast.owner, now=NOON)
    invite.people(world.fresh(cast.account), cast.owner, ["a@b.example", "c@b.example"], now=NOON)
    assert_all_refused(
        Bad("the owner", "member.owner_stays", lambda: leaving(cast.owner, cast.admin)),
        Bad("oneself", "member.not_oneself", lambda: leaving(cast.admin, cast.admin)),
        Bad("by a member", "member.not_allowed", lambda: leaving(cast.admin, cast.member)),
        Bad("by a stranger", "member.not_allowed", lambda: leaving(cast.member, cast.stranger)),
        Bad("an unknown licence", "member.licence_unknown", lambda: leaving(cast.member, licence="sell")),
        Bad("twice", "member.stands_otherwise", lambda: leaving(cast.billing_admin)),
        Bad("who is here", "member.stands_otherwise", lambda: members.reactivate(cast.member, cast.owner, now=LATER)),
        Bad("no seat", "member.no_free_seat", lambda: members.reactivate(cast.billing_admin, cast.owner, now=LATER)),
        Bad("a role that is held", "member.stands_otherwise", lambda: role(cast.admin, Role.ADMIN)),
        Bad("an unknown role", "member.role_unknown", lambda: role(cast.admin, "king")),
        Bad("to a member", "ownership.not_an_active_admin", lambda: give(cast.member, cast.owner)),
        Bad("by an admin", "ownership.not_the_owner", lambda: give(cast.admin, cast.admin)),
    )


def give(to: Member, owner: Member) -> object:
    return ownership.transfer(to, owner, now=LATER)


def test_requests_for_a_seat_and_for_a_plan(cast: Cast, sandbox: SandboxProcess) -> None:
    assert_all_refused(
        Bad("on the free plan", "seat_request.no_seats_counted", lambda: seat_requests.ask(cast.member, now=NOON))
    )
    world.bought(sandbox, cast.owner, seats=5)
    account, asked = world.fresh(cast.account), seat_requests.ask(cast.member, now=NOON)
    team = Choice("business", "month", 5)
    assert_all_refused(
        Bad("asked again", "seat_request.already_waits", lambda: seat_requests.ask(cast.member, now=LATER)),
        Bad("by a buyer", "seat_request.buyer", lambda: seat_requests.ask(cast.owner, now=NOON)),
        Bad("a novel", "request.note_too_long", lambda: seat_requests.ask(cast.admin, note="n" * 2_000, now=NOON)),
        Bad(
            "too long", "seat_request.wish_too_long", lambda: seat_requests.ask(cast.admin, wished="n" * 400, now=NOON)
        ),
        Bad("a note", "request.note_too_long", lambda: ask.buyer(cast.member, team, "n" * 2_000, now=NOON)),
        Bad("approved by a member", "order.not_a_buyer", lambda: seat_requests.give(asked, cast.admin, now=NOON)),
        Bad(
            "approved without a price",
            "seat_request.answered",
            lambda: seat_requests.approve(asked, cast.owner, evidence=world.evidence(), now=NOON),
        ),
        Bad("no missing seats", "seats.not_missing", lambda: more_seats.prepare(account, cast.owner, 0, now=NOON)),
    )
    seat_requests.decline(asked, cast.owner, now=NOON)
    assert_all_refused(
        Bad("declined twice", "seat_request.answered", lambda: seat_requests.decline(asked, cast.owner, now=NOON))
    )


def test_unused_seats(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=4)
    account = world.fresh(cast.account)
    assert_all_refused(
        Bad("all in use", "seats.none_unused", lambda: unused_seats.reduce(account, cast.owner, now=NOON)),
    )


@pytest.mark.parametrize(
    ("key", "used", "code"),
    [
        ("gold", 1, "usage.key_unknown"),
        ("records", -1, "usage.negative"),
        ("records", "many", "usage.not_a_number"),
        ("records", 1.5, "usage.not_a_number"),
        ("records", True, "usage.not_a_number"),
        ("records", None, "usage.not_a_number"),
        ("records", 10**30, "usage.too_large"),
    ],
)
def test_usage(cast: Cast, key: str, used: object, code: str) -> None:
    assert_all_refused(Bad(f"{key} {used}", code, lambda: usage.report(cast.account, key, used, now=NOON)))


def test_a_journey_in_a_journey(cast: Cast) -> None:
    account = world.fresh(cast.account)
    account.sandbox = True
    account.save(update_fields=["sandbox"])
    travel.depart(account, LATER, now=NOON)
    assert_all_refused(Bad("twice", "clock.travelling", lambda: travel.depart(account, LATER, now=NOON)))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"kind": "club"}, "details.kind_unknown"),
        ({"name": ""}, "details.missing"),
        ({"name": "…"}, "details.nothing_readable"),
        ({"name": "n" * 500}, "details.too_long"),
        ({"name": "a\x00b"}, "details.forbidden_character"),
        ({"address": "\n".join("abcdefgh")}, "details.too_many_lines"),
        ({"country": "XX"}, "details.country_unknown"),
        ({"country": "US", "region": "Mars", "postcode": "94103"}, "details.region_unknown"),
        ({"postcode": "1"}, "details.postcode_malformed"),
        ({"email": "nobody"}, "details.email_malformed"),
        ({"vat_number": "FR1"}, "details.vat_number_malformed"),
        ({"vat_number": "DE136695976"}, "details.vat_number_of_other_country"),
        ({"kind": "person", "vat_number": "FR44732829320"}, "details.vat_number_of_person"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_details(cast: Cast, typed: dict[str, str], code: str) -> None:
    before = digest()
    with pytest.raises(FieldRefusals) as caught:
        details.save(cast.account, cast.owner, {**world.DETAILS, **typed}, now=NOON)
    (refused,) = caught.value.by_field.values()
    assert refused.code == code
    assert refused.text("en") != refused.text("fr")
    assert digest() == before
