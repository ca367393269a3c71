"""/settings/members/: the people, and inviting more of them, all or none."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Invitation, Member
from palier.apps.notices.models import Mail
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import Cast, bought

MEMBERS = "/settings/members/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


def test_everyone_sees_the_people_and_some_may_invite(cast: Cast, logged_in: LogIn, insider: Member) -> None:
    said = words(logged_in(insider).get(MEMBERS).content.decode())
    assert "Odile Owner" in said
    assert "Stella Stranger" not in said
    assert ("Send the invitations" in said) is insider.may_invite
    assert ("Ask one of them." in said) is not insider.may_invite


def test_several_addresses_at_once(cast: Cast, logged_in: LogIn) -> None:
    typed = "one@lumiere.example, two@lumiere.example;three@lumiere.example\nONE@lumiere.example"
    answer = logged_in(cast.admin).post(MEMBERS, {"emails": typed}, follow=True)
    assert "3 invitations are on their way." in words(answer.content.decode())
    assert Invitation.objects.count() == Mail.objects.count() == 3


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter at least one e-mail address"),
        ("good@lumiere.example not-an-address", "“not-an-address” is not an e-mail address"),
        ("owner@lumiere.example", "already has a place or an invitation"),
        ("<script>@x", "is not an e-mail address"),
    ],
)
def test_a_refused_list_invites_nobody_and_stays(cast: Cast, logged_in: LogIn, typed: str, sentence: str) -> None:
    answer = logged_in(cast.owner).post(MEMBERS, {"emails": typed})
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert "<script>@x" not in answer.content.decode()
    assert not Invitation.objects.exists()


def test_no_more_invitations_than_free_users(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 5)
    answer = logged_in(cast.owner).post(MEMBERS, {"emails": "a@lumiere.example b@lumiere.example"})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_who_may_not_invite_is_refused(cast: Cast, logged_in: LogIn) -> None:
    answer = logged_in(cast.member).post(MEMBERS, {"emails": "a@lumiere.example"})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_nobody_logged_in_is_sent_to_log_in(cast: Cast, client: Client) -> None:
    assert client.get(MEMBERS).status_code == 302
