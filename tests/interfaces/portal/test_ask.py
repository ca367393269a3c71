"""POST /settings/billing/ask/: who may not buy sends the choice to those who may."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.notices.models import Mail
from palier.apps.orders.models import PurchaseRequest
from palier.flows import order, quote
from palier.flows.change import Choice
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought, collected, evidence

ASK = "/settings/billing/ask/"
TEAM = {"plan": "team", "interval": "year", "seats": "6", "note": "We hire two people in May."}
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["admin", "member"])
def test_the_request_reaches_every_buyer_and_opens_the_same_order(cast: Cast, logged_in: LogIn, who: str) -> None:
    client = logged_in(getattr(cast, who))
    answer = client.post(ASK, TEAM, follow=True)
    assert "Your request is on its way to Odile Owner, Billing Admin Person." in words(answer.content.decode())
    letters = Mail.objects.order_by("recipient")
    assert [letter.recipient for letter in letters] == ["billing_admin@lumiere.example", "owner@lumiere.example"]
    assert "/settings/billing/plans/?plan=team&interval=year&seats=6&other_seats=0" in letters[0].text
    assert "We hire two people in May." in letters[0].text


@pytest.mark.usefixtures("at_noon")
def test_monthly_and_annual_users_are_asked_for_together(cast: Cast, logged_in: LogIn, sandbox: SandboxProcess) -> None:
    bought(sandbox, cast.owner, seats=6)
    kept = quote.make(cast.account, cast.owner, Choice("team", "year", 2, 4), now=NOON)
    collected(order.place(kept, member=cast.owner, card="saved", evidence=evidence(), now=NOON))
    Mail.objects.all().delete()
    asked = {"plan": "business", "interval": "year", "seats": "3", "other_seats": "4"}
    logged_in(cast.member).post(ASK, asked)
    letter = Mail.objects.get(recipient="owner@lumiere.example")
    assert "Users: 7" in letter.text
    link = re.search(r"/settings/billing/plans/\?\S+", letter.text)
    assert link
    opened = logged_in(cast.owner).get(link[0])
    assert "Business, 4 monthly users, 3 annual users" in words(opened.content.decode())
    expected = quote.preview(cast.account, Choice("business", "year", 3, 4), now=NOON)
    assert opened.context["due"].draft.total_minor == expected.total_minor


def test_a_second_request_within_the_hour_is_refused(cast: Cast, logged_in: LogIn) -> None:
    client = logged_in(cast.member)
    client.post(ASK, TEAM)
    again = client.post(ASK, TEAM)
    assert again.status_code == 422
    assert "Your request was sent less than an hour ago" in words(again.content.decode())
    assert PurchaseRequest.objects.count() == 1


def test_what_was_typed_stays_where_it_is_refused(cast: Cast, logged_in: LogIn) -> None:
    answer = logged_in(cast.member).post(ASK, TEAM | {"note": "please " * 100, "seats": "6"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "The note is longer than 500 characters" in words(html)
    assert "please please" in html
    assert not Mail.objects.exists()


def test_nobody_logged_in_sends_nothing(cast: Cast, client: Client) -> None:
    assert client.post(ASK, TEAM).status_code == 302
    assert not PurchaseRequest.objects.exists()
