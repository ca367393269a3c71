"""/settings/members/: the people, and inviting more of them, all or none."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Invitation, Member
from palier.apps.notices.models import Mail
from palier.flows import invite
from palier.kit import clock
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought

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


def test_free_users_are_counted_with_the_invitations(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 7)
    logged_in(cast.owner).post(MEMBERS, {"emails": "a@lumiere.example b@lumiere.example"})
    assert "7 users bought: 4 used, 2 invited, 1 free." in words(logged_in(cast.member).get(MEMBERS).content.decode())


def test_a_list_that_is_too_long_is_refused_whole(cast: Cast, logged_in: LogIn) -> None:
    page = logged_in(cast.owner).get(MEMBERS).content.decode()
    assert 'maxlength="20000"' in page
    answer = logged_in(cast.owner, language="fr").post(MEMBERS, {"emails": "a@lumiere.example " * 1200})
    assert answer.status_code == 422
    assert "La liste dépasse 20000 caractères. Personne n’a été invité" in words(answer.content.decode())
    assert not Invitation.objects.exists()


def waiting(cast: Cast) -> Invitation:
    (found,) = invite.people(cast.account, cast.owner, ["new@lumiere.example"], now=clock.now())
    return found


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "The invitation for new@lumiere.example is withdrawn."), ("fr", "L’invitation pour new@")],
)
def test_an_invitation_that_waits_can_be_withdrawn_from_the_list(
    cast: Cast, logged_in: LogIn, at_noon: None, language: str, sentence: str
) -> None:
    waiting(cast)
    client = logged_in(cast.admin, language)
    page = client.get(MEMBERS).content.decode()
    assert {"en": "invited on 1 Jun 2026, until 15 Jun 2026", "fr": "valable jusqu’au 15 juin 2026"}[language] in page
    form = re.search(r'action="(/settings/members/invitations/ivt_\w+/withdraw/)"', page)
    assert form
    assert sentence in words(client.post(form[1], follow=True).content.decode())
    assert "new@lumiere.example" not in words(client.get(MEMBERS).content.decode())


def test_withdrawing_what_no_longer_waits_says_so(cast: Cast, logged_in: LogIn) -> None:
    found = waiting(cast)
    for sentence in ("is withdrawn.", "no longer waits: it was accepted or withdrawn, or has expired."):
        answer = logged_in(cast.owner).post(f"{MEMBERS}invitations/{found.public_id}/withdraw/", follow=True)
        assert sentence in words(answer.content.decode())


def test_who_may_not_invite_withdraws_nothing(cast: Cast, logged_in: LogIn) -> None:
    found = waiting(cast)
    for member in (cast.member, cast.billing_admin):
        assert "withdraw/" not in logged_in(member).get(MEMBERS).content.decode()
        answer = logged_in(member).post(f"{MEMBERS}invitations/{found.public_id}/withdraw/", follow=True)
        assert "Only the owner or an admin can withdraw an invitation." in words(answer.content.decode())
    assert logged_in(cast.stranger).post(f"{MEMBERS}invitations/{found.public_id}/withdraw/").status_code == 404
    assert Invitation.objects.open_at(clock.now()).exists()


def test_the_page_asks_as_much_for_fifty_invitations_as_for_one(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 60)
    client, asked = logged_in(cast.owner), []
    for number in (1, 49):
        emails = [f"guest{number}.{index}@lumiere.example" for index in range(number)]
        invite.people(cast.account, cast.owner, emails, now=NOON)
        with CaptureQueriesContext(connection) as heard:
            assert client.get(MEMBERS).status_code == 200
        asked.append(len(heard))
    assert asked[0] == asked[1] <= 8


def test_who_may_not_invite_is_refused(cast: Cast, logged_in: LogIn) -> None:
    answer = logged_in(cast.member).post(MEMBERS, {"emails": "a@lumiere.example"})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_nobody_logged_in_is_sent_to_log_in(cast: Cast, client: Client) -> None:
    assert client.get(MEMBERS).status_code == 302
