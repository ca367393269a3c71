"""The card fields in a real browser, inside a page of another origin, with and without a script."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, Playwright, expect

from palier.apps.gateways.contract import ActionRequired
from tests.chromium import chromium as started
from tests.sandbox.conftest import Merchant

pytestmark = pytest.mark.browser

CHECKOUT = """<!doctype html><html lang="en"><meta name="color-scheme" content="light dark"><title>Checkout</title>
<iframe id="card" title="Card" src="{address}" style="width:100%;height:20rem;border:0"></iframe>
<script>
window.heard = [];
addEventListener("message", (event) => heard.push([event.origin, event.data]));
const ask = (message) => document.getElementById("card").contentWindow.postMessage(message, "*");
</script>"""


class Checkout:
    """A merchant's page that embeds the fields."""

    def __init__(self) -> None:
        checkout = self
        self.page = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = checkout.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    with started(playwright) as browser:
        yield browser


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    checkout = Checkout()
    yield checkout
    checkout.stop()


Opened = tuple[Page, FrameLocator]


@pytest.fixture
def open_checkout(merchant: Merchant, checkout: Checkout, chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Open the checkout of a reference; options are those of a browser context."""
    contexts: list[BrowserContext] = []

    def opened(reference: str, locale: str = "en", parent_origin: str | None = None, **options: Any) -> Opened:
        address = merchant.fields_url(reference, locale, parent_origin or checkout.origin)
        checkout.page = CHECKOUT.format(address=address.replace("&", "&amp;"))
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.goto(checkout.origin)
        return page, page.frame_locator("#card")

    yield opened
    for context in contexts:
        context.close()


def heard(page: Page) -> list[str]:
    kinds: list[str] = page.evaluate("heard.map(([origin, message]) => message.type)")
    return kinds


def submit(page: Page, answer: str) -> None:
    page.evaluate("heard.length = 0; ask({type: 'palier:submit'})")
    page.wait_for_function("kind => heard.some(([origin, message]) => message.type === kind)", arg=answer)


@pytest.mark.parametrize(
    ("number", "grouped", "brand"),
    [
        ("4242424242424242", "4242 4242 4242 4242", "Visa"),
        ("5555555555554444", "5555 5555 5555 4444", "Mastercard"),
        ("2223003122003222", "2223 0031 2200 3222", "Mastercard"),
        ("378282246310005", "3782 822463 10005", "American Express"),
    ],
)
def test_the_number_is_grouped_and_its_brand_recognised_while_typing(
    open_checkout: Callable[..., Opened], reference: str, number: str, grouped: str, brand: str
) -> None:
    _, fields = open_checkout(reference)
    card_number = fields.get_by_label("Card number")
    card_number.press_sequentially(number[:4])
    expect(fields.get_by_text(brand, exact=True)).to_be_visible()
    card_number.press_sequentially(number[4:] + "99")
    if brand != "Visa":
        expect(card_number).to_have_value(grouped)
    else:
        expect(card_number).to_have_value(re.compile(f"^{grouped}"))


def test_a_digit_put_in_the_middle_leaves_the_caret_where_it_was(
    open_checkout: Callable[..., Opened], reference: str
) -> None:
    _, fields = open_checkout(reference)
    card_number = fields.get_by_label("Card number")
    card_number.press_sequentially("424242424242")
    for _ in range(9):
        card_number.press("ArrowLeft")
    card_number.press_sequentially("17")
    expect(card_number).to_have_value("4242 1742 4242 42")


@pytest.mark.parametrize(
    ("keys", "shown"), [("1234", "12 / 34"), ("434", "04 / 34"), ("1/34", "01 / 34"), ("12/2034", "12 / 34")]
)
def test_the_expiry_writes_its_own_stroke(
    open_checkout: Callable[..., Opened], reference: str, keys: str, shown: str
) -> None:
    _, fields = open_checkout(reference)
    expiry = fields.get_by_label("Expiry")
    if len(keys) == 7:
        expiry.fill(keys)  # as a browser's own filling does
    else:
        expiry.press_sequentially(keys)
    expect(expiry).to_have_value(shown)
    for _ in range(7):
        expiry.press("Backspace")
    expect(expiry).to_have_value("")


def test_the_parent_asks_and_hears_that_the_card_is_saved(
    open_checkout: Callable[..., Opened], merchant: Merchant, checkout: Checkout, reference: str
) -> None:
    page, fields = open_checkout(reference, "fr")
    fields.get_by_label("Numéro de carte").fill("4242424242424242")
    fields.get_by_label("Expiration").fill("1234")
    fields.get_by_label("Cryptogramme").fill("123")
    expect(fields.get_by_role("button")).to_have_count(0)

    submit(page, "palier:saved")

    assert "palier:invalid" not in heard(page)
    card = merchant.gateway.card_from_fields(reference)
    assert card
    assert card.last4 == "4242"
    assert page.evaluate("heard.every(([origin]) => origin !== location.origin)")

    page.reload()
    expect(fields.get_by_text("4242")).to_be_visible()
    submit(page, "palier:saved")


def test_a_mistake_is_told_on_its_field_which_gets_the_focus_and_the_frame_asks_for_room(
    open_checkout: Callable[..., Opened], reference: str
) -> None:
    page, fields = open_checkout(reference, "fr")
    fields.get_by_label("Numéro de carte").fill("4242424242424242")
    fields.get_by_label("Expiration").fill("0120")
    fields.get_by_label("Cryptogramme").fill("123")
    submit(page, "palier:invalid")

    expiry = fields.get_by_label("Expiration")
    expect(expiry).to_be_focused()
    expect(expiry).to_have_accessible_description("Cette carte est expirée.")
    page.wait_for_function(
        "heard.some(([origin, message]) => message.type === 'palier:height' && message.height > 150)"
    )

    expiry.fill("1234")
    expect(fields.get_by_text("Cette carte est expirée.")).to_have_count(0)


def test_wrong_digits_are_told_when_the_field_is_left(open_checkout: Callable[..., Opened], reference: str) -> None:
    _, fields = open_checkout(reference)
    fields.get_by_label("Card number").fill("4242424242424241")
    fields.get_by_label("Security code").focus()
    expect(fields.get_by_text("This card number is not right: check its digits.")).to_be_visible()
    fields.get_by_label("Card number").fill("378282246310005")
    fields.get_by_label("Security code").fill("12")
    fields.get_by_label("Expiry").focus()
    expect(fields.get_by_text("The security code has 4 digits, on the front of the card.")).to_be_visible()


def test_a_service_that_went_down_keeps_what_was_typed_and_says_so(
    open_checkout: Callable[..., Opened], merchant: Merchant, reference: str
) -> None:
    page, fields = open_checkout(reference)
    fields.get_by_label("Card number").fill("4242424242424242")
    fields.get_by_label("Expiry").fill("1234")
    fields.get_by_label("Security code").fill("123")
    merchant.service.fault("down", times=None)
    submit(page, "palier:invalid")
    expect(fields.get_by_text("The card could not be saved. Try again in a moment.")).to_be_visible()

    merchant.service.clear_faults()
    submit(page, "palier:saved")


def test_another_origin_can_neither_embed_the_fields_nor_ask_them(
    open_checkout: Callable[..., Opened], merchant: Merchant, reference: str
) -> None:
    page, fields = open_checkout(reference, parent_origin="http://127.0.0.1:9")
    expect(fields.get_by_label("Card number")).to_have_count(0)
    assert heard(page) == []


def test_without_a_script_the_form_saves_and_shows_the_card(
    open_checkout: Callable[..., Opened], merchant: Merchant, reference: str
) -> None:
    _, fields = open_checkout(reference, "fr", java_script_enabled=False)
    fields.get_by_label("Numéro de carte").fill("4242 4242 4242 4241")
    fields.get_by_label("Expiration").fill("12/34")
    fields.get_by_label("Cryptogramme").fill("123")
    fields.get_by_role("button", name="Enregistrer la carte").click()
    expect(fields.get_by_text("Ce numéro de carte est inexact")).to_be_visible()

    fields.get_by_label("Numéro de carte").fill("4242 4242 4242 4242")
    fields.get_by_label("Cryptogramme").fill("123")
    fields.get_by_role("button", name="Enregistrer la carte").click()
    expect(fields.get_by_text("4242")).to_be_visible()
    expect(fields.get_by_role("link", name="Changer de carte")).to_be_visible()
    assert merchant.gateway.card_from_fields(reference)


def test_by_keyboard_alone_and_enter_tells_the_parent(open_checkout: Callable[..., Opened], reference: str) -> None:
    page, fields = open_checkout(reference)
    fields.get_by_label("Card number").focus()
    for text in ("4242424242424242", "1234", "123"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(fields.get_by_label("Security code")).to_have_value("123")
    fields.get_by_label("Security code").press("Enter")
    page.wait_for_function("heard.some(([origin, message]) => message.type === 'palier:enter')")


def test_the_banks_page_leads_back_to_the_merchant_in_a_browser(
    merchant: Merchant, checkout: Checkout, chromium: Browser, reference: str
) -> None:
    """Browsers apply a form's policy to redirects too: the way back must be on it."""
    checkout.page = "<!doctype html><title>Back</title>"
    merchant.charge(reference, "4000 0027 6000 3184", return_url=f"{checkout.origin}/orders/ord_1/")
    waiting = merchant.gateway.find(reference)
    assert isinstance(waiting, ActionRequired)
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    page.goto(waiting.url)
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(f"{checkout.origin}/orders/ord_1/")
    context.close()
    assert merchant.service.captured(reference) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", ["fields", "saved", "mistakes", "bank", "account"])
def test_no_screen_has_an_accessibility_violation(
    merchant: Merchant, chromium: Browser, reference: str, screen: str, scheme: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    address = merchant.service.url + "/" if screen == "account" else merchant.fields_url(reference, "fr")
    if screen == "saved":
        merchant.service.type_card(address, "4242 4242 4242 4242")
    if screen == "bank":
        merchant.charge(reference, "4000 0027 6000 3184")
        waiting = merchant.gateway.find(reference)
        assert isinstance(waiting, ActionRequired)
        address = waiting.url
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(address)
    if screen == "mistakes":
        page.get_by_role("button").click()
    rules = {"page-has-heading-one": {"enabled": screen in ("bank", "account")}}  # the fields are a part of a page
    found = Axe().run(page, options={"rules": rules})
    context.close()
    assert found.violations_count == 0, found.generate_report()
