"""GET /settings/billing/preview/: the order of a choice outside the page's table; binds nobody, writes nothing."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.events.models import Event
from palier.apps.orders.models import Quote
from tests.interfaces.portal.reading import words
from tests.world import Cast

PREVIEW = "/settings/billing/preview/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


def test_only_the_order_comes_back(cast: Cast, logged_in: LogIn) -> None:
    before = Event.objects.count()
    answer = logged_in(cast.owner).get(PREVIEW, {"plan": "enterprise", "interval": "year", "seats": "1000"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in html
    assert "Enterprise, annual, 1,000 users" in words(html)
    assert "1,000 × €215.00 × 12 months €2,580,000.00 VAT 20% €516,000.00 Due today €3,096,000.00" in words(html)
    assert not Quote.objects.exists()
    assert Event.objects.count() == before


def test_a_refusal_is_an_answer(cast: Cast, logged_in: LogIn) -> None:
    answer = logged_in(cast.member).get(PREVIEW, {"plan": "team", "interval": "year", "seats": "1000"})
    assert answer.status_code == 200
    assert "This plan goes up to 250 users" in words(answer.content.decode())


def test_nobody_logged_in_learns_no_price(cast: Cast, client: Client) -> None:
    assert client.get(PREVIEW, {"plan": "team", "interval": "year", "seats": "5"}).status_code == 302
