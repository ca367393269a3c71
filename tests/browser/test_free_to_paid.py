"""The main journey: a person signs up, chooses a plan, pays, and has everything at hand."""

import re

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import Visit
from tests.browser.registrar import PASSWORD
from tests.browser.visitor import Visitor, minor_of, plain
from tests.live_stack import LiveStack

BUSINESS_YEAR = 135_00 * 12
VAT_PERCENT = 20


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_from_sign_up_to_a_paid_account(visit: Visit, stack: LiveStack, language: str, phone: bool) -> None:
    visitor = visit(language=language, phone=phone)
    words = visitor.words
    email = f"owner.journey.{language}.{'phone' if phone else 'desktop'}@example.com"
    _sign_up(visitor, email)

    visitor.link(words.upgrade).click()
    expect(visitor.heading(words.choose_your_plan)).to_be_visible()
    _choose(visitor)
    net = 3 * BUSINESS_YEAR
    total = net * (100 + VAT_PERCENT) // 100
    assert visitor.sum_shown("total") == total

    visitor.proceed()
    assert visitor.sum_to_pay == total
    visitor.type_card()
    visitor.fill_details(order_number="PO-7")
    _read_why(visitor, net)
    visitor.accept_terms()
    pay = visitor.button(words.pay.format(sum=words.euros(total)))
    pay.click()

    visitor.expect_done("Business")
    order_id = visitor.order_id
    assert visitor.taken(order_id) == [total]
    _download_invoice(visitor)
    receipt = stack.mail(email, subject=words.receipt_subject)
    assert f"/orders/{order_id}/" in receipt["text"]
    assert words.euros(total) in plain(receipt["text"])

    _look_at_overview(visitor, total)
    expect(visitor.link(words.upgrade)).to_have_count(0)


def _sign_up(visitor: Visitor, email: str) -> None:
    words = visitor.words
    visitor.go("/accounts/login/")
    visitor.link(words.sign_up).first.click()
    visitor.field(words.your_name).fill("Claire Fontaine")
    visitor.field(words.company_name).fill("Cabinet Lumière")
    visitor.page.get_by_label(words.country).select_option(label=words.country_named)
    visitor.field(words.email).fill(email)
    visitor.field(words.password).fill(PASSWORD)
    visitor.button(words.open_the_account).click()
    expect(visitor.page).to_have_url(re.compile(r"/$"))


def _choose(visitor: Visitor) -> None:
    """Toggle, plan and users; the figures follow every step without a request and are the server's own."""
    words, page = visitor.words, visitor.page
    asked: list[str] = []

    def note(request: Request) -> None:
        # Chromium looks for the page's icon whenever its address changes; the chat asks by its own clock for news.
        if not request.url.endswith(("mark.svg", "/chat/unread/")):
            asked.append(request.url)

    page.on("request", note)
    page.get_by_text(words.monthly, exact=True).click()
    visitor.button(words.choose.format(plan="Team")).click()
    assert visitor.sum_shown("net") == 109_00
    page.get_by_text(words.annual, exact=True).click()
    assert visitor.sum_shown("net") == 95_00 * 12
    visitor.button(words.choose.format(plan="Business")).click()
    users = visitor.field(words.users)
    visitor.button(words.add_user).click()
    assert visitor.sum_shown("net") == 2 * BUSINESS_YEAR
    users.fill("14")
    assert visitor.sum_shown("net") == 14 * BUSINESS_YEAR
    users.fill("4")
    visitor.button(words.remove_user).click()
    expect(users).to_have_value("3")
    page.remove_listener("request", note)
    assert asked == [], "the table on the page answers by itself"

    shown = [plain(page.locator("#due").inner_text()), *_cards(visitor)]
    beside = visitor.context.new_page()
    beside.goto(page.url)
    assert plain(beside.locator("#due").inner_text()) == shown[0], "the server says the same as the page's table"
    assert [plain(card) for card in beside.locator("[data-plan]").all_inner_texts()] == shown[1:]
    beside.close()


def _cards(visitor: Visitor) -> list[str]:
    return [plain(card) for card in visitor.page.locator("[data-plan]").all_inner_texts()]


def _read_why(visitor: Visitor, net: int) -> None:
    """Each step in one sentence, the last of which is the line's amount."""
    why = visitor.page.get_by_text(visitor.words.why)
    expect(why).to_have_count(1)
    why.click()
    sentences = visitor.page.locator("#review .why li")
    assert sentences.count() >= 3
    expect(sentences.last).to_be_visible()
    assert visitor.words.euros(net) in plain(sentences.last.inner_text())


def _download_invoice(visitor: Visitor) -> None:
    with visitor.page.expect_download() as download:
        visitor.link(visitor.words.download).click()
    assert re.fullmatch(r"F20\d\d-\d{6}\.pdf", download.value.suggested_filename)
    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")


def _look_at_overview(visitor: Visitor, total: int) -> None:
    words, page = visitor.words, visitor.page
    visitor.link(words.plans_and_billing).click()
    expect(page.get_by_text("Business", exact=True)).to_be_visible()
    renewal = page.get_by_role("region", name=words.next_renewal)
    assert minor_of(renewal.locator(".figure").inner_text()) == total
    expect(page.get_by_role("region", name=words.users, exact=True)).to_contain_text("3")
    expect(page.get_by_text("Visa •••• 4242")).to_be_visible()
    invoices = page.get_by_role("region", name=words.last_invoices).get_by_role("row")
    expect(invoices).to_have_count(2)
    assert words.euros(total) in plain(invoices.last.inner_text())
