"""``/checkout/quo_…/``: the promise, the card, the details, the terms and Pay, on one page."""

import re

import pytest
from django.test import Client

from palier.apps.accounts.models import BillingProfile
from palier.apps.catalogue import current
from palier.apps.events.models import Event
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.flows.order_refusals import (
    CardMissing,
    NoSavedCard,
    PaymentInProgress,
    SubscriptionMoved,
    TermsChanged,
    TermsNotAccepted,
)
from palier.kit import clock
from palier.kit.refusals import Refusal
from tests import world
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.portal.paying import (
    LANGUAGES,
    SHOWN,
    WRONG_DETAILS,
    nothing_happened,
    path_of,
    plain_words,
    same_text,
    saved_details,
    sent,
)
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import DETAILS, GERMAN, GOOD, NEEDS_3DS, PASSWORD, Cast


@LANGUAGES
def test_the_page_says_what_is_bought_and_what_it_costs(cast: Cast, client_of: ClientOf, language: str) -> None:
    quote = scenes.quoted(cast.owner, "business", "year", 8)
    for buyer in (cast.owner, cast.billing_admin):
        page = Page(client_of(buyer, language=language).get(path_of(quote)))
        assert page.status == 200
        for words in {
            "en": (
                "Business, annual, 8 users",
                "Review your order",
                "VAT 20%",
                "Due today",
                "Next renewal",
                "Why this amount?",
                "I accept the terms of service",
                "Price held until",
            ),
            "fr": (
                "Business, annuel, 8 utilisateurs",
                "Vérifier votre commande",
                "TVA 20 %",
                "À payer aujourd'hui",
                "Prochain renouvellement",
                "Pourquoi ce montant ?",
                "J'accepte les conditions de service",
            ),
        }[language]:
            assert page.says(words), words
        assert {"en": "Pay €15,552.00", "fr": "Payer 15 552,00 €"}[language] in page.buttons


