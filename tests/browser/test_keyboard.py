"""The whole purchase without touching the mouse."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Registrar
from tests.browser.visitor import IRISH_COMPANY, Visitor

FARTHEST = 80


@pytest.mark.parametrize("language", ["en"])
def test_a_purchase_by_keyboard_alone(visit: Visit, registrar: Registrar, language: str) -> None:
    visitor = visit(registrar.open(language=language).owner, language=language)
    words, keys = visitor.words, visitor.page.keyboard
    visitor.go("/")

    tab_to(visitor, visitor.link(words.upgrade))
    keys.press("Enter")
    expect(visitor.heading(words.choose_your_plan)).to_be_visible()
    tab_to(visitor, visitor.page.get_by_role("radio", name=words.annual))
    keys.press("ArrowLeft")
    expect(visitor.page.get_by_role("radio", name=words.monthly)).to_be_checked()
    tab_to(visitor, visitor.button(words.choose.format(plan="Business")))
    keys.press("Space")
    tab_to(visitor, visitor.field(words.users))
    keys.press("ArrowUp")
    tab_to(visitor, visitor.button(words.add_user))
    keys.press("Enter")
    expect(visitor.field(words.users)).to_have_value("3")
    tab_to(visitor, visitor.button(words.proceed).locator("visible=true"))
    keys.press("Enter")
    expect(visitor.heading(words.checkout)).to_be_visible()

    frame = visitor.card_frame
    for name, typed in ((words.card_number, "4242424242424242"), (words.expiry, "1234"), (words.code_on_card, "123")):
        tab_to(visitor, frame.get_by_label(name))
        keys.type(typed)
    keys.press("Enter")
    expect(visitor.page.locator("#details :focus")).to_have_count(1)
    for name, value in IRISH_COMPANY.items():
        tab_to(visitor, visitor.field(getattr(words, name)))
        keys.type(value)
    tab_to(visitor, visitor.page.locator("summary", has_text=words.why))
    keys.press("Enter")
    expect(visitor.page.locator("#review .why li").last).to_be_visible()
    tab_to(visitor, visitor.page.get_by_role("checkbox", name=words.accept_terms))
    keys.press("Space")
    tab_to(visitor, visitor.pay_button)
    keys.press("Enter")
    visitor.expect_done("Business")
    tab_to(visitor, visitor.link(words.download))
    with visitor.page.expect_download():
        keys.press("Enter")


def test_the_skip_link_is_first_and_leads_to_the_content(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open().owner)
    visitor.open_plans()
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator("a.skip")).to_be_focused()
    expect(visitor.page.locator("a.skip")).to_be_in_viewport()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#content")).to_be_focused()


def test_errors_take_the_focus_and_lead_to_their_fields(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open().owner)
    visitor.open_plans()
    visitor.proceed()
    visitor.type_card()
    tab_to(visitor, visitor.pay_button)
    visitor.page.keyboard.press("Enter")
    summary = visitor.page.locator("#problem-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text(visitor.words.nothing_taken)
    link = summary.get_by_role("link").first
    tab_to(visitor, link)
    target = link.get_attribute("href")
    assert target
    visitor.page.keyboard.press("Enter")
    field = visitor.page.locator(target)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).not_to_have_accessible_description("")


def tab_to(visitor: Visitor, wanted: Locator) -> None:
    """Press Tab until the element has the focus, and see that the focus can be seen."""
    expect(wanted).to_have_count(1)
    for _ in range(FARTHEST):
        if wanted.evaluate("element => element === document.activeElement"):
            assert wanted.evaluate(SEEN), f"the focus on {wanted} cannot be seen"
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


SEEN = """element => {
  const marked = (one) => {
    const style = getComputedStyle(one)
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none"
  }
  return marked(element) || [element.parentElement, element.nextElementSibling].some((one) => one && marked(one))
}"""
