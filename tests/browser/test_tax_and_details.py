"""Billing details decide the tax: the new sum is shown before anything is taken."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Registrar
from tests.browser.visitor import Visitor

NET = 2 * 109_00
GROSS = NET * 120 // 100
IRISH_VAT = "IE1234567T"


def at_checkout(visitor: Visitor) -> None:
    visitor.open_plans(plan="team", interval="month", seats=2)
    visitor.proceed()
    assert visitor.sum_to_pay == GROSS


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_vat_number_of_a_company_elsewhere_in_the_union_removes_the_tax_at_once(
    visit: Visit, registrar: Registrar, phone: bool
) -> None:
    visitor = visit(registrar.open(details=True).owner, phone=phone)
    at_checkout(visitor)
    visitor.type_card()
    visitor.accept_terms()
    visitor.page.get_by_text(visitor.words.edit, exact=True).click()
    vat_number = visitor.field(visitor.words.vat_number)
    vat_number.fill(IRISH_VAT)
    vat_number.press("Tab")
    expect(visitor.pay_button).to_contain_text(visitor.words.euros(NET))
    expect(visitor.page.locator("#review")).to_contain_text("reverse charge")
    expect(visitor.page.get_by_role("checkbox", name=visitor.words.accept_terms)).to_be_checked()
    visitor.pay()
    visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [NET]


def test_details_changed_just_before_pay_ask_for_another_look(visit: Visit, registrar: Registrar) -> None:
    """Where the page could not follow in time, the sum on the button is never exceeded nor replaced unseen."""
    visitor = visit(registrar.open(details=True).owner)
    at_checkout(visitor)
    visitor.type_card()
    visitor.page.get_by_text(visitor.words.edit, exact=True).click()
    visitor.accept_terms()
    visitor.page.route(
        "**/checkout/*/", lambda route: route.abort() if "HX-Request" in _names(route) else route.continue_()
    )
    visitor.field(visitor.words.vat_number).fill(IRISH_VAT)
    visitor.pay()
    expect(visitor.page.locator("#because")).to_contain_text(visitor.words.nothing_taken)
    assert visitor.sum_to_pay == NET
    visitor.page.unroute_all()
    visitor.complaints.clear()  # the page said that its request was cut off


def test_a_malformed_vat_number_is_told_in_its_field_and_keeps_what_was_typed(
    visit: Visit, registrar: Registrar
) -> None:
    visitor = visit(registrar.open().owner)
    at_checkout(visitor)
    visitor.type_card()
    visitor.fill_details(vat_number="IE99")
    visitor.accept_terms()
    visitor.pay()
    vat_number = visitor.field(visitor.words.vat_number)
    expect(vat_number).to_have_attribute("aria-invalid", "true")
    expect(vat_number).to_have_value("IE99")
    expect(visitor.field(visitor.words.city)).to_have_value("Dublin")
    expect(visitor.page.get_by_role("checkbox", name=visitor.words.accept_terms)).to_be_checked()
    expect(visitor.page.locator("#problem-summary")).to_contain_text(visitor.words.nothing_taken)
    with visitor.page.expect_response("**/checkout/**"):
        vat_number.fill(IRISH_VAT)
        vat_number.blur()
    expect(visitor.pay_button).to_contain_text(visitor.words.euros(NET))
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [NET]


def test_another_country_asks_for_its_own_address(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open().owner)
    at_checkout(visitor)
    with visitor.page.expect_response("**/checkout/**"):
        visitor.page.get_by_label(visitor.words.country).select_option("US")
    expect(visitor.field("ZIP code")).to_be_visible()
    expect(visitor.field("State")).to_be_visible()


@pytest.mark.parametrize(
    "name",
    ["x" * 10_000, "W" * 150, "<script>alert(1)</script>", "שלום \u202e evil", "a\x07b"],
    ids=["far-too-long", "one-long-word", "script", "right-to-left", "control"],
)
def test_strange_names_are_told_or_shown_as_text(visit: Visit, registrar: Registrar, name: str) -> None:
    visitor = visit(registrar.open().owner, phone=True)
    at_checkout(visitor)
    visitor.type_card()
    visitor.fill_details(company_name=name)
    visitor.button(visitor.words.save_details).click()
    shown = visitor.page.locator("#problem-summary, .saved-address").first
    expect(shown).to_be_visible()
    assert visitor.page.locator("main script").count() == 0
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _names(route: object) -> str:
    headers: dict[str, str] = route.request.headers  # type: ignore[attr-defined]
    return " ".join(name.title().replace("Hx", "HX") for name in headers)
