"""The test clock in a browser: told on every page, sent forward, followed on its way; with scripts and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import COLOURS, violations
from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar

WORDS = {
    "en": ("Test clock:", "Travel in time", "1 month", "The subscription was renewed", "Travel to a date", "Travel"),
    "fr": (
        "Horloge de test",
        "Avancer dans le temps",
        "1 mois",
        "L’abonnement a été renouvelé",
        "Avancer à une date",
        "Avancer",
    ),
}

SUMS_IN_SIGHT = """table => [...table.querySelectorAll("td.num")].every(
    each => each.getBoundingClientRect().right <= table.getBoundingClientRect().right + 0.5)"""


@pytest.mark.parametrize(
    ("language", "phone", "scripts"),
    [("en", False, True), ("fr", True, True), ("en", True, False)],
    ids=["en-desktop", "fr-phone", "without-scripts"],
)
def test_a_month_goes_by(visit: Visit, registrar: Registrar, language: str, phone: bool, scripts: bool) -> None:
    strip, travel, month, renewed, _, _ = WORDS[language]
    owner = registrar.open(language=language, held=Held(days_ago=3), sandbox=True).owner
    visitor = visit(owner, language=language, phone=phone, scripts=scripts)
    visitor.go("/")
    expect(visitor.page.locator(".clock-strip")).to_contain_text(strip)
    visitor.link(travel).click()
    before = visitor.page.locator(".order .figure").inner_text()
    visitor.button(month).click()
    expect(visitor.page.get_by_text(renewed).first).to_be_visible()
    expect(visitor.page.locator("#journey")).to_have_count(0)
    assert visitor.page.locator(".order .figure").inner_text() != before
    if scripts:
        assert violations(visitor.page) == []
        visitor.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert violations(visitor.page, COLOURS) == []
    width = visitor.page.viewport_size
    assert width is not None
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width["width"]
    for page in ("/settings/billing/", "/settings/billing/invoices/"):  # where the numbers of invoices are longest
        visitor.go(page)
        table = visitor.page.locator(".table-wrap")
        expect(table).to_contain_text("TEST-")
        assert table.evaluate(SUMS_IN_SIGHT), f"{page} hides the sums"


def test_a_date_of_the_past_is_refused_at_the_date_by_keyboard(visit: Visit, registrar: Registrar) -> None:
    *_, label, go = WORDS["en"]
    visitor = visit(registrar.open(held=Held(days_ago=3), sandbox=True).owner)
    visitor.go("/settings/clock/")
    visitor.field(label).fill("2020-01-01")
    visitor.button(go).focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#to_error")).to_contain_text("only goes forward")
    assert violations(visitor.page) == []
