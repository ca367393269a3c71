"""``/settings/members/mem_…/remove/``: gone for good."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import Cast, bought

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def path_of(member: Member) -> str:
    return f"/settings/members/{member.public_id}/remove/"


@pytest.mark.parametrize(
    ("language", "question", "sentence"),
    [
        ("en", "This is for good", "is removed, and their address is free."),
        ("fr", "C’est pour toujours", "ne fait plus partie"),
    ],
)
def test_asked_once_more_then_gone(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, language: str, question: str, sentence: str
) -> None:
    bought(sandbox, cast.owner, seats=4)
    client, theirs = logged_in(cast.owner, language), logged_in(cast.member)
    assert question in words(client.get(path_of(cast.member)).content.decode())
    answer = client.post(path_of(cast.member), {"licence": "reduce"}, follow=True)
    assert sentence in words(answer.content.decode())
    assert "member@lumiere.example" not in words(client.get("/settings/members/").content.decode())
    assert theirs.get("/").status_code == 302
    assert client.get(path_of(cast.member)).status_code == 404


def test_a_refused_removal_leaves_everybody(cast: Cast, logged_in: LogIn) -> None:
    for by, member, licence in (
        (cast.owner, cast.member, "burn"),
        (cast.owner, cast.member, "reduce"),
        (cast.admin, cast.owner, "keep"),
        (cast.admin, cast.admin, "keep"),
        (cast.member, cast.admin, "keep"),
        (cast.billing_admin, cast.admin, "keep"),
    ):
        assert logged_in(by).post(path_of(member), {"licence": licence}).status_code == 422
    assert not Member.objects.exclude(deactivated_at=None).exists()
    assert logged_in(cast.stranger).post(path_of(cast.member), {"licence": "keep"}).status_code == 404
