"""Team to Business in mid-cycle: the prorated sum, the card on file, the same renewal date."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar
from tests.browser.visitor import Visitor, minor_of, plain

SEATS = 5
BUSINESS_RENEWAL = SEATS * 159_00 * 120 // 100
FULL_DIFFERENCE = SEATS * (159_00 - 109_00) * 120 // 100


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)], ids=["en-desktop", "fr-phone"])
def test_from_team_to_business(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    account = registrar.open(language=language, held=Held(seats=SEATS, days_ago=10))
    visitor = visit(account.owner, language=language, phone=phone)
    words, page = visitor.words, visitor.page
    renewal_day, _ = renewal(visitor)

    page.get_by_role("link", name="Plans", exact=True).click()
    expect(visitor.heading(words.change_your_plan)).to_be_visible()
    visitor.button(words.choose.format(plan="Business")).click()
    due = visitor.sum_shown("total")
    assert 0 < due < FULL_DIFFERENCE
    assert visitor.sum_shown("renewal") == BUSINESS_RENEWAL
    visitor.proceed()

    assert visitor.sum_to_pay == due
    review = page.locator("#review")
    expect(review.locator("ol.review-lines > li")).to_have_count(2)
    assert renewal_day in plain(review.inner_text())
    for why in review.get_by_text(words.why).all():
        why.click()
    assert all(len(plain(sentence)) > 10 for sentence in review.locator(".why li").all_inner_texts())
    expect(page.get_by_role("radio", name=re.compile("Visa.*4242"))).to_be_checked()
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Business")
    assert visitor.taken(visitor.order_id) == [due]

    assert renewal(visitor) == (renewal_day, BUSINESS_RENEWAL)


def test_paying_with_another_card(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(held=Held(days_ago=10)).owner)
    visitor.open_plans(plan="business", interval="month", seats=SEATS)
    visitor.proceed()
    visitor.page.get_by_role("radio", name=visitor.words.another_card).check()
    visitor.type_card("5555 5555 5555 4444")
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Business")
    visitor.go("/settings/billing/")
    expect(visitor.page.get_by_text("Mastercard •••• 4444")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_less_is_scheduled_for_the_renewal(visit: Visit, registrar: Registrar, language: str) -> None:
    """A lower plan and fewer users cost nothing now: they wait, are shown, and can be withdrawn."""
    visitor = visit(registrar.open(language=language, held=Held("business", seats=SEATS)).owner, language=language)
    page, offers = visitor.page, {"en": re.compile("Schedule for "), "fr": re.compile("Programmer pour le ")}
    visitor.open_plans()
    offer = page.get_by_role("button", name=offers[language])
    expect(offer).to_have_count(0)
    visitor.button(visitor.words.choose.format(plan="Team")).click()
    expect(offer).to_be_visible()
    expect(visitor.button(visitor.words.proceed).locator("visible=true")).to_have_count(0)
    visitor.button(visitor.words.choose.format(plan="Business")).click()
    expect(offer).to_have_count(0)
    visitor.button(visitor.words.remove_user).click()
    expect(offer).to_be_visible()
    offer.click()
    withdraw = visitor.button({"en": "Withdraw this change", "fr": "Annuler ce changement"}[language])
    expect(withdraw).to_be_visible()
    withdraw.click()
    expect(withdraw).to_have_count(0)


def renewal(visitor: Visitor) -> tuple[str, int]:
    """The day and the sum of the next renewal, as the overview says."""
    visitor.go("/settings/billing/")
    card = visitor.page.get_by_role("region", name=visitor.words.next_renewal)
    said = plain(card.locator("p.soft").inner_text())
    found = re.search(r"(\d+(?:er)? \w+ \d{4})", said)
    assert found, said
    return found[1], minor_of(card.locator(".figure").inner_text())
