"""GET / and GET /settings/: the host's first page and its settings, with the way to a paid plan while there is none."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import Cast, bought, person

LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/settings/", "/settings/members/", "/settings/billing/", "/accounts/email/"])
def test_the_upgrade_button_stands_on_every_page_while_the_account_is_free(
    cast: Cast, logged_in: LogIn, insider: Member, path: str
) -> None:
    html = logged_in(insider).get(path).content.decode()
    assert 'class="button upgrade" href="/settings/billing/plans/"' in html
    in_french = words(logged_in(insider, "fr").get(path).content.decode())
    assert "Mettre à niveau votre compte" in in_french


@pytest.mark.parametrize("path", ["/", "/settings/"])
def test_it_is_gone_once_the_account_pays(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess, path: str
) -> None:
    bought(sandbox, cast.owner)
    assert "Upgrade your account" not in words(logged_in(cast.owner).get(path).content.decode())


def test_home_tells_the_plan_and_what_it_allows(cast: Cast, logged_in: LogIn) -> None:
    said = words(logged_in(cast.owner).get("/").content.decode())
    assert "Hello Odile Owner" in said
    assert "Your plan See the plans Free" in said
    assert "Custom fields 5" in said
    assert "Custom teams not included" in said
    assert "4 people" in said


def test_limits_are_pooled_over_the_seats(cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess) -> None:
    bought(sandbox, cast.owner, "business", "month", 5)
    said = words(logged_in(cast.owner).get("/").content.decode())
    assert "Records 125,000" in said
    assert "E-mail sequences unlimited" in said


def test_settings_lead_to_plans_and_billing(cast: Cast, logged_in: LogIn) -> None:
    said = words(logged_in(cast.owner, "fr").get("/settings/").content.decode())
    for entry in (
        "Plans et facturation",
        "Vue d'ensemble",
        "Moyen de paiement",
        "Coordonnées de facturation",
        "Membres",
    ):
        assert entry in said


def test_a_log_in_without_an_account_is_told_so(cast: Cast) -> None:
    client = Client()
    client.force_login(person("alone@nowhere.example", "Ada Alone"))
    answer = client.get("/")
    assert answer.status_code == 403
    assert "Your log-in belongs to no account" in words(answer.content.decode())


def test_nobody_logged_in_is_sent_to_log_in(cast: Cast, client: Client) -> None:
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
    assert client.get("/settings/")["Location"] == "/accounts/login/?next=/settings/"
