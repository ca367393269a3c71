"""A renewal that the card does not pay: from the letter to a paid invoice; 3-D Secure finished on another device."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import ALL_RULES, COLOURS, violations
from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Opened, Registrar
from tests.browser.visitor import Visitor
from tests.live_stack import LiveStack

LATER_POOR = "4000 0000 0000 0341"
LATER_ASKS = "4000 0038 0000 0446"
OTHER = "5555 5555 5555 4444"
TOTAL = {"en": 3 * 109_00, "fr": 3 * 109_00 * 120 // 100}

WORDS = {
    "en": {
        "failed": "did not go through",
        "no_funds": "The funds on this card are not sufficient.",
        "pay_now": "Pay now",
        "paid": "Paid",
        "asked": "Your bank asks you to confirm the payment of your renewal",
        "confirmed": "The payment is confirmed",
        "receipt": "Receipt",
        "retry": "Retry now",
    },
    "fr": {
        "failed": "n’a pas abouti",
        "no_funds": "Le solde de cette carte est insuffisant.",
        "pay_now": "Payer maintenant",
        "paid": "Payée",
        "asked": "Votre banque vous demande de confirmer le paiement de votre renouvellement",
        "confirmed": "Le paiement est confirmé",
        "receipt": "Reçu",
        "retry": "Réessayer maintenant",
    },
}
BOTH = pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)], ids=["en-desktop", "fr-phone"])


@pytest.fixture
def renewed(registrar: Registrar) -> Callable[[str, str], Opened]:
    """An account of three seats whose renewal has just been charged to a card."""

    def opened(language: str, card: str) -> Opened:
        return registrar.open(language=language, held=Held(seats=3, days_ago=32, card=card, renewed=True))

    return opened


def link_in(mail: dict[str, Any], path: str, stack: LiveStack) -> str:
    found = re.search(rf"{re.escape(stack.url)}{path}[\w.=-]+/", mail["text"])
    assert found, mail["text"]
    return found[0]


def assert_accessible(visitor: Visitor) -> None:
    visitor.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = violations(visitor.page, ALL_RULES)
    visitor.page.emulate_media(color_scheme="dark")
    found += [f"dark: {line}" for line in violations(visitor.page, COLOURS)]
    visitor.page.emulate_media(color_scheme="light")
    width = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert not found
    assert width <= 0, "the page is wider than the screen"


@BOTH
def test_the_letter_leads_to_the_invoice_which_another_card_pays(
    visit: Visit, renewed: Callable[[str, str], Opened], stack: LiveStack, language: str, phone: bool
) -> None:
    owner, words = renewed(language, LATER_POOR).owner, WORDS[language]
    visitor = visit(owner, language=language, phone=phone)
    mail = stack.mail(owner.email, subject=words["failed"])
    assert words["pay_now"] in mail["html"]

    visitor.go(link_in(mail, "/settings/billing/invoices/", stack))
    expect(visitor.page.locator("#decline")).to_contain_text(words["no_funds"])
    assert_accessible(visitor)

    visitor.type_card(OTHER)
    visitor.button(words["pay_now"]).click()
    expect(visitor.page.locator(".invoice-tools .tag")).to_have_text(words["paid"])
    expect(visitor.page.locator(".invoice-tools")).to_contain_text("4444")
    assert_accessible(visitor)
    stack.mail(owner.email, subject=words["receipt"])


@BOTH
def test_a_new_card_on_file_pays_at_once(
    visit: Visit, renewed: Callable[[str, str], Opened], language: str, phone: bool
) -> None:
    owner, words = renewed(language, LATER_POOR).owner, WORDS[language]
    visitor = visit(owner, language=language, phone=phone)
    visitor.go("/settings/billing/payment-method/")
    expect(visitor.page.get_by_role("button", name=words["retry"])).to_be_visible()
    assert_accessible(visitor)
    visitor.type_card(OTHER)
    visitor.page.locator("[data-charges-card]").click()
    expect(visitor.page.locator(".invoice-tools .tag")).to_have_text(words["paid"])
    visitor.go("/settings/billing/invoices/")
    assert_accessible(visitor)


@BOTH
def test_the_bank_is_answered_from_another_device_without_logging_in(
    visit: Visit, renewed: Callable[[str, str], Opened], stack: LiveStack, language: str, phone: bool
) -> None:
    account, words = renewed(language, LATER_ASKS), WORDS[language]
    mail = stack.mail(account.owner.email, subject=words["asked"])
    elsewhere = visit(None, language=language, phone=phone)

    elsewhere.go(link_in(mail, "/pay/", stack))
    assert account.company not in elsewhere.page.content()
    assert_accessible(elsewhere)
    elsewhere.link(elsewhere.words.confirm_with_bank).click()
    expect(elsewhere.page).to_have_url(re.compile(re.escape(stack.sandbox_url)))
    elsewhere.button(elsewhere.words.bank_confirm).click()
    expect(elsewhere.heading(words["confirmed"])).to_be_visible()
    assert_accessible(elsewhere)
    stack.mail(account.owner.email, subject=words["receipt"])


def test_without_scripts_the_invoice_is_paid_too(
    visit: Visit, renewed: Callable[[str, str], Opened], stack: LiveStack
) -> None:
    owner = renewed("en", LATER_POOR).owner
    visitor = visit(owner, scripts=False)
    visitor.go(link_in(stack.mail(owner.email, subject=WORDS["en"]["failed"]), "/settings/billing/invoices/", stack))
    visitor.page.get_by_role("radio", name=re.compile("4444|0341")).check()
    visitor.button("Pay now").click()
    expect(visitor.page.locator(".invoice-tools .tag")).to_have_text("Paid")
