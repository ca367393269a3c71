"""POST ``/settings/members/seats/ask/``: a member asks for a seat."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.notices.models import Mail
from palier.apps.orders.models import SeatRequest
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import Cast, bought

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


ASK = "/settings/members/seats/ask/"
TYPED = {"wished": "new@lumiere.example", "note": "She begins on Monday."}


@pytest.mark.parametrize(("who", "language"), [("admin", "en"), ("member", "fr")])
def test_the_request_reaches_those_who_may_buy(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, who: str, language: str
) -> None:
    bought(sandbox, cast.owner, seats=4)
    client = logged_in(getattr(cast, who), language)
    assert {"en": "Ask for a seat", "fr": "Demander une place"}[language] in client.get(
        "/settings/members/"
    ).content.decode()
    said = words(client.post(ASK, TYPED, follow=True).content.decode())
    sent = {"en": "Your request is on its way to", "fr": "Votre demande est en route vers"}[language]
    assert f"{sent} Odile Owner, Billing Admin Person." in said
    assert {"en": "waits for an answer", "fr": "en attente de réponse"}[language] in said
    asked = SeatRequest.objects.get()
    letters = Mail.objects.filter(kind="seat_request")
    assert {letter.recipient for letter in letters} == {"owner@lumiere.example", "billing_admin@lumiere.example"}
    assert f"/settings/members/requests/{asked.public_id}/" in letters[0].text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"wished": "w" * 300, "note": ""}, "The name or address is longer than 254 characters."),
        ({"wished": "", "note": "please " * 100}, "The note is longer than 500 characters."),
    ],
)
def test_what_was_typed_stays_where_it_is_refused(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, typed: dict[str, str], sentence: str
) -> None:
    bought(sandbox, cast.owner, seats=4)
    answer = logged_in(cast.member).post(ASK, typed)
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert (typed["wished"] or "please please") in answer.content.decode()
    assert not SeatRequest.objects.exists()


@pytest.mark.parametrize(
    ("who", "sentence"), [("owner", "You can add users yourself"), ("member", "Your account counts no seats")]
)
def test_where_there_is_nothing_to_ask(cast: Cast, logged_in: LogIn, who: str, sentence: str) -> None:
    answer = logged_in(getattr(cast, who)).post(ASK, TYPED)
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())


def test_a_second_request_waits_for_the_first(cast: Cast, logged_in: LogIn, sandbox: SandboxProcess) -> None:
    bought(sandbox, cast.owner, seats=4)
    client = logged_in(cast.member, "fr")
    client.post(ASK, TYPED)
    answer = client.post(ASK, TYPED)
    assert "Votre demande précédente attend une réponse." in words(answer.content.decode())
    assert SeatRequest.objects.count() == 1
