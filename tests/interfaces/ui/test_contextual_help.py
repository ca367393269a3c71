"""Help where it hurts: each screen, refusal and declined payment leads to the article that explains it."""

from xml.etree.ElementTree import Element

import pytest
from django.urls import reverse

from palier.apps.help import library
from palier.apps.help.library import Article
from palier.apps.orders.models import Order
from palier.interfaces.ui.templatetags import ui
from tests import world
from tests.interfaces import scenes
from tests.interfaces.addresses import ADDRESSES, OF_AN_ACCOUNT, Address
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, NEEDS_3DS, Cast

LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])
WHY = {"en": "Why?", "fr": "Pourquoi\u202f?"}
HELP = {"en": "Help", "fr": "Aide"}
COLON = {"en": ":", "fr": " :"}
NO_SCREEN = {"home", "explanation", "preview", "quote-create", "clock", "clock-progress"}
"""The host's own page, answers that are no page, and the clock, which only some accounts have."""

SCREENS = [
    address
    for address in ADDRESSES
    if (address.to in OF_AN_ACCOUNT or address.name == "invitation")
    and "GET" in address.methods
    and address.name not in NO_SCREEN
    and not address.name.startswith("chat")
    and not address.name.endswith(("-pdf", "-status", "-return"))
]
TYPED = {
    "account-close",
    "billing-add-ons",
    "billing-cancel",
    "billing-details",
    "billing-seats",
    "checkout",
    "invitation",
    "members",
    "payment-method",
    "seat-request",
}
"""Screens on which something is typed: their help opens in a tab of its own."""
LOST = "4000 0000 0000 9987"


def article_about(code: str, language: str) -> Article:
    """The article that answers a code; there is one."""
    found = library.for_code(code, language)
    assert found is not None, f"no article in {language} answers {code}"
    return found


def inside(element: Element) -> list[str]:
    """Where the links in an element lead."""
    return [link.get("href", "") for link in element.iter("a")]


@LANGUAGES
def test_help_stands_in_the_frame_for_everybody(scene: Scene, client_of: ClientOf, language: str) -> None:
    for member in (scene.cast.owner, None):
        page = Page(client_of(member, language=language).get("/terms/2026-11-01/" if member else "/accounts/login/"))
        (entry,) = [link for link in page.one("header", class_="masthead").iter("a") if link.get("href") == "/help/"]
        assert entry.text == HELP[language]


@LANGUAGES
@pytest.mark.parametrize("address", SCREENS, ids=lambda address: address.name)
def test_every_screen_of_billing_and_people_leads_to_its_article(
    scene: Scene, client_of: ClientOf, address: Address, language: str
) -> None:
    cast = scene.cast
    path = address.path(scene)
    if address.name == "ownership":  # it passes to an admin
        path = address.path_of(cast.admin.public_id)
    page = Page(client_of(cast.owner, language=language).get(path))
    assert page.status == 200
    article = library.for_screen(address.name, language)
    assert article is not None, f"no article in {language} explains {address.name}"
    if address.name == "plans":  # who is on a plan already reads how to change it
        article = article_about("quote.nothing_changes", language)
    links = [link for entry in page.all("p", class_="screen-help") for link in entry.iter("a")]
    (beside_the_title,) = [link for link in links if link.get("href") == article.path]
    said = plain("".join(beside_the_title.itertext()))
    apart = {"en": " (opens in a new tab)", "fr": " (s'ouvre dans un nouvel onglet)"}[language]
    assert said.removesuffix(apart) == plain(f"{HELP[language]}{COLON[language]} {article.title}")
    assert said.endswith(apart) == (beside_the_title.get("target") == "_blank")
    assert (beside_the_title.get("target") == "_blank") == (address.name in TYPED), "what is typed is never lost"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_article_is_where_its_path_says(language: str) -> None:
    for article in library.articles(language):
        assert reverse("help-article", args=[article.language, article.slug]) == article.path


