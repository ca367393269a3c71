"""POST /settings/billing/schedule/: a lower plan, fewer users or monthly billing, from the renewal on."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.subscriptions.models import ScheduledChange
from tests import world
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

SCHEDULE = "/settings/billing/schedule/"
PLANS = "/settings/billing/plans/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_business(cast: Cast, at_noon: None, sandbox: SandboxProcess) -> Cast:
    """Business by the year for six; nobody but the owner buys, as it is on Team."""
    cast.billing_admin.role = "member"
    cast.billing_admin.save()
    world.bought(sandbox, cast.owner, "business", "year", 6, now=NOON)
    return cast


def waiting() -> list[tuple[str, str, int]]:
    rows = ScheduledChange.objects.filter(state="waiting").order_by("kind")
    return [(row.kind, row.key, row.quantity) for row in rows]


def test_a_lower_plan_is_offered_for_the_renewal_with_its_sum(on_business: Cast, logged_in: LogIn) -> None:
    said = words(
        logged_in(on_business.owner).get(PLANS, {"plan": "team", "interval": "year", "seats": "6"}).content.decode()
    )
    assert "Due today €0.00 From 1 June 2027 on €8,208.00" in said  # 6 × 95 × 12 and 20 %
    assert "Schedule for 1 June 2027" in said
    french = logged_in(on_business.owner, "fr").get(PLANS, {"plan": "team", "interval": "year", "seats": "6"})
    assert "Programmer pour le 1er juin 2027" in words(french.content.decode())


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ({"plan": "team", "interval": "year", "seats": "6"}, [("plan", "team", 0)]),
        ({"plan": "business", "interval": "year", "seats": "4"}, [("seats", "", 4)]),
        ({"plan": "business", "interval": "month", "seats": "6"}, [("interval", "month", 0)]),
        (
            {"plan": "team", "interval": "month", "seats": "5"},
            [("interval", "month", 0), ("plan", "team", 0), ("seats", "", 5)],
        ),
    ],
)
def test_it_waits_and_the_overview_says_so(
    on_business: Cast, logged_in: LogIn, choice: dict[str, str], kept: list[tuple[str, str, int]]
) -> None:
    client = logged_in(on_business.owner)
    answer = client.post(SCHEDULE, choice, follow=True)
    said = words(answer.content.decode())
    assert waiting() == kept
    assert answer.redirect_chain[-1][0] == "/settings/billing/"
    assert "Scheduled for 1 June 2027. Nothing is charged now" in said
    assert said.count("Withdraw this change") == len(kept)
    assert words(client.get(PLANS).content.decode()).count("Withdraw this change") == len(kept)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"plan": "enterprise", "interval": "year", "seats": "6"}, "there is nothing to schedule"),
        ({"plan": "enterprise", "interval": "year", "seats": "5"}, "do it in two steps, the plan first"),
        ({"plan": "business", "interval": "year", "seats": "3"}, "They hold 4 seats"),
        ({"plan": "gold", "interval": "year", "seats": "6"}, "This plan does not exist"),
        ({"plan": "team", "interval": "week", "seats": "6"}, "Billing is monthly or annual"),
        ({"plan": "team", "interval": "year", "seats": "6.5"}, "must be a whole number"),
        ({"plan": "team", "interval": "year", "seats": "6", "other_seats": "x"}, "must be a whole number"),
        ({}, "must be a whole number"),
    ],
)
def test_what_cannot_wait_is_refused_and_changes_nothing(
    on_business: Cast, logged_in: LogIn, choice: dict[str, str], sentence: str
) -> None:
    answer = logged_in(on_business.owner).post(SCHEDULE, choice)
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert waiting() == []


def test_a_free_account_has_nothing_to_schedule(cast: Cast, logged_in: LogIn) -> None:
    answer = logged_in(cast.owner).post(SCHEDULE, {"plan": "team", "interval": "month", "seats": "5"})
    assert answer.status_code == 422
    assert "nothing to schedule" in words(answer.content.decode())


def test_it_costs_the_owner_two_presses_without_a_script(on_business: Cast, logged_in: LogIn) -> None:
    """The button of the page sends the very form that the page carries."""
    html = logged_in(on_business.owner).get(PLANS, {"plan": "team", "interval": "year", "seats": "6"}).content.decode()
    assert f'formaction="{SCHEDULE}"' in html
    assert '<input type="hidden" name="plan" value="team">' in html


def test_what_exceeds_the_lower_plan_is_listed_with_its_link_and_comes_first(
    on_business: Cast, logged_in: LogIn
) -> None:
    on_business.billing_admin.role = "billing_admin"
    on_business.billing_admin.save()
    client, choice = logged_in(on_business.owner), {"plan": "team", "interval": "year", "seats": "6"}
    html = client.get(PLANS, choice).content.decode()
    assert "Before Team can begin" in words(html)
    assert "Team has no billing admins: give another role to Billing Admin Person" in words(html)
    assert 'href="/settings/members/"' in html
    assert "Schedule for" not in words(html)
    answer = client.post(SCHEDULE, choice)
    assert answer.status_code == 422
    assert "Before Team can begin" in words(answer.content.decode())
    assert waiting() == []
    french = words(logged_in(on_business.owner, "fr").get(PLANS, choice).content.decode())
    assert "Avant de passer à Team" in french
