"""3-D Secure: the bank asks, the person answers there, on this device or another, or gives up."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Registrar
from tests.browser.visitor import ASKS_BANK, Visitor, minor_of
from tests.live_stack import LiveStack

TOTAL = 3 * 109_00 * 120 // 100


def at_the_bank(visitor: Visitor) -> None:
    """An order that waits, and its page."""
    visitor.checkout(ASKS_BANK)
    visitor.pay()
    expect(visitor.heading(visitor.words.waiting)).to_be_visible()


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)], ids=["en-desktop", "fr-phone"])
def test_confirmed(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    visitor = visit(registrar.open(language=language).owner, language=language, phone=phone)
    at_the_bank(visitor)
    order_id = visitor.order_id
    assert visitor.taken(order_id) == []
    visitor.link(visitor.words.confirm_with_bank).click()
    expect(visitor.page).to_have_url(re.compile(re.escape(visitor.stack.sandbox_url)))
    asked = visitor.page.get_by_role("definition").nth(1)
    assert minor_of(asked.inner_text()) == TOTAL
    visitor.button(visitor.words.bank_confirm).click()
    visitor.expect_done("Team")
    assert visitor.order_id == order_id
    assert visitor.taken(order_id) == [TOTAL]


def test_refused_at_the_bank_takes_nothing_and_another_card_pays(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open().owner)
    at_the_bank(visitor)
    order_id = visitor.order_id
    visitor.link(visitor.words.confirm_with_bank).click()
    visitor.button(visitor.words.bank_refuse).click()
    decline = visitor.page.locator("#decline")
    expect(decline).to_contain_text(visitor.words.nothing_taken)
    expect(decline).to_have_attribute("data-code", "authentication_refused")
    expect(decline.get_by_role("link")).to_contain_text(visitor.words.help_about_cards)
    assert visitor.taken(order_id) == []
    visitor.type_card()
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Team")
    assert visitor.taken(order_id) == [TOTAL]


def test_resumed_on_another_device_by_the_link_in_the_mail(
    visit: Visit, registrar: Registrar, stack: LiveStack
) -> None:
    owner = registrar.open().owner
    laptop, phone = visit(owner), visit(owner, phone=True)
    at_the_bank(laptop)
    mail = stack.mail(owner.email, subject=laptop.words.confirm_subject)
    link = re.search(rf"{re.escape(stack.url)}/orders/ord_\w+/", mail["text"])
    assert link
    phone.go(link[0])
    phone.link(phone.words.confirm_with_bank).click()
    phone.button(phone.words.bank_confirm).click()
    phone.expect_done("Team")
    laptop.expect_done("Team")
    assert laptop.taken(laptop.order_id) == [TOTAL]


def test_abandoned_then_given_up_leaves_the_account_free_to_buy_again(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open().owner)
    at_the_bank(visitor)
    order_id = visitor.order_id

    visitor.go("/settings/billing/plans/")
    visitor.page.get_by_role("main").locator(f"a[href$='/orders/{order_id}/']").click()
    visitor.button(visitor.words.give_up).click()
    expect(visitor.page.get_by_text(visitor.words.nothing_taken).first).to_be_visible()
    assert [charge["state"] for charge in visitor.charges(order_id)] == ["canceled"]

    visitor.checkout()
    visitor.pay()
    visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [TOTAL]


def test_while_a_payment_waits_a_second_purchase_is_refused_kindly(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open().owner)
    at_the_bank(visitor)
    order_id = visitor.order_id
    visitor.checkout(plan="business")
    visitor.pay()
    expect(visitor.page.locator("#problem-summary")).to_contain_text(visitor.words.nothing_taken)
    assert len(visitor.charges(order_id)) == 1