@LANGUAGES
def test_a_refused_field_says_why(scene: Scene, client_of: ClientOf, language: str) -> None:
    owner = client_of(scene.cast.owner, language=language)
    page = Page(owner.post("/settings/billing/quotes/", {"plan": "team", "interval": "month", "seats": "some"}))
    code = "quote.seats_not_a_number"
    (error,) = [element for element in page.elements if element.get("id") == "seats_error"]
    (link,) = error.iter("a")
    assert (link.get("href"), link.text) == (article_about(code, language).path, f"{WHY[language]} ")
    assert (link.get("target"), link.get("rel")) == ("_blank", "noopener"), "what was typed stays where it is"
    assert code in page.codes


@LANGUAGES
def test_the_objection_of_the_plans_page_says_why_and_its_script_knows_it(
    scene: Scene, client_of: ClientOf, language: str
) -> None:
    owner = client_of(scene.cast.owner, language=language)
    page = Page(owner.get("/settings/billing/plans/"))
    article = article_about("quote.nothing_changes", language)
    assert page.codes == ["quote.nothing_changes"]
    (alert,) = [element for element in page.elements if element.get("data-objection") is not None]
    assert inside(alert) == [article.path]
    assert f'"code": "quote.nothing_changes", "article": "{article.path}"' in page.html


@LANGUAGES
def test_a_refusal_that_is_a_page_leads_to_its_article(scene: Scene, client_of: ClientOf, language: str) -> None:
    member = client_of(scene.cast.member, language=language)
    for path, status, code in (
        ("/settings/billing/payment-method/", 403, "order.not_a_buyer"),
        ("/invitations/unknown/", 409, "invitation.gone"),
    ):
        told = Page(member.get(path))
        assert (told.status, told.codes) == (status, [code])
        assert article_about(code, language).path in told.links


@LANGUAGES
def test_a_declined_card_and_a_refused_confirmation_lead_to_their_article(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    owner = client_of(cast.owner, language=language)
    for number, code in ((DECLINED, "declined"), (LOST, "declined"), (NEEDS_3DS, "authentication_refused")):
        order = scenes.answered(sandbox, scenes.quoted(cast.owner), number)
        if number == NEEDS_3DS:
            _refuse_at_the_bank(sandbox, order)
        page = Page(owner.get(f"/checkout/{order.quote.public_id}/"))
        assert page.codes == [code], "a lost card is told as a general decline, also to whoever reads the markup"
        assert inside(page.one("div", id="decline")) == [article_about(code, language).path]
        assert page.one("main").get("data-order") == order.public_id
        Order.objects.filter(pk=order.pk).update(state="closed", ended_at=order.placed_at)


def _refuse_at_the_bank(sandbox: SandboxProcess, order: Order) -> None:
    payment = order.payments.get()
    sandbox.answer_bank(payment.action_url, "refuse")
    world.collected(order)


def test_pages_say_what_they_show(scene: Scene, client_of: ClientOf) -> None:
    owner, quote, order = client_of(scene.cast.owner), scene.quote, scene.order
    shown = {
        f"/checkout/{quote.public_id}/": {"data-quote": quote.public_id},
        f"/orders/{order.public_id}/": {
            "data-order": order.public_id,
            "data-quote": order.quote.public_id,
            "data-invoice": scene.invoice.public_id,
        },
        f"/settings/billing/invoices/{scene.invoice.public_id}/": {"data-invoice": scene.invoice.public_id},
        "/settings/billing/": {},
    }
    for path, expected in shown.items():
        page = Page(owner.get(path))
        main = page.one("main")
        assert {name: value for name, value in main.attrib.items() if name.startswith("data-")} == expected
    lines = [element.get("data-line") for element in Page(owner.get(next(iter(shown)))).all("details")]
    assert [line for line in lines if line] == ["1", "2"], "the positions of the quote's lines"


def test_a_code_without_an_article_has_no_link() -> None:
    assert ui.why("nothing.knows_this") == ""
    assert ui.help_about("nothing.knows_this") == ""
    assert ui.said("As it is & stays") == "As it is &amp; stays"
