"""``/settings/members/mem_…/deactivate/``: the question about the licence, and the end of the access."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from palier.apps.subscriptions.models import ScheduledChange
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import Cast, bought

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def path_of(member: Member) -> str:
    return f"/settings/members/{member.public_id}/deactivate/"


@pytest.mark.parametrize(
    ("language", "keep", "reduce"),
    [
        ("en", "Keep the licence", "Reduce it €0.00 now; one user fewer from 1 July 2026 on."),
        ("fr", "Garder la licence", "Réduire la licence 0,00 € maintenant"),
    ],
)
def test_the_owner_is_asked_what_becomes_of_the_licence(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, language: str, keep: str, reduce: str
) -> None:
    bought(sandbox, cast.owner, seats=4)
    said = words(logged_in(cast.owner, language).get(path_of(cast.member)).content.decode())
    assert keep in said
    assert reduce in said


@pytest.mark.parametrize(
    ("licence", "waiting", "sentence"), [("keep", 0, "is free for"), ("reduce", 1, "One user fewer")]
)
def test_the_access_ends_at_once(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, licence: str, waiting: int, sentence: str
) -> None:
    bought(sandbox, cast.owner, seats=4)
    theirs = logged_in(cast.member)
    answer = logged_in(cast.owner).post(path_of(cast.member), {"licence": licence}, follow=True)
    assert sentence in words(answer.content.decode())
    assert theirs.get("/").status_code == 302
    assert ScheduledChange.objects.count() == waiting


def test_an_admin_is_not_asked_and_cannot_reduce(cast: Cast, logged_in: LogIn, sandbox: SandboxProcess) -> None:
    bought(sandbox, cast.owner, seats=4)
    client = logged_in(cast.admin)
    assert 'value="reduce"' not in client.get(path_of(cast.member)).content.decode()
    answer = client.post(path_of(cast.member), {"licence": "reduce"})
    assert answer.status_code == 422
    assert "Only the owner or a billing admin can reduce" in words(answer.content.decode())
    cast.member.refresh_from_db()
    assert cast.member.deactivated_at is None


@pytest.mark.parametrize("licence", ["", "burn"])
def test_an_answer_that_is_none_is_refused(cast: Cast, logged_in: LogIn, licence: str) -> None:
    answer = logged_in(cast.owner, "fr").post(path_of(cast.member), {"licence": licence})
    assert answer.status_code == 422
    assert "Choisissez si la licence est gardée ou réduite." in words(answer.content.decode())


def test_who_cannot_be_deactivated_is_not_asked_about(cast: Cast, logged_in: LogIn) -> None:
    for by, member in ((cast.owner, cast.owner), (cast.admin, cast.owner), (cast.member, cast.admin)):
        client = logged_in(by)
        assert client.get(path_of(member)).headers["Location"] == f"/settings/members/{member.public_id}/"
        assert client.post(path_of(member), {"licence": "keep"}).status_code == 422
        assert not Member.objects.exclude(deactivated_at=None).exists()
