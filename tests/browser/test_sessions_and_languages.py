"""Log-in in mid-checkout, another language on the way, a slow bank, a payment service that is away."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import PASSWORD, Registrar
from tests.browser.visitor import GOOD
from tests.browser.words import WORDS

TOTAL = 3 * 109_00 * 120 // 100


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_expired_session_comes_back_to_the_same_order(visit: Visit, registrar: Registrar, scripts: bool) -> None:
    owner = registrar.open(details=True).owner
    visitor = visit(owner, scripts=scripts)
    visitor.checkout()
    if not scripts:
        visitor.card_frame.get_by_role("button", name=visitor.words.save_card).click()
        expect(visitor.card_frame.get_by_text("4242")).to_be_visible()
    address = visitor.page.url
    visitor.context.clear_cookies(name="sessionid")
    visitor.pay()
    expect(visitor.heading(visitor.words.log_in)).to_be_visible()
    visitor.field(visitor.words.email).fill(owner.email)
    visitor.field(visitor.words.password).fill(PASSWORD)
    visitor.button(visitor.words.log_in).click()
    expect(visitor.heading(visitor.words.checkout)).to_be_visible()
    assert visitor.page.url == address
    assert visitor.sum_to_pay == TOTAL
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [TOTAL]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_another_language_keeps_the_page(visit: Visit, registrar: Registrar, phone: bool) -> None:
    visitor = visit(registrar.open().owner, phone=phone)
    french = WORDS["fr"]
    visitor.open_plans(plan="team", interval="month", seats=7)
    if phone:
        visitor.button("Menu").click()
    visitor.button(visitor.words.other_language).click()
    expect(visitor.heading(french.choose_your_plan)).to_be_visible()
    expect(visitor.field(french.users)).to_have_value("7")
    assert visitor.sum_shown("net") == 7 * 109_00
    visitor.button(french.proceed).locator("visible=true").click()
    expect(visitor.heading(french.checkout)).to_be_visible()
    address = visitor.page.url
    if phone:
        visitor.button("Menu").click()
    visitor.button(french.other_language).click()
    expect(visitor.heading(visitor.words.checkout)).to_be_visible()
    assert visitor.page.url == address
    expect(visitor.card_frame.get_by_label(visitor.words.card_number)).to_be_visible()


def test_log_out_and_in_again(visit: Visit, registrar: Registrar) -> None:
    owner = registrar.open().owner
    visitor = visit(owner)
    visitor.go("/settings/billing/plans/?plan=team&interval=month&seats=2")
    visitor.button(visitor.words.log_out).click()
    expect(visitor.link(visitor.words.log_in).or_(visitor.heading(visitor.words.log_in)).first).to_be_visible()
    visitor.go("/settings/billing/plans/?plan=team&interval=month&seats=2")
    visitor.field(visitor.words.email).fill(owner.email)
    visitor.field(visitor.words.password).fill(PASSWORD)
    visitor.button(visitor.words.log_in).click()
    expect(visitor.field(visitor.words.users)).to_have_value("2")


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("fr", False)], ids=["en-scripts", "fr-no-scripts"])
def test_while_the_bank_thinks_a_page_says_so_and_goes_on_by_itself(
    visit: Visit, registrar: Registrar, language: str, scripts: bool
) -> None:
    visitor = visit(registrar.open(language=language, details=True).owner, language=language, scripts=scripts)
    visitor.checkout()
    visitor.bank_thinks()
    if not scripts:
        visitor.card_frame.get_by_role("button", name=visitor.words.save_card).click()
        expect(visitor.card_frame.get_by_text(GOOD[-4:])).to_be_visible()
    visitor.pay()
    visitor.expect_the_bank_to_think()
    assert visitor.taken(visitor.order_id) == []
    visitor.bank_answers()
    visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [TOTAL]


def test_a_forgotten_password(visit: Visit, registrar: Registrar) -> None:
    owner = registrar.open().owner
    visitor = visit()
    visitor.go("/accounts/login/")
    visitor.link("Forgot your password?").click()
    visitor.field(visitor.words.email).fill(owner.email)
    visitor.button("Send the link").click()
    expect(visitor.heading("Look into your mailbox")).to_be_visible()
    mail = visitor.stack.mail(owner.email, subject="")
    link = re.search(rf"{re.escape(visitor.stack.url)}/accounts/password/reset/key/\S+", mail["text"])
    assert link
    visitor.go(link[0])
    visitor.page.locator("input[type=password]").first.fill("another-long-password-7")
    for second in visitor.page.locator("input[type=password]").all()[1:]:
        second.fill("another-long-password-7")
    visitor.button("Keep this password").click()
    expect(visitor.heading("Your password is changed")).to_be_visible()
    visitor.go("/accounts/login/")
    visitor.field(visitor.words.email).fill(owner.email)
    visitor.field(visitor.words.password).fill("another-long-password-7")
    visitor.button(visitor.words.log_in).click()
    expect(visitor.heading(f"Hello {owner.name}")).to_be_visible()
