"""The purchase in a browser that runs no script: every step is a form or a link."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar
from tests.browser.visitor import DECLINED, GOOD, Visitor


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)], ids=["en-desktop", "fr-phone"])
def test_from_free_to_paid(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    visitor = visit(registrar.open(language=language).owner, language=language, phone=phone, scripts=False)
    words = visitor.words
    visitor.go("/")
    visitor.link(words.upgrade).click()
    visitor.page.get_by_text(words.monthly, exact=True).click()
    visitor.button(words.update_prices).click()
    visitor.button(words.choose.format(plan="Team")).click()
    expect(visitor.page.get_by_role("radio", name=words.monthly)).to_be_checked()
    visitor.button(words.add_user).click()
    expect(visitor.field(words.users)).to_have_value("2")
    assert visitor.sum_shown("net") == 2 * 109_00
    visitor.proceed()

    save_card(visitor, DECLINED)
    visitor.fill_details()
    visitor.accept_terms()
    visitor.pay()
    expect(visitor.page.locator("#decline")).to_be_visible()

    save_card(visitor, GOOD)
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [2 * 109_00 * 120 // 100]


def test_changed_details_show_the_new_sum_before_anything_is_taken(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(details=True).owner, scripts=False)
    visitor.open_plans(plan="team", interval="month", seats=2)
    visitor.proceed()
    assert visitor.sum_to_pay == 2 * 109_00 * 120 // 100
    save_card(visitor, GOOD)
    visitor.page.get_by_text(visitor.words.edit, exact=True).click()
    visitor.field(visitor.words.vat_number).fill("IE1234567T")
    visitor.accept_terms()
    visitor.pay()
    expect(visitor.page.locator("#because")).to_contain_text(visitor.words.nothing_taken)
    assert visitor.sum_to_pay == 2 * 109_00
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [2 * 109_00]


def test_from_team_to_business_with_the_card_on_file(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(held=Held(days_ago=10)).owner, scripts=False)
    visitor.open_plans(plan="business", interval="month", seats=5)
    visitor.proceed()
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Business")
    assert len(visitor.taken(visitor.order_id)) == 1


def save_card(visitor: Visitor, number: str) -> None:
    """The payment service's own form has a button of its own."""
    visitor.type_card(number)
    visitor.card_frame.get_by_role("button", name=visitor.words.save_card).click()
    expect(visitor.card_frame.get_by_text(number[-4:])).to_be_visible()
