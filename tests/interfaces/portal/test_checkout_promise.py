"""``/checkout/quo_…/`` when the promise gives way: its time, its catalogue, its tax, its order, its card."""

from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.flows import quote as quoting
from palier.flows import schedule
from palier.flows.change import Choice
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
from tests.interfaces.portal.paying import LANGUAGES, expire, path_of, saved_details, sent
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, DETAILS, GERMAN, ROOT, Cast

MOVED = {"address": "7 rue du Bac", "city": "Lyon", "postcode": "69002"}


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


def test_the_card_and_the_tick_stay_on_the_promise_that_takes_its_place(scene: Scene, client_of: ClientOf) -> None:
    expire(scene.quote)
    client = client_of(scene.cast.owner)
    page = Page(client.post(path_of(scene.quote), sent(card="new"), follow=True))
    fresh = Quote.objects.get(state="open", account=scene.account)
    assert page.one("main").get("data-quote") == fresh.public_id
    assert (page.value("card"), page.values("terms")) == ("new", ["accepted"])
    other = scenes.quoted(scene.cast.owner, "business", "month", 9)
    page = Page(client.get(path_of(other)))
    assert (page.value("card"), page.values("terms")) == ("saved", []), "another order is chosen anew"
    page = Page(client_of(scene.cast.billing_admin).get(path_of(fresh)))
    assert page.values("terms") == [], "nobody accepts for somebody else"


def test_a_tick_stays_for_the_very_terms_that_it_was_put_at(scene: Scene, client_of: ClientOf) -> None:
    expire(scene.quote)
    in_french = sent("fr", card="new", action="update")
    page = Page(client_of(scene.cast.owner).post(path_of(scene.quote), in_french, follow=True))
    assert (page.value("card"), page.values("terms")) == ("new", []), "these are the terms in English"


def test_the_card_and_the_tick_stay_while_details_are_saved_and_go_with_the_order(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    quote = scenes.quoted(cast.owner)
    client = client_of(cast.owner)
    page = Page(client.post(path_of(quote), sent(action="update"), follow=True))
    assert page.values("terms") == ["accepted"]
    world.type_card(sandbox, quote, DECLINED)
    client.post(path_of(quote), sent())
    world.collected(quote.order, now=clock.now())
    page = Page(client.get(path_of(quote)))
    assert page.words_of("decline")
    assert page.values("terms") == [], "another card is another acceptance"


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


OUTGROWN = {"en": "You have paid for 7 users until", "fr": "Vous avez payé 7 utilisateurs jusqu'au"}


@LANGUAGES
def test_a_promise_that_the_account_has_outgrown_comes_back_to_its_choice(
    scene: Scene, client_of: ClientOf, language: str
) -> None:
    """The older of two checkouts that are open at once has fewer users than the newer one bought."""
    client = client_of(scene.cast.owner, language=language)
    scenes.bought(scene.sandbox, scene.cast.owner, 7)
    for answer in (client.get(path_of(scene.quote)), client.post(path_of(scene.quote), sent(language, **MOVED))):
        page = Page(answer)
        assert page.status == 409
        assert page.words_of("seats_error").startswith(OUTGROWN[language])
        assert (page.value("plan"), page.value("interval"), page.value("seats")) == ("business", "month", "5")
    assert saved_details() == {**DETAILS, **MOVED}, "what was typed is kept"
    assert Order.objects.count() == 2, "nothing was bought"


def test_it_is_told_as_well_while_details_are_typed(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    scenes.bought(scene.sandbox, scene.cast.owner, 7)
    htmx = {"HX-Request": "true", "HX-Trigger-Name": "city"}
    answer = client.post(path_of(scene.quote), sent(**MOVED, action="follow"), headers=htmx)
    assert answer.headers["HX-Redirect"] == path_of(scene.quote), "the whole page changes"
    assert saved_details() == {**DETAILS, **MOVED}


@LANGUAGES
def test_a_promise_of_fewer_add_ons_than_were_bought_comes_back_to_them(
    scene: Scene, client_of: ClientOf, language: str
) -> None:
    now, owner = clock.now(), scene.cast.owner
    two, five = (
        quoting.make(scene.account, owner, Choice("team", "month", 5, add_ons=(("records", units),)), now=now)
        for units in (2, 5)
    )
    scenes.answered(scene.sandbox, five)
    page = Page(client_of(owner, language=language).get(path_of(two)))
    assert (page.status, page.value("units-records")) == (409, "2")
    assert page.says(
        {"en": "What you have paid for runs until", "fr": "Ce que vous avez payé court jusqu'au"}[language]
    )


def test_what_cannot_be_bought_at_all_any_more_is_said_beside_its_choice(scene: Scene, client_of: ClientOf) -> None:
    schedule.cancel(scene.account, scene.cast.owner, now=clock.now())
    expire(scene.quote)
    page = Page(client_of(scene.cast.owner).get(path_of(scene.quote)))
    assert (page.status, page.heading) == (409, "Change your plan")
    assert "quote.cancellation_waits" in page.codes


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
