"""The help centre in a browser: from a slip of the finger to the article, its parts and an answer to its question."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import ALL_RULES, COLOURS, violations
from tests.browser.conftest import Visit
from tests.browser.registrar import Registrar
from tests.browser.visitor import Visitor

WORDS = {
    "en": {
        "typed": "invioce",
        "found": "shown for “invoice”",
        "article": "Invoices, billing details and VAT",
        "parts": "In this article",
        "ask": "Did this answer your question?",
        "no": "No",
        "thanks": "Thank you: we will work on this article.",
        "looked": "What were you looking for?",
        "send": "Send",
        "kept": "Thank you: your words are with the team.",
        "other": "Français",
    },
    "fr": {
        "typed": "factrue",
        "found": "résultats pour « facture »",
        "article": "Factures, coordonnées de facturation et TVA",
        "parts": "Dans cet article",
        "ask": "Avez-vous trouvé la réponse à votre question ?",
        "no": "Non",
        "thanks": "Merci : nous allons retravailler cet article.",
        "looked": "Que cherchiez-vous ?",
        "send": "Envoyer",
        "kept": "Merci : l'équipe a bien reçu votre mot.",
        "other": "English",
    },
}


def sound(visitor: Visitor) -> None:
    """Nothing for axe to find, in the light and in the dark, and nothing wider than the screen."""
    page = visitor.page
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert violations(page, ALL_RULES) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page, COLOURS) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)])
def test_a_question_finds_its_article_and_the_article_asks_back(
    visit: Visit, registrar: Registrar, language: str, phone: bool
) -> None:
    words = WORDS[language]
    visitor = visit(None, language=language, phone=phone)
    page = visitor.page
    visitor.go("/help/")
    sound(visitor)
    page.get_by_role("searchbox").press_sequentially(words["typed"])
    expect(page.locator("#found")).to_contain_text(re.compile(words["found"].replace(" ", r"\s")))
    sound(visitor)
    page.locator("#found").get_by_role("link", name=words["article"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words["article"])
    sound(visitor)
    if phone:
        page.get_by_text(words["parts"]).locator("visible=true").click()
    part = page.locator(".parts-list a:visible").nth(1)
    part.click()
    expect(page).to_have_url(re.compile(rf"#{re.escape((part.get_attribute('href') or '')[1:])}$"))
    page.get_by_role("group", name=re.compile(words["ask"].replace(" ", r"\s"))).get_by_role(
        "button", name=words["no"], exact=True
    ).click()
    thanks = page.locator(".opinion-thanks")
    expect(thanks).to_have_text(re.compile(words["thanks"].replace(" ", r"\s")))
    expect(thanks).to_be_focused()
    sound(visitor)
    page.get_by_label(re.compile(words["looked"].replace(" ", r"\s"))).fill("4242 4242 4242 4242")
    page.get_by_role("button", name=words["send"], exact=True).click()
    expect(thanks).to_have_text(re.compile(words["kept"].replace(" ", r"\s")))
    page.reload()
    expect(thanks).to_have_text(re.compile(words["kept"].replace(" ", r"\s")))
    if not phone:
        page.get_by_role("button", name=words["other"]).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["fr"]["article"])
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        team = visit(registrar.operator(), language=language)
        team.go("/desk/help/")
        expect(team.page.get_by_role("heading", level=1)).to_be_visible()
        expect(team.page.locator(".opinion-words")).to_contain_text("•••• •••• •••• 4242")
        sound(team)


def test_it_works_without_scripts(visit: Visit) -> None:
    visitor = visit(None, scripts=False)
    visitor.go("/help/en/")
    visitor.page.get_by_role("searchbox").fill("declined card")
    visitor.page.get_by_role("search").get_by_role("button").click()
    visitor.page.locator(".result a").first.click()
    visitor.page.get_by_role("button", name="Yes", exact=True).click()
    expect(visitor.page.locator(".opinion-thanks")).to_be_visible()
