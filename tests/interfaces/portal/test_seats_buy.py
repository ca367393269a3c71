"""POST ``/settings/members/seats/buy/``: to the checkout of the seats that are missing."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.orders.models import Quote
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import Cast, bought

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


BUY = "/settings/members/seats/buy/"


@pytest.mark.parametrize("who", ["owner", "billing_admin"])
def test_one_press_leads_to_the_checkout_of_the_prepared_order(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, who: str
) -> None:
    bought(sandbox, cast.owner, seats=5)
    answer = logged_in(getattr(cast, who)).post(BUY, {"seats": "2"}, follow=True)
    promise = Quote.objects.latest("id")
    assert answer.redirect_chain == [(f"/checkout/{promise.public_id}/", 302)]
    assert (promise.seats, promise.plan, promise.interval) == (7, "team", "month")
    assert "€252.88" in words(answer.content.decode())


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.5", "two", "9999999", "٣", "300"])
def test_a_number_that_is_none_or_too_large_stays_on_the_page(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, typed: str
) -> None:
    bought(sandbox, cast.owner, seats=5)
    before = Quote.objects.count()
    answer = logged_in(cast.owner, "fr").post(BUY, {"seats": typed})
    assert answer.status_code == 422
    assert "Rien n’a changé" in words(answer.content.decode())
    assert Quote.objects.count() == before


def test_on_the_free_plan_there_is_nothing_to_add_to(cast: Cast, logged_in: LogIn) -> None:
    assert logged_in(cast.owner).post(BUY, {"seats": "1"}).status_code == 422
    assert not Quote.objects.exists()
