"""/invitations/<token>/: a name, a password, and one is in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from palier.apps.notices.models import Mail
from palier.flows.people import invite
from palier.kit import clock
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def link(cast: Cast) -> str:
    """The path that the invitation's letter carries."""
    invite.people(cast.account, cast.owner, ["new@lumiere.example"], now=NOON)
    found = re.search(r"/invitations/\S+?/", Mail.objects.get().text)
    assert found
    return found[0]


def test_who_follows_the_link_joins_and_is_logged_in(link: str, cast: Cast, client: Client) -> None:
    said = words(client.get(link).content.decode())
    assert "Join Cabinet Lumière" in said
    assert "Odile Owner invites you. You will log in with new@lumiere.example." in said
    answer = client.post(link, {"name": "Nora New", "password": "a-good-long-password"}, follow=True)
    assert "Hello Nora New" in words(answer.content.decode())
    joined = Member.objects.get(user__email="new@lumiere.example")
    assert (joined.account_id, joined.role) == (cast.account.id, "member")


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "", "password": "a-good-long-password"},
        {"name": "\u202earoN", "password": "a-good-long-password"},
        {"name": "No\x07ra", "password": "a-good-long-password"},
        {"name": "Nora", "password": "short"},
        {"name": "N" * 121, "password": "a-good-long-password"},
        {"name": "Nora", "password": "password12"},
    ],
)
def test_bad_input_stays_on_the_page(link: str, client: Client, typed: dict[str, str]) -> None:
    answer = client.post(link, typed)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert not Member.objects.filter(user__email="new@lumiere.example").exists()


def test_a_used_or_unknown_link_says_so(link: str, client: Client) -> None:
    client.post(link, {"name": "Nora New", "password": "a-good-long-password"})
    for gone in (link, "/invitations/nothing/"):
        answer = Client().get(gone)
        assert answer.status_code == 409
        assert "This invitation was already used or withdrawn, has expired, or does not exist." in words(
            answer.content.decode()
        )


def test_after_fourteen_days_the_link_says_the_same(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=14))
    for typed in (None, {"name": "Nora New", "password": "a-good-long-password"}):
        answer = Client().get(link) if typed is None else Client().post(link, typed)
        assert answer.status_code == 409
        assert "has expired, or does not exist." in words(answer.content.decode())
    assert not Member.objects.filter(user__email="new@lumiere.example").exists()


def test_without_a_free_seat_the_page_says_whom_to_ask(link: str, cast: Cast, sandbox: SandboxProcess) -> None:
    bought(sandbox, cast.owner, seats=4)
    answer = Client(headers={"Accept-Language": "fr"}).post(link, {"name": "Nora", "password": "a-good-long-password"})
    assert answer.status_code == 422
    assert (
        "Demandez à Odile Owner d’ajouter des utilisateurs dans Plans et facturation, puis rouvrez ce lien."
        in words(answer.content.decode())
    )
    assert not Member.objects.filter(user__email="new@lumiere.example").exists()
