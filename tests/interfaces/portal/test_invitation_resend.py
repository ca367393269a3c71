"""POST ``/settings/members/invitations/ivt_…/resend/``: the same place, a new link."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Invitation
from palier.flows.people import invite
from tests.interfaces.portal.reading import words
from tests.world import NOON, Cast

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def waiting(cast: Cast) -> Invitation:
    (found,) = invite.people(cast.account, cast.owner, ["new@lumiere.example"], now=NOON)
    return found


def path_of(invitation: Invitation) -> str:
    return f"/settings/members/invitations/{invitation.public_id}/resend/"


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "A new invitation for new@"), ("fr", "Une nouvelle invitation")]
)
def test_a_new_link_is_on_its_way(
    waiting: Invitation, cast: Cast, logged_in: LogIn, language: str, sentence: str
) -> None:
    client = logged_in(cast.admin, language)
    assert path_of(waiting) in client.get("/settings/members/").content.decode()
    assert sentence in words(client.post(path_of(waiting), follow=True).content.decode())
    assert Invitation.objects.open_at(NOON).get() != waiting
    again = client.post(path_of(waiting), follow=True)
    assert {"en": "no longer waits", "fr": "n’est plus en attente"}[language] in words(again.content.decode())


@pytest.mark.parametrize("who", ["member", "billing_admin"])
def test_others_send_nothing(waiting: Invitation, cast: Cast, logged_in: LogIn, who: str) -> None:
    answer = logged_in(getattr(cast, who)).post(path_of(waiting), follow=True)
    assert "Only the owner or an admin can invite people." in words(answer.content.decode())
    assert Invitation.objects.get() == waiting
