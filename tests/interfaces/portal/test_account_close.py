"""/settings/close/: the export offered first, the name typed, and nobody logs in any more."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from tests import world
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import PASSWORD, Cast

CLOSE = "/settings/close/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


def test_the_owner_closes_and_is_out(cast: Cast, logged_in: LogIn) -> None:
    client, colleague = logged_in(cast.owner), logged_in(cast.member)
    html = client.get(CLOSE).content.decode()
    assert html.index("/settings/billing/export/") < html.index('id="name"')
    answer = client.post(CLOSE, {"name": "Cabinet Lumière"})
    assert answer.status_code == 200
    assert "Cabinet Lumière is closed for good." in words(answer.content.decode())
    assert client.get("/")["Location"].startswith("/accounts/login/")
    assert colleague.get("/")["Location"].startswith("/accounts/login/")
    again = Client().post("/accounts/login/", {"login": cast.owner.user.email, "password": PASSWORD}, follow=True)
    assert "_auth_user_id" not in again.client.session


@pytest.mark.parametrize("typed", ["", "cabinet", "x" * 10_000, "Cabinet\0 Lumiere", "<b>"])
def test_another_name_closes_nothing(cast: Cast, logged_in: LogIn, typed: str) -> None:
    answer = logged_in(cast.owner).post(CLOSE, {"name": typed})
    assert answer.status_code == 422
    assert "Nothing was changed; type Cabinet Lumière to close it." in words(answer.content.decode())
    assert world.fresh(cast.account).closed_at is None


def test_not_while_a_subscription_runs(cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    client = logged_in(cast.owner)
    for answer in (client.get(CLOSE), client.post(CLOSE, {"name": "Cabinet Lumière"})):
        assert "a subscription until 30 June 2026" in words(answer.content.decode())
    assert world.fresh(cast.account).closed_at is None


@pytest.mark.parametrize("other", ["billing_admin", "admin", "member"])
def test_others_are_told_that_the_owner_closes(cast: Cast, logged_in: LogIn, other: str) -> None:
    client = logged_in(getattr(cast, other))
    for answer in (client.get(CLOSE), client.post(CLOSE, {"name": "Cabinet Lumière"})):
        assert answer.status_code == 403
        assert "Only the account owner can close the account." in words(answer.content.decode())
    assert Member.objects.filter(account=cast.account, deactivated_at=None).count() == 4


def test_french(cast: Cast, logged_in: LogIn) -> None:
    said = words(logged_in(cast.owner, "fr").get(CLOSE).content.decode())
    assert "Fermer le compte définitivement" in said
    assert "Saisissez Cabinet Lumière pour confirmer" in said
