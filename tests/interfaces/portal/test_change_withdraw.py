"""POST /settings/billing/changes/…/withdraw/: what waits is taken back, once, by those who may buy."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import schedule
from palier.flows.change import Choice
from palier.kit import clock
from tests import world
from tests.interfaces.pages import Page
from tests.interfaces.portal.reading import words
from tests.interfaces.portal.subscribed import MID_JUNE, changed, renewed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(cast: Cast, at_noon: None, sandbox: SandboxProcess) -> ScheduledChange:
    world.bought(sandbox, cast.owner, "team", "month", 8)
    (made,) = schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "month", 5), now=NOON)
    return made


def path_of(change: ScheduledChange) -> str:
    return f"/settings/billing/changes/{change.public_id}/withdraw/"


def test_it_is_withdrawn_and_everything_stays(cast: Cast, logged_in: LogIn, change: ScheduledChange) -> None:
    client = logged_in(cast.owner)
    before = words(client.get("/settings/billing/").content.decode())
    assert "5 users instead of 8 on 1 July 2026 Withdraw this change" in before
    assert "€654.00 on 1 July 2026" in before  # the renewal as it will be: 5 × 109 and 20 %
    said = words(client.post(path_of(change), follow=True).content.decode())
    assert "The change is withdrawn." in said
    assert "€1,046.40 on 1 July 2026" in said
    assert "Withdraw this change" not in said


BOTH = {"en": "Withdraw both cancellations", "fr": "Annuler les deux résiliations"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_two_cancellations_are_taken_back_together(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, at_noon: None, language: str
) -> None:
    world.without_billing_admin(cast)
    world.bought(sandbox, cast.owner, "team", "year", 4)
    changed(cast, Choice("team", "year", 4, 2), now=NOON)
    month, _year = sorted(
        schedule.cancel(world.fresh(cast.account), cast.owner, now=NOON), key=lambda each: each.effective_at
    )
    client = logged_in(cast.owner, language)
    overview = client.get("/settings/billing/").content.decode()
    assert words(overview).count(BOTH[language]) == 1
    alone = client.post(path_of(month), follow=True)
    assert Page(alone).codes == ["schedule.seats_still_held"]
    said = words(client.post(path_of(month), {"with_others": "1"}, follow=True).content.decode())
    assert BOTH[language] not in said
    assert not ScheduledChange.objects.filter(state="waiting").exists()


def test_a_lower_plan_that_has_begun_with_the_year_has_no_way_back(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.without_billing_admin(cast)
    world.bought(sandbox, cast.owner, "business", "year", 5)
    changed(cast, Choice("business", "month", 2, 5))
    schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "year", 5, 2), now=MID_JUNE)
    late = NOON + timedelta(days=366)
    for month in range(1, 13):
        renewed(cast, now=MID_JUNE + timedelta(days=31 * month))
    monkeypatch.setattr(clock, "now", lambda: late)
    client = logged_in(cast.owner)
    page = words(client.get("/settings/billing/").content.decode())
    assert "Move to Team" in page
    assert "Withdraw this change" not in page


def test_it_returns_to_the_page_where_it_stood_and_nowhere_else(
    cast: Cast, logged_in: LogIn, change: ScheduledChange
) -> None:
    client = logged_in(cast.owner)
    for back, to in (
        ("/settings/billing/seats/", "/settings/billing/seats/"),
        ("https://evil.example/settings/", "/settings/billing/"),
        ("//evil.example/settings/", "/settings/billing/"),
        ("/accounts/logout/", "/settings/billing/"),
    ):
        assert client.post(path_of(change), {"back": back})["Location"] == to


def test_twice_is_refused_by_name(cast: Cast, logged_in: LogIn, change: ScheduledChange) -> None:
    client = logged_in(cast.owner, "fr")
    client.post(path_of(change))
    answer = client.post(path_of(change), follow=True)
    assert Page(answer).codes == ["schedule.nothing_waits"], "a message keeps its code through the redirect"
    said = words(answer.content.decode())
    assert "Ce changement n’est plus en attente" in said


def test_the_stranger_finds_nothing(cast: Cast, logged_in: LogIn, change: ScheduledChange) -> None:
    assert logged_in(cast.stranger).post(path_of(change)).status_code in (403, 404)
    assert ScheduledChange.objects.get(pk=change.pk).state == "waiting"
