"""POST /settings/billing/quotes/: Proceed to pay keeps a price as a promise, or says at the field why not."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from palier.apps.orders.models import Quote
from tests.interfaces.portal.reading import words
from tests.world import Cast

QUOTES = "/settings/billing/quotes/"
TEAM = {"plan": "team", "interval": "month", "seats": "5"}
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


def test_a_choice_becomes_a_promise_and_leads_to_its_checkout(cast: Cast, logged_in: LogIn) -> None:
    answer = logged_in(cast.owner).post(QUOTES, TEAM)
    kept = Quote.objects.get()
    assert answer.status_code in (302, 303)
    assert answer["Location"] == f"/checkout/{kept.public_id}/"
    assert (kept.plan, kept.interval, kept.seats, kept.total_minor, kept.currency) == ("team", "month", 5, 65400, "EUR")


def test_only_buyers_make_promises(cast: Cast, logged_in: LogIn, insider: Member) -> None:
    answer = logged_in(insider).post(QUOTES, TEAM)
    assert (Quote.objects.count() == 1) is insider.may_buy
    if not insider.may_buy:
        assert answer.status_code == 403
        assert "Odile Owner" in words(answer.content.decode())


def test_a_stranger_buys_for_their_own_account_only(cast: Cast, logged_in: LogIn) -> None:
    logged_in(cast.stranger).post(QUOTES, TEAM | {"account": cast.account.public_id})
    assert Quote.objects.get().account_id == cast.stranger.account_id


@pytest.mark.parametrize(
    ("tampered", "sentence"),
    [
        ({"seats": "0"}, "This plan starts at 1 user"),
        ({"seats": "-1"}, "This plan starts at 1 user"),
        ({"seats": "1.5"}, "must be a whole number"),
        ({"seats": "1000000000"}, "This plan goes up to 250 users"),
        ({"seats": "9" * 5000}, "must be a whole number"),
        ({"seats": ""}, "must be a whole number"),
        ({"seats": "2"}, "4 people are active"),
        ({"plan": "free"}, "This plan does not exist"),
        ({"plan": "gold\0"}, "This plan does not exist"),
        ({"plan": ""}, "This plan does not exist"),
        ({"interval": "week"}, "Billing is monthly or annual"),
    ],
)
def test_what_is_refused_stays_on_the_page_and_nothing_is_kept(
    cast: Cast, logged_in: LogIn, tampered: dict[str, str], sentence: str
) -> None:
    answer = logged_in(cast.owner).post(QUOTES, TEAM | tampered)
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert not Quote.objects.exists()


def test_what_was_typed_is_still_there(cast: Cast, logged_in: LogIn) -> None:
    html = logged_in(cast.owner).post(QUOTES, TEAM | {"seats": "3 or 4"}).content.decode()
    assert 'value="3 or 4"' in html
    assert 'aria-invalid="true"' in html
    assert '<input type="hidden" name="plan" value="team">' in html


def test_prices_in_the_form_are_not_believed(cast: Cast, logged_in: LogIn) -> None:
    logged_in(cast.owner).post(QUOTES, TEAM | {"currency": "USD", "monthly_minor": "1", "total_minor": "1"})
    assert (Quote.objects.get().currency, Quote.objects.get().total_minor) == ("EUR", 65400)


def test_an_expired_session_comes_back_to_the_same_choice(cast: Cast, client: Client) -> None:
    page = "http://testserver/settings/billing/plans/?plan=team&interval=month&seats=5"
    answer = client.post(QUOTES, TEAM, headers={"Referer": page})
    assert answer["Location"].startswith("/accounts/login/?next=/settings/billing/plans/%3Fplan%3Dteam")
    assert not Quote.objects.exists()


def test_the_address_alone_leads_to_the_plans(cast: Cast, logged_in: LogIn) -> None:
    assert logged_in(cast.owner).get(QUOTES, TEAM)["Location"].startswith("/settings/billing/plans/?plan=team")
