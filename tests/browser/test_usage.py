"""The usage page in both languages: what is full says so, and one button leads to the checkout of what makes room."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import ALL_RULES, COLOURS, violations
from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar
from tests.live_stack import LiveStack

USAGE = "/settings/billing/usage/"
WORDS = {
    "en": ("Usage", "Records", "43,000 of 50,000 used", "Add 10,000 more records", "Limit soon reached: records"),
    "fr": (
        "Utilisation",
        "Fiches",
        "43\u202f000 sur 50\u202f000 utilisés",
        "Ajouter 10\u202f000 fiches de plus",
        "Limite bientôt atteinte\u202f: fiches",
    ),
}


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)])
def test_a_limit_soon_reached_is_one_button_away_from_room(
    visit: Visit, registrar: Registrar, stack: LiveStack, language: str, phone: bool
) -> None:
    heading, limit, said, button, subject = WORDS[language]
    account = registrar.open(
        language=language, held=Held(days_ago=11), uses={"records": 43_000, "custom_fields": 15, "teams": 2}
    )
    mail = stack.mail(account.owner.email, subject=subject)
    link = re.search(rf"{re.escape(stack.url)}{USAGE}", mail["text"])
    assert link
    visitor = visit(account.owner, language=language, phone=phone)
    visitor.go(link[0])
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_role("meter", name=limit)).to_have_attribute("aria-valuetext", said)
    page.emulate_media(reduced_motion="reduce")
    assert violations(page, ALL_RULES) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page, COLOURS) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    card = page.get_by_role("region", name=limit)
    shown = card.locator(".total .money").inner_text()
    card.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(visitor.words.checkout)
    assert re.sub(r"\s", "", shown) in re.sub(r"\s", "", page.get_by_role("main").inner_text())