def test_the_card_is_typed_in_the_payment_services_own_origin(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    page = Page(client_of(cast.owner).get(path_of(scenes.quoted(cast.owner))))
    (frame,) = page.tree.iter("iframe")
    assert frame.get("src", "").startswith(sandbox.url)
    names = {name for name in page.form("checkout-form") if name not in DETAILS}
    assert names == {"csrfmiddlewaretoken", "card", "terms_version", "terms_sha256"}, "no field for a card number"


@LANGUAGES
def test_the_fields_have_their_names(cast: Cast, client_of: ClientOf, language: str) -> None:
    page = Page(client_of(cast.owner, language=language).get(path_of(scenes.quoted(cast.owner))))
    labels = {label.get("for"): "".join(label.itertext()).strip() for label in page.tree.iter("label")}
    wanted = {
        "en": ("Company name", "Address", "Postcode", "City", "Country", "VAT number", "Billing e-mail"),
        "fr": (
            "Raison sociale",
            "Adresse",
            "Code postal",
            "Ville",
            "Pays",
            "Numéro de TVA",
            "E-mail de facturation",
        ),
    }[language]
    for name, label in zip(
        ("name", "address", "postcode", "city", "country", "vat_number", "email"), wanted, strict=True
    ):
        assert labels[f"id_{name}"].startswith(label)
    assert {name: page.value(name) for name in SHOWN} == {name: DETAILS[name] for name in SHOWN}, "what is saved"


def test_pay_makes_one_order_and_leads_to_its_page(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    quote = scenes.quoted(cast.owner)
    world.type_card(sandbox, quote)
    client = client_of(cast.owner)
    answers = [client.post(path_of(quote), sent(), headers={"User-Agent": "A browser"}) for _press in range(3)]
    order = Order.objects.get()
    assert {answer.headers["Location"] for answer in answers} == {f"/orders/{order.public_id}/"}
    assert Payment.objects.get().amount_minor == quote.total_minor == 65400
    assert (order.member, order.browser, order.address) == (cast.owner, "A browser", "127.0.0.1")
    assert order.button_text == "Pay €654.00"
    assert (order.terms_version, order.terms_sha256) == (current().terms.version, current().terms.sha256("en"))
    assert client.get(path_of(quote)).headers["Location"] == f"/orders/{order.public_id}/", "back button"


def test_two_tabs_lead_to_one_order(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    first, second = (scenes.quoted(cast.owner, plan) for plan in ("team", "business"))
    world.type_card(sandbox, first)
    client = client_of(cast.owner)
    paid = client.post(path_of(first), sent()).headers["Location"]
    world.type_card(sandbox, second)
    page = Page(client.post(path_of(second), sent()))
    assert page.status == 422
    assert page.says(PaymentInProgress().text("en"))
    assert paid in page.links
    assert Order.objects.get().quote == first
    world.collected(first.order, now=clock.now())
    moved = Page(client.post(path_of(second), sent(), follow=True))
    assert moved.says(SubscriptionMoved().text("en"))
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)


def test_the_billing_admin_may_pay_what_the_owner_chose(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    quote = scenes.quoted(cast.owner)
    world.type_card(sandbox, quote)
    client = client_of(cast.billing_admin)
    page = Page(client.post(path_of(quote), sent()))
    assert page.words_of("card_error") == plain_words(CardMissing().text("en")), "the owner's card is not theirs"
    sandbox.type_card(page.one("iframe", id="card-frame").get("src", ""), GOOD)
    client.post(path_of(quote), sent())
    assert Order.objects.get().member == cast.billing_admin


@pytest.mark.parametrize("who", ["admin", "member"])
def test_who_may_not_buy_pays_nothing(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, who: str) -> None:
    quote = scenes.quoted(cast.owner)
    world.type_card(sandbox, quote)
    page = Page(client_of(getattr(cast, who)).post(path_of(quote), sent(po_number="mine")))
    assert page.status == 403
    assert page.says("Odile Owner")
    assert nothing_happened()


def test_a_stranger_pays_nothing_of_others(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    quote = scenes.quoted(cast.owner)
    assert client_of(cast.stranger).post(path_of(quote), sent()).status_code == 404
    assert nothing_happened()


def test_prices_in_the_form_are_not_believed(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    quote = scenes.quoted(cast.owner)
    world.type_card(sandbox, quote)
    tampered = {
        "total_minor": "1",
        "currency": "JPY",
        "amount": "0.01",
        "seats": "500",
        "plan": "enterprise",
        "quote": "quo_0000000000001",
        "account": cast.stranger.account.public_id,
        "digest": "0" * 64,
        "expires_at": "2099-01-01",
    }
    client_of(cast.owner).post(path_of(quote), sent(**tampered))
    payment = Payment.objects.get()
    assert (payment.amount_minor, payment.currency, payment.account_id) == (65400, "EUR", cast.account.id)
    assert world.order_of(payment).quote == quote


@LANGUAGES
@pytest.mark.parametrize(
    ("typed", "refusal", "field"),
    [
        ({"terms": ""}, TermsNotAccepted, "terms"),
        ({"terms_sha256": "0" * 64}, TermsChanged, "terms"),
        ({"terms_version": "1999-01-01"}, TermsChanged, "terms"),
        ({}, CardMissing, "card"),
        ({"card": "saved"}, NoSavedCard, "card"),
        ({"card": "pm_0000000000001"}, CardMissing, "card"),
    ],
)
def test_what_is_missing_is_said_at_its_place(
    cast_of_its_own: Cast,
    sandbox: SandboxProcess,
    client_of: ClientOf,
    typed: dict[str, str],
    refusal: type[Refusal],
    field: str,
    language: str,
) -> None:
    owner = cast_of_its_own.owner
    quote = scenes.quoted(owner)
    page = Page(client_of(owner, language=language).post(path_of(quote), sent(language, **typed)))
    assert page.status == 422
    words = refusal().text(language)
    assert page.words_of("problem-summary").endswith(plain_words(words))
    assert page.words_of(f"{field}_error") == plain_words(words)
    if field == "terms":
        assert page.error_at("terms") == plain_words(words)
    assert nothing_happened()


@LANGUAGES
@pytest.mark.parametrize(
    ("field", "typed", "english", "french"),
    WRONG_DETAILS,
    ids=[f"{field}-{words}" for field, _t, words, _f in WRONG_DETAILS],
)
def test_a_wrong_detail_is_said_at_its_field_and_nothing_typed_is_lost(
    cast: Cast, client_of: ClientOf, field: str, typed: str, english: str, french: str, language: str
) -> None:
    quote = scenes.quoted(cast.owner)
    form = sent(language, **{"po_number": "Typed just now", field: typed})
    for action in ("pay", "update"):
        page = Page(client_of(cast.owner, language=language).post(path_of(quote), form | {"action": action}))
        assert page.status == 422
        error = page.words_of("id_kind_error") if field == "kind" else page.error_at(field)
        assert error
        assert {"en": english, "fr": french}[language] in error
        for name in SHOWN - {"country", "kind"}:
            assert same_text(page.value(name), form[name]), name
        assert page.values("terms") == ["accepted"]
        assert nothing_happened()


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><b onclick="x()">', "שלום בע״מ", "{{ 7|add:7 }} & Söhne %s", "🧾 Ltd"]
)
def test_a_strange_name_is_only_text(cast: Cast, client_of: ClientOf, name: str) -> None:
    quote = scenes.quoted(cast.owner)
    answer = client_of(cast.owner).post(path_of(quote), sent(name=name, action="update"), follow=True)
    page = Page(answer)
    assert BillingProfile.objects.get().name == name
    assert page.value("name") == name
    assert page.says(name)
    assert not [element for element in page.elements if element.get("onclick")]
    assert "alert(1)" not in [script.text for script in page.tree.iter("script")]


def test_the_card_on_file_is_offered_first(scene: Scene, client_of: ClientOf) -> None:
    page = Page(client_of(scene.cast.owner).get(path_of(scene.quote)))
    assert page.value("card") == "saved"
    assert page.says("Visa ending in 4242")
    client_of(scene.cast.owner).post(path_of(scene.quote), sent(card="saved"))
    assert world.collected(scene.quote.order, now=clock.now()).state == "succeeded"


def test_a_waiting_payment_leads_to_its_order(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    answer = client_of(cast.owner).get(path_of(order.quote))
    assert answer.headers["Location"] == f"/orders/{order.public_id}/"


def test_a_session_that_ended_comes_back_to_the_same_checkout(cast: Cast, sandbox: SandboxProcess) -> None:
    quote = scenes.quoted(cast.owner)
    client = Client()
    page = f"http://testserver{path_of(quote)}"
    sent_away = client.post(path_of(quote), sent(), headers={"Referer": page}, follow=True)
    form = {"login": "owner@lumiere.example", "password": PASSWORD, "next": Page(sent_away).values("next")[-1]}
    back = client.post("/accounts/login/", form, follow=True)
    assert back.redirect_chain[-1][0] == path_of(quote)
    assert Page(back).says("Team, monthly, 5 users")
    assert nothing_happened()


def test_a_reason_in_the_address_is_ours_or_nothing(cast: Cast, client_of: ClientOf) -> None:
    quote = scenes.quoted(cast.owner)
    page = Page(client_of(cast.owner).get(f"{path_of(quote)}?because=You+owe+us+money&saved=%3Cb%3E"))
    assert not page.says("You owe us money")
    assert page.words_of("because") == ""


def test_a_field_that_decides_the_tax_is_answered_with_the_parts_that_follow(cast: Cast, client_of: ClientOf) -> None:
    quote = scenes.quoted(cast.owner)
    htmx = {"HX-Request": "true", "HX-Trigger-Name": "vat_number"}
    answer = client_of(cast.owner).post(path_of(quote), sent(**GERMAN, action="follow"), headers=htmx)
    fragment = Page(answer)
    assert "<html" not in fragment.html
    assert re.match(r"/checkout/quo_\w{13}/$", answer.headers["HX-Replace-Url"])
    assert "Pay €545.00" in fragment.buttons
    wrong = client_of(cast.owner).post(path_of(quote), sent(vat_number="FR1", action="follow"), headers=htmx)
    assert Page(wrong).says("This is not a VAT number")
    assert saved_details() == GERMAN, "what is wrong was not kept"
    assert not Order.objects.exists()


def test_looking_writes_nothing(cast: Cast, client_of: ClientOf) -> None:
    quote = scenes.quoted(cast.owner)
    facts = Event.objects.count()
    for _look in range(3):
        client_of(cast.owner).get(path_of(quote))
    assert (Quote.objects.count(), Event.objects.count()) == (1, facts)
