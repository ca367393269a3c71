"""The line on every page that says what an account may not do now, and the one next step."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from palier.apps.catalogue.models import CatalogueVersion
from palier.apps.subscriptions.models import Trial
from palier.kit import clock
from tests import world
from tests.interfaces.portal.reading import words
from tests.interfaces.portal.subscribed import ended
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

PAGES = ("/", "/settings/", "/settings/members/", "/settings/billing/", "/settings/billing/plans/")
LATER = NOON + timedelta(days=31)
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


def everywhere(client: Client, sentence: str, link: str, *, present: bool = True) -> None:
    for path in PAGES:
        html = client.get(path).content.decode()
        assert (sentence in words(html)) is present, path
        assert not present or f'href="{link}"' in html


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("past_due", "An invoice is not paid. Everything stays open for the moment. Pay now"),
        ("suspended", "Your account is read-only until its open invoice is paid. Pay now"),
    ],
)
def test_an_unpaid_invoice(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess, state: str, sentence: str
) -> None:
    world.bought(sandbox, cast.owner)
    everywhere(logged_in(cast.owner), sentence, "", present=False)
    cast.account.subscriptions.update(state=state)
    everywhere(logged_in(cast.owner), sentence, "/settings/billing/invoices/")
    assert "Pay now" not in words(logged_in(cast.member).get("/").content.decode())


def test_after_the_end_what_happened_and_what_stays(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bought(sandbox, cast.owner)
    ended(cast, now=LATER)
    monkeypatch.setattr(clock, "now", lambda: LATER)
    client = logged_in(cast.owner)
    everywhere(client, "Your subscription has ended: your data is read-only. Reactivate", "/settings/billing/plans/")
    html = client.get("/settings/billing/").content.decode()
    assert "It ended on 30 June 2026, as you asked." in words(html)
    for link in ("/settings/billing/invoices/", "/settings/billing/export/", "/settings/close/"):
        assert f'href="{link}"' in html
    assert "Choose Business" in words(client.get("/settings/billing/plans/").content.decode())
    refused = client.post("/settings/members/", {"emails": "new@lumiere.example"})
    assert refused.status_code == 422
    assert "Your account is read-only" in words(refused.content.decode())


def test_a_trial_says_how_many_days_are_left_and_that_it_is_over(
    cast: Cast, logged_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    Trial.objects.create(
        account=cast.account,
        plan="business",
        catalogue_version=CatalogueVersion.objects.latest("number"),
        started_at=NOON,
        ends_at=NOON + timedelta(days=14),
    )
    for ahead, sentence in (
        (timedelta(), "14 days of your trial are left. Choose a plan"),
        (timedelta(days=12, hours=1), "2 days of your trial are left."),
        (timedelta(days=13, hours=23), "1 day of your trial is left."),
        (timedelta(days=14), "Your trial has ended: your data is read-only. Choose a plan"),
    ):
        monkeypatch.setattr(clock, "now", lambda ahead=ahead: NOON + ahead)
        everywhere(logged_in(cast.owner), sentence, "/settings/billing/plans/")
    french = words(logged_in(cast.owner, "fr").get("/").content.decode())
    assert "Votre essai a pris fin" in french
