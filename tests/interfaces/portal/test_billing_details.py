"""``/settings/billing/details/``: who is invoiced, from the next invoice on."""

import pytest

from palier.apps.accounts.models import BillingProfile
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.portal.paying import WRONG_DETAILS, same_text, saved_details
from tests.interfaces.scenes import Scene
from tests.world import DETAILS, GERMAN, Cast

PATH = "/settings/billing/details/"
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


@LANGUAGES
def test_a_new_account_finds_what_we_know_already(cast: Cast, client_of: ClientOf, language: str) -> None:
    page = Page(client_of(cast.owner, language=language).get(PATH))
    assert page.heading == {"en": "Billing details", "fr": "Coordonnées de facturation"}[language]
    assert (page.value("name"), page.value("country"), page.value("kind")) == ("Cabinet Lumière", "FR", "company")
    assert page.value("email") == "owner@lumiere.example"
    assert not BillingProfile.objects.exists()


@LANGUAGES
def test_what_is_saved_is_said_and_stands_there_afterwards(cast: Cast, client_of: ClientOf, language: str) -> None:
    client = client_of(cast.billing_admin, language=language)
    page = Page(client.post(PATH, GERMAN, follow=True))
    assert page.says(
        {"en": "Your billing details are saved", "fr": "Vos coordonnées de facturation sont enregistrées"}[language]
    )
    assert saved_details() == GERMAN
    assert (page.value("vat_number"), page.value("country")) == ("DE136695976", "DE")


@LANGUAGES
@pytest.mark.parametrize(
    ("field", "typed", "english", "french"),
    WRONG_DETAILS,
    ids=[f"{field}-{words}" for field, _typed, words, _french in WRONG_DETAILS],
)
def test_a_wrong_detail_is_said_at_its_field_and_nothing_is_saved(
    scene: Scene, client_of: ClientOf, field: str, typed: str, english: str, french: str, language: str
) -> None:
    form = {**DETAILS, "city": "Lyon", field: typed}
    page = Page(client_of(scene.cast.owner, language=language).post(PATH, form))
    assert page.status == 422
    error = page.words_of("id_kind_error") if field == "kind" else page.error_at(field)
    assert error
    assert {"en": english, "fr": french}[language] in error
    assert error.removeprefix(": ") in page.words_of("problem-summary")
    assert same_text(page.value("city"), "Lyon")
    assert saved_details() == DETAILS


def test_every_wrong_field_is_said_at_once(scene: Scene, client_of: ClientOf) -> None:
    wrong = {**DETAILS, "name": "", "address": "", "email": "nobody", "vat_number": "FR1"}
    page = Page(client_of(scene.cast.owner).post(PATH, wrong))
    assert all(page.error_at(name) for name in ("name", "address", "email", "vat_number"))
    assert page.value("email") == "nobody"


@pytest.mark.parametrize(("who", "status"), [("admin", 403), ("member", 403)])
def test_who_may_not_buy_saves_nothing(scene: Scene, client_of: ClientOf, who: str, status: int) -> None:
    assert client_of(getattr(scene.cast, who)).post(PATH, GERMAN).status_code == status
    assert saved_details() == DETAILS


def test_a_stranger_saves_their_own(scene: Scene, client_of: ClientOf) -> None:
    client_of(scene.cast.stranger).post(PATH, GERMAN | {"account": scene.cast.account.public_id})
    assert BillingProfile.objects.get(account=scene.cast.account).country == "FR"
    assert BillingProfile.objects.get(account=scene.cast.stranger.account).country == "DE"
