"""``/checkout/quo_…/`` when the promise gives way: its time, its catalogue, its tax, its order, its card."""

from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.flows.order_refusals import (
    OlderCatalogue,
    QuoteExpired,
    QuoteSuperseded,
    TaxChanged,
)
from palier.kit import clock
from tests import world
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.portal.paying import LANGUAGES, expire, path_of, sent
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, GERMAN, ROOT, Cast


def test_other_details_that_change_the_tax_show_the_new_sum_before_anything_is_paid(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    quote = scenes.quoted(cast.owner)
    world.type_card(sandbox, quote)
    client = client_of(cast.owner)
    page = Page(client.post(path_of(quote), sent(**GERMAN), follow=True))
    assert page.says(TaxChanged().text("en"))
    assert "Pay €545.00" in page.buttons
    assert page.says("VAT, reverse charge")
    fresh = Quote.objects.get(state="open")
    assert (Order.objects.count(), fresh.total_minor) == (0, 54500)
    client.post(path_of(fresh), sent(**GERMAN))
    assert Payment.objects.get().amount_minor == 54500, "the card typed before still counts"


@LANGUAGES
def test_an_expired_promise_gives_way_to_todays(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    quote = scenes.quoted(cast.owner)
    world.type_card(sandbox, quote)
    expire(quote)
    client = client_of(cast.owner, language=language)
    for answer in (client.get(path_of(quote), follow=True), client.post(path_of(quote), sent(language), follow=True)):
        fresh = Quote.objects.get(state="open")
        assert answer.redirect_chain[-1][0].startswith(path_of(fresh))
        assert Page(answer).says(QuoteExpired().text(language)) or Page(answer).says(QuoteSuperseded().text(language))
    assert Quote.objects.count() == 2, "an old link makes one new promise, however often it is opened"
    assert not Order.objects.exists()


@LANGUAGES
def test_a_promise_of_an_older_catalogue_shows_the_new_price_and_says_why(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    quote = scenes.quoted(cast.owner)
    world.type_card(sandbox, quote)
    world.publish((ROOT / "catalogue.toml").read_text().replace('"109.00"', '"119.00"'))
    client = client_of(cast.owner, language=language)
    page = Page(client.post(path_of(quote), sent(language), follow=True))
    assert page.says(OlderCatalogue().text(language))
    assert {"en": "Pay €714.00", "fr": "Payer 714,00 €"}[language] in page.buttons
    assert not Order.objects.exists()


def test_a_used_promise_leads_to_its_order(scene: Scene, client_of: ClientOf) -> None:
    path = path_of(scene.order.quote)
    for answer in (client_of(scene.cast.owner).get(path), client_of(scene.cast.owner).post(path, sent())):
        assert answer.headers["Location"] == f"/orders/{scene.order.public_id}/"
    assert Order.objects.count() == 1


def test_a_promise_that_the_account_has_outgrown_is_refused_in_words(scene: Scene, client_of: ClientOf) -> None:
    scenes.bought(scene.sandbox, scene.cast.owner, 7)
    answer = client_of(scene.cast.owner).get(path_of(scene.quote), follow=True)
    assert answer.status_code == 409
    assert Page(answer).says("You have paid for 7 users until")


@LANGUAGES
def test_a_declined_card_comes_back_with_the_reason_and_another_can_be_typed(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    quote = scenes.quoted(cast.owner)
    client = client_of(cast.owner, language=language)
    before = Page(client.get(path_of(quote))).one("iframe", id="card-frame").get("src")
    order = scenes.answered(sandbox, quote, DECLINED)
    page = Page(client.get(f"/orders/{order.public_id}/", follow=True))
    assert page.words_of("decline").startswith(
        {"en": "Your bank declined the payment. Nothing was taken.", "fr": "Votre banque a refusé le paiement. Rien"}[
            language
        ]
    )
    assert page.one("iframe", id="card-frame").get("src") != before
    assert page.value("po_number") == "PO-7"
    world.type_card(sandbox, quote)
    answer = client.post(path_of(quote), sent(language))
    assert answer.headers["Location"] == f"/orders/{order.public_id}/"
    assert world.collected(order, now=clock.now()).state == "succeeded"
