"""The payment service is away: a page says so, nothing is taken, nothing is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar
from tests.browser.visitor import ASKS_BANK, Visitor
from tests.live_stack import LiveStack, until


@pytest.fixture
def payment_service(stack: LiveStack) -> Iterator[LiveStack]:
    """Killed by the test, back afterwards."""
    yield stack
    stack.kill("sandbox")
    stack.start("sandbox")


def test_card_fields_that_do_not_load_say_so(visit: Visit, registrar: Registrar, payment_service: LiveStack) -> None:
    visitor = visit(registrar.open(details=True).owner)
    visitor.open_plans(plan="team", interval="month", seats=2)
    payment_service.kill("sandbox")
    visitor.proceed()
    expect(visitor.page.locator("#card-silent")).to_be_visible()
    assert violations(visitor.page) == []
    cut_off(visitor)


def test_a_payment_whose_answer_is_lost_is_asked_about_and_not_made_twice(
    visit: Visit, registrar: Registrar, payment_service: LiveStack
) -> None:
    visitor = visit(registrar.open(held=Held(days_ago=5)).owner)
    visitor.open_plans(plan="business", interval="month", seats=5)
    visitor.proceed()
    visitor.accept_terms()
    payment_service.kill("sandbox")
    visitor.pay()
    expect(visitor.heading("We are asking the bank")).to_be_visible()
    assert violations(visitor.page) == []
    order_id = visitor.order_id
    payment_service.start("sandbox")
    until(lambda: visitor.taken(order_id), "the payment to be asked about and made")
    visitor.expect_done("Business")
    assert len(visitor.taken(order_id)) == 1
    cut_off(visitor)


UNSURE = {"en": "Please do not pay again", "fr": "Ne payez pas une seconde fois"}


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)], ids=["en-desktop", "fr-phone"])
def test_giving_up_while_the_bank_cannot_be_asked_says_that_nobody_knows(
    visit: Visit, registrar: Registrar, payment_service: LiveStack, language: str, phone: bool
) -> None:
    visitor = visit(registrar.open(language=language).owner, language=language, phone=phone)
    visitor.checkout(ASKS_BANK)
    visitor.pay()
    expect(visitor.heading(visitor.words.waiting)).to_be_visible()
    payment_service.kill("sandbox")
    visitor.button(visitor.words.give_up).click()
    expect(visitor.page.get_by_text(UNSURE[language])).to_be_visible()
    expect(visitor.page.get_by_text(visitor.words.nothing_taken)).to_have_count(0)
    assert violations(visitor.page) == []
    cut_off(visitor)


def cut_off(visitor: Visitor) -> None:
    """Chromium may say that a frame could not be loaded; anything else stays a complaint."""
    visitor.complaints[:] = [said for said in visitor.complaints if "net::ERR_CONNECTION_REFUSED" not in said]
