"""A card that the bank declines: the reason at the card, everything typed still there, another card at once."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar
from tests.browser.visitor import DECLINED, GOOD, NO_FUNDS, plain

REASONS = {"en": "The funds on this card are not sufficient.", "fr": "Le solde de cette carte est insuffisant."}


@pytest.mark.parametrize(("language", "phone"), [("en", True), ("fr", False)], ids=["en-phone", "fr-desktop"])
def test_a_declined_card_then_a_good_one(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    visitor = visit(registrar.open(language=language).owner, language=language, phone=phone)
    visitor.checkout(NO_FUNDS)
    visitor.field(visitor.words.order_number).fill("PO-2026-7")
    promised = visitor.sum_to_pay
    visitor.pay()

    decline = visitor.page.locator("#decline")
    expect(decline).to_contain_text(REASONS[language])
    expect(decline).to_contain_text(visitor.words.nothing_taken)
    expect(decline).to_be_focused()
    article = visitor.words.help_about_cards
    with visitor.page.expect_popup() as opened:
        decline.get_by_role("link").click()
    expect(opened.value.get_by_role("heading", name=article, level=1)).to_be_visible()
    opened.value.close()
    assert visitor.sum_to_pay == promised
    saved = plain(visitor.page.locator(".saved-address").inner_text())
    assert ("75004" if language == "fr" else "D02 X285") in saved
    visitor.page.get_by_text(visitor.words.edit, exact=True).click()
    expect(visitor.field(visitor.words.order_number)).to_have_value("PO-2026-7")

    visitor.type_card(GOOD)
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Team")
    order_id = visitor.order_id
    assert [charge["state"] for charge in visitor.charges(order_id)] == ["failed", "succeeded"]
    assert visitor.taken(order_id) == [promised]


def test_a_card_that_is_not_complete_is_told_in_its_field_and_nothing_leaves_the_page(
    visit: Visit, registrar: Registrar
) -> None:
    visitor = visit(registrar.open(details=True).owner)
    visitor.checkout("4242 4242 4242 4241")
    address = visitor.page.url
    visitor.pay()
    number = visitor.card_frame.get_by_label(visitor.words.card_number)
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_be_focused()
    expect(visitor.page.locator("#card-incomplete")).to_be_visible()
    expect(visitor.pay_button).not_to_have_attribute("aria-disabled", "true")
    assert visitor.page.url == address

    number.fill(GOOD)
    visitor.pay()
    visitor.expect_done("Team")


def test_the_card_on_file_declined_gives_way_to_another(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(held=Held(days_ago=3)).owner)
    words = visitor.words
    visitor.open_plans(plan="business", interval="month", seats=5)
    visitor.proceed()
    visitor.page.get_by_role("radio", name=words.another_card).check()
    visitor.type_card(DECLINED)
    visitor.accept_terms()
    visitor.pay()
    expect(visitor.page.locator("#decline")).to_contain_text(words.nothing_taken)
    visitor.page.get_by_role("radio", name="4242").check()
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Business")
    assert len(visitor.taken(visitor.order_id)) == 1
