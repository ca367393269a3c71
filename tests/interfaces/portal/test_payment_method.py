"""``/settings/billing/payment-method/``: the card on file, and another one in its place."""

from urllib.parse import parse_qs, urlsplit

import pytest

from palier.apps.events.models import Event
from palier.apps.payments.models import PaymentMethod
from palier.flows.order_refusals import CardMissing
from palier.kit import clock
from tests import unpaid
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

PAYMENT_METHOD = "/settings/billing/payment-method/"
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


@pytest.fixture
def cast(cast_of_its_own: Cast) -> Cast:
    return cast_of_its_own


@pytest.fixture
def scene(cast: Cast, sandbox: SandboxProcess) -> Scene:
    return scenes.paying(cast, sandbox)


def frame_of(page: Page) -> str:
    return page.one("iframe", id="card-frame").get("src", "")


@LANGUAGES
def test_without_a_card_the_page_says_what_will_be_here(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    page = Page(client_of(cast.owner, language=language).get(PAYMENT_METHOD))
    assert page.heading == {"en": "Payment method", "fr": "Moyen de paiement"}[language]
    assert {"en": "Keep this card", "fr": "Garder cette carte"}[language] in page.buttons
    assert frame_of(page).startswith(sandbox.url)


@LANGUAGES
def test_another_card_takes_its_place_once(scene: Scene, client_of: ClientOf, language: str) -> None:
    client = client_of(scene.cast.billing_admin, language=language)
    page = Page(client.get(PAYMENT_METHOD))
    assert page.says({"en": "Visa ending in 4242", "fr": "Visa se terminant par 4242"}[language])
    scene.sandbox.type_card(frame_of(page), "5555 5555 5555 4444")
    done = Page(client.post(PAYMENT_METHOD, follow=True))
    assert done.says(
        {"en": "Mastercard ending in 4444 now pays", "fr": "Mastercard se terminant par 4444 paie"}[language]
    )
    assert PaymentMethod.objects.get(is_default=True).last4 == "4444"
    assert frame_of(done) != frame_of(page), "the next card is typed under another reference"
    again = Page(client.post(PAYMENT_METHOD))
    assert again.status == 422, "a replayed form keeps no card twice"


@LANGUAGES
def test_a_card_that_is_missing_is_said_at_the_card(scene: Scene, client_of: ClientOf, language: str) -> None:
    facts = Event.objects.count()
    page = Page(client_of(scene.cast.owner, language=language).post(PAYMENT_METHOD))
    assert page.status == 422
    assert page.words_of("card_error") == plain(CardMissing().text(language))
    assert PaymentMethod.objects.get().last4 == "4242"
    assert Event.objects.count() == facts


@LANGUAGES
def test_an_open_invoice_is_shown_and_a_new_card_is_charged_for_it_at_once(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    client = client_of(cast.owner, language=language)
    page = Page(client.get(PAYMENT_METHOD))
    assert page.says(invoice.number)
    assert page.says({"en": "charged to the new card at once", "fr": "prélevé aussitôt sur la nouvelle"}[language])
    sandbox.type_card(frame_of(page), "5555 5555 5555 4444")
    done = Page(client.post(PAYMENT_METHOD, follow=True))
    assert done.says({"en": "What was open is being charged to it", "fr": "Ce qui restait dû est prélevé"}[language])
    assert done.says({"en": "The bank is thinking", "fr": "La banque réfléchit"}[language])
    unpaid.collected(now=clock.now())
    invoice.refresh_from_db()
    assert (invoice.state, invoice.paid_with) == ("paid", "Mastercard •••• 4444")


@LANGUAGES
def test_retry_now_charges_the_card_on_file(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    client = client_of(cast.owner, language=language)
    name = {"en": "Retry now", "fr": "Réessayer maintenant"}[language]
    page = Page(client.get(PAYMENT_METHOD))
    assert f"{name} {invoice.number}" in page.buttons
    (form,) = [form for form in page.tree.iter("form") if form.get("action", "").endswith("/pay/")]
    client.post(form.get("action", ""), {"card": "saved"})
    unpaid.collected(now=clock.now())
    invoice.refresh_from_db()
    assert invoice.state == "paid"


def test_a_token_in_the_form_is_not_believed(scene: Scene, client_of: ClientOf) -> None:
    forged = {"token": "tok_1", "reference": scene.cast.stranger.account.public_id + ".1", "last4": "0000"}
    assert client_of(scene.cast.owner).post(PAYMENT_METHOD, forged).status_code == 422
    assert PaymentMethod.objects.get().last4 == "4242"


@pytest.mark.parametrize("who", ["admin", "member"])
def test_who_may_not_buy_replaces_no_card(scene: Scene, client_of: ClientOf, who: str) -> None:
    scene.sandbox.type_card(frame_of(Page(client_of(scene.cast.owner).get(PAYMENT_METHOD))), "5555 5555 5555 4444")
    assert client_of(getattr(scene.cast, who)).post(PAYMENT_METHOD).status_code == 403
    assert PaymentMethod.objects.get().last4 == "4242"


def test_a_stranger_has_a_frame_of_their_own(scene: Scene, client_of: ClientOf) -> None:
    own, other = (Page(client_of(who).get(PAYMENT_METHOD)) for who in (scene.cast.owner, scene.cast.stranger))
    references = {parse_qs(urlsplit(frame_of(page)).query)["reference"][0] for page in (own, other)}
    assert len(references) == 2
    assert not other.says("4242")


def test_what_is_open_is_charged_from_where_the_card_is_typed(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    unpaid.typed_on_file(sandbox, cast.owner, "5555 5555 5555 4444")
    client_of(cast.owner).post(PAYMENT_METHOD, REMOTE_ADDR="81.2.69.142")
    unpaid.collected(now=clock.now())
    assert list(invoice.payments.filter(address="81.2.69.142").values_list("state", flat=True)) == ["succeeded"]
