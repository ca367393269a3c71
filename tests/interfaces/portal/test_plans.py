"""GET /settings/billing/plans/: three plans, one choice, the exact sums; what cannot be bought is said at its place."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from palier.apps.entitlements import actions as entitlements
from palier.flows import quote
from palier.flows.change import Choice
from palier.kit import clock
from tests import world
from tests.interfaces.portal.reading import words
from tests.interfaces.portal.subscribed import ended
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought

PLANS = "/settings/billing/plans/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


def table_of(html: str) -> dict[str, object]:
    found = re.search(r'<script id="price-table"[^>]*>(.*?)</script>', html, flags=re.DOTALL)
    assert found
    table: dict[str, object] = json.loads(found[1])
    return table


def page(client: Client, **choice: str | int) -> str:
    answer = client.get(PLANS, choice)
    assert answer.status_code == 200
    return answer.content.decode()


def test_nobody_logged_in_comes_back_after_log_in(cast: Cast, client: Client) -> None:
    answer = client.get(PLANS, {"plan": "team", "interval": "month", "seats": "5"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/settings/billing/plans/%3Fplan%3Dteam")


def test_a_free_account_begins_with_the_popular_plan_for_all_its_people(cast: Cast, logged_in: LogIn) -> None:
    said = words(page(logged_in(cast.owner)))
    assert "Choose your plan" in said
    assert "Business, annual, 4 users" in said
    assert "4 × €135.00 × 12 months €6,480.00" in said
    assert "VAT 20% €1,296.00 Due today €7,776.00" in said
    assert said.count("Most popular") == 1
    assert "Upgrade your account" in said


def test_both_intervals_show_rate_sum_and_saving_of_every_plan(cast: Cast, logged_in: LogIn) -> None:
    client = logged_in(cast.owner)
    yearly = words(page(client, plan="team", interval="year", seats=5))
    assert "€95.00 per user per month €5,700.00 a year for 5 users You save 13%" in yearly
    assert "€215.00 per user per month €12,900.00 a year for 5 users You save 17%" in yearly
    monthly = words(page(client, plan="team", interval="month", seats=5))
    assert "€109.00 per user per month €545.00 a month for 5 users" in monthly
    assert "Due today €654.00" in monthly


def test_french_words_and_figures(cast: Cast, logged_in: LogIn) -> None:
    said = words(page(logged_in(cast.owner, "fr"), plan="business", interval="year", seats=8))
    assert "Mettre à niveau votre compte" in said
    assert "Business, annuel, 8 utilisateurs" in said
    assert "8 × 135,00 € × 12 mois 12 960,00 €" in said
    assert "TVA 20 % 2 592,00 € À payer aujourd'hui 15 552,00 €" in said
    assert "Procéder au paiement" in said


def test_the_table_of_the_page_says_what_the_preview_says(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 5, now=NOON - timedelta(days=12))
    rows = table_of(page(logged_in(cast.owner)))["rows"]
    assert isinstance(rows, dict)
    for plan, interval, seats in [("team", "month", 6), ("business", "month", 5), ("enterprise", "year", 40)]:
        draft = quote.preview(cast.account, Choice(plan, interval, seats), now=clock.now())
        row = rows[f"{plan}:{interval}"]
        assert row["objection"][seats - 1] == 0
        assert (row["net"][seats - 1], row["tax"][seats - 1]) == (draft.net_minor, draft.tax_minor)
        assert row["renewal"][seats - 1] == draft.renewal.total_minor


def test_in_mid_cycle_only_the_days_left_are_due(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    bought(sandbox, cast.owner, "team", "month", 5, now=NOON - timedelta(days=12))
    said = words(page(logged_in(cast.owner), plan="business", interval="month", seats=5))
    assert "You are on Team." in said
    assert "Current plan" in said
    assert "For the days left until 20 June 2026" in said
    assert "Next renewal, 20 June 2026 €954.00" in said
    assert "Upgrade your account" not in said
    assert "Help: Move to a higher plan" in said


def test_what_would_be_less_is_offered_for_the_renewal(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    world.without_billing_admin(cast)
    bought(sandbox, cast.owner, "business", "year", 6)
    client = logged_in(cast.owner)
    lower = words(page(client, plan="team", interval="year", seats=6))
    assert "Due today €0.00 From 1 June 2027 on €8,208.00 Schedule for 1 June 2027" in lower
    shorter = words(page(client, plan="business", interval="month", seats=6))
    assert "From 1 June 2027 on €1,144.80 Schedule for 1 June 2027" in shorter
    fewer = words(page(client, plan="business", interval="year", seats=5))
    assert "From 1 June 2027 on €9,720.00 Schedule for 1 June 2027" in fewer
    assert "This is what you have today." in words(page(client))


@pytest.mark.parametrize(
    ("seats", "sentence"),
    [
        ("0", "This plan starts at 1 user"),
        ("-1", "This plan starts at 1 user"),
        ("3", "4 people are active in your account"),
        ("251", "This plan goes up to 250 users"),
        ("1000000000", "This plan goes up to 250 users"),
        ("1.5", "must be a whole number"),
        ("many", "must be a whole number"),
        ("<script>alert(1)</script>", "must be a whole number"),
        ("٣", "must be a whole number"),
    ],
)
def test_a_bad_number_of_users_is_said_at_the_number(cast: Cast, logged_in: LogIn, seats: str, sentence: str) -> None:
    html = page(logged_in(cast.owner), plan="team", interval="month", seats=seats)
    assert sentence in words(html)
    assert "<script>alert" not in html


@pytest.mark.parametrize("choice", [{"plan": "gold"}, {"interval": "week"}, {"plan": "free"}, {"plan": "x" * 10_000}])
def test_an_unknown_plan_or_interval_is_said_and_the_page_stands(
    cast: Cast, logged_in: LogIn, choice: dict[str, str]
) -> None:
    said = words(page(logged_in(cast.owner), **choice))
    assert "Nothing was changed" in said
    assert "Choose Business" in said


def test_after_the_paid_period_a_page_says_what_is_missing(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(sandbox, cast.owner, "team", "month", 5)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=45))
    client = logged_in(cast.owner)
    posted = client.post("/settings/billing/quotes/", {"plan": "business", "interval": "month", "seats": "5"})
    for answer in (client.get(PLANS), posted):
        assert answer.status_code == 409
        assert "Your paid period ended on 30 June 2026" in words(answer.content.decode())
    assert client.get("/settings/billing/").status_code == 200


def test_plus_and_minus_work_without_a_script(cast: Cast, logged_in: LogIn) -> None:
    client = logged_in(cast.owner)
    assert "Team, monthly, 9 users" in words(page(client, plan="team", interval="month", seats=8, step=1))
    assert "Team, monthly, 7 users" in words(page(client, plan="team", interval="month", seats=8, step=-1))
    assert "Team, monthly, 4 users" in words(page(client, plan="team", interval="month", seats=4, step=-1))


def test_who_may_not_buy_sees_whom_to_ask(cast: Cast, logged_in: LogIn, insider: Member) -> None:
    said = words(page(logged_in(insider)))
    assert ("Proceed to pay" in said) is insider.may_buy
    assert ("Odile Owner" in said and "Send the request" in said) is not insider.may_buy


def test_a_page_that_only_reads_takes_no_other_method(cast: Cast, logged_in: LogIn) -> None:
    assert logged_in(cast.owner).post(PLANS).status_code == 405


@pytest.mark.parametrize(
    ("language", "heading", "thing"),
    [
        ("en", "Before Team can begin", "You use 40 custom fields; Team allows 15: remove 25."),
        ("fr", "Avant de passer à Team", "Vous utilisez 40 champs personnalisés"),
    ],
)
def test_after_the_end_a_lower_plan_shows_what_has_to_go_first(
    cast: Cast,
    logged_in: LogIn,
    sandbox: SandboxProcess,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    heading: str,
    thing: str,
) -> None:
    world.without_billing_admin(cast)
    bought(sandbox, cast.owner, "business", "month", 5)
    entitlements.note(cast.account, "custom_fields", 40, now=NOON)
    ended(cast, now=NOON + timedelta(days=31))
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=31))
    client = logged_in(cast.owner, language)
    choice: dict[str, str | int] = {"plan": "team", "interval": "month", "seats": 5}
    html = page(client, **choice)
    assert heading in words(html)
    assert thing in words(html)
    assert 'href="/settings/billing/usage/"' in html
    assert "data-proceed hidden" in html
    rows = table_of(html)["rows"]
    assert rows["team:month"]["net"] == [], "the page asks the server"  # type: ignore[index]
    assert rows["business:month"]["net"]  # type: ignore[index]
    assert heading in words(client.get("/settings/billing/preview/", choice).content.decode())
    refused = client.post("/settings/billing/quotes/", choice)
    assert refused.status_code == 422
    assert heading in words(refused.content.decode())
    assert "data-proceed hidden" not in page(client, plan="business", interval="month", seats=5)
