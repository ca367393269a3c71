"""Double click, two tabs, Back, reload: one order, one charge, and never a page that lies."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar
from tests.browser.visitor import GOOD, Visitor

TOTAL = 3 * 109_00 * 120 // 100


def test_a_double_click_on_pay_charges_once(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(details=True).owner)
    visitor.checkout()
    visitor.pay_button.dblclick()
    visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [TOTAL]
    assert len(visitor.charges(visitor.order_id)) == 1


def test_pay_sent_twice_by_a_browser_without_scripts_charges_once(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(details=True).owner, scripts=False)
    visitor.checkout()
    visitor.card_frame.get_by_role("button", name=visitor.words.save_card).click()
    expect(visitor.card_frame.get_by_text(GOOD[-4:])).to_be_visible()
    visitor.pay_button.dblclick()
    visitor.expect_done("Team")
    assert len(visitor.charges(visitor.order_id)) == 1


def test_two_tabs_with_the_same_checkout_pay_one_order(visit: Visit, registrar: Registrar) -> None:
    first = visit(registrar.open(details=True).owner)
    first.checkout()
    second = beside(first)
    second.page.goto(first.page.url)
    second.type_card()
    second.accept_terms()
    first.pay()
    first.expect_done("Team")
    second.pay()
    second.expect_done("Team")
    assert second.order_id == first.order_id
    assert first.taken(first.order_id) == [TOTAL]


@pytest.mark.parametrize(
    ("seats", "place", "sentence"),
    [(6, "#because", "Nothing was taken"), (3, "main", "Nothing was changed")],
    ids=["more", "fewer"],
)
def test_the_older_of_two_checkouts_gives_way_to_what_applies_now(
    visit: Visit, registrar: Registrar, seats: int, place: str, sentence: str
) -> None:
    """More users than were bought meanwhile are promised anew; fewer wait for the renewal."""
    older = visit(registrar.open(details=True).owner)
    older.checkout(seats=seats)
    newer = beside(older)
    newer.checkout(seats=4)
    newer.pay()
    newer.expect_done("Team")
    older.pay()
    expect(older.page.locator(place)).to_contain_text(sentence)
    assert newer.taken(newer.order_id) == [4 * 109_00 * 120 // 100]


def test_back_after_paying_leads_to_the_order_and_not_to_a_second_one(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(details=True).owner)
    visitor.checkout()
    visitor.pay()
    visitor.expect_done("Team")
    order_id = visitor.order_id
    visitor.page.go_back()
    visitor.expect_done("Team")
    assert visitor.order_id == order_id
    assert visitor.taken(order_id) == [TOTAL]


def test_reloading_the_result_changes_nothing(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(details=True).owner)
    visitor.checkout()
    visitor.pay()
    visitor.expect_done("Team")
    for _ in range(2):
        visitor.page.reload()
        visitor.expect_done("Team")
    assert visitor.taken(visitor.order_id) == [TOTAL]


def test_back_from_the_checkout_finds_the_choice_and_its_figures_again(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open().owner)
    visitor.open_plans()
    visitor.button(visitor.words.choose.format(plan="Team")).click()
    visitor.page.get_by_text(visitor.words.monthly, exact=True).click()
    visitor.field(visitor.words.users).fill("7")
    visitor.proceed()
    visitor.page.go_back()
    expect(visitor.field(visitor.words.users)).to_have_value("7")
    expect(visitor.page.get_by_role("radio", name=visitor.words.monthly)).to_be_checked()
    expect(visitor.button(visitor.words.choose.format(plan="Team"))).to_have_attribute("aria-pressed", "true")
    assert visitor.sum_shown("net") == 7 * 109_00
    visitor.proceed()
    assert visitor.sum_to_pay == 7 * 109_00 * 120 // 100


def test_an_order_already_paid_for_is_not_bought_again_from_the_plans(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(held=Held(seats=3)).owner)
    visitor.open_plans(plan="team", interval="month", seats=3)
    before = visitor.page.url
    visitor.button(visitor.words.proceed).locator("visible=true").click()
    objection = visitor.page.locator("[data-objection]")
    expect(objection).to_be_visible()
    assert "/checkout/" not in visitor.page.url, before
    visitor.button(visitor.words.add_user).click()
    expect(objection).to_be_hidden()
    visitor.button(visitor.words.remove_user).click()
    expect(objection.locator("[data-code='quote.nothing_changes']")).to_be_visible()
    expect(objection.get_by_role("link")).to_have_attribute("href", "/help/en/change-plan/")


def beside(visitor: Visitor) -> Visitor:
    """Another tab of the same browser."""
    return Visitor(visitor.context, visitor.words, visitor.stack, visitor.phone)
