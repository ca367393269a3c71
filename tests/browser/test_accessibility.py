"""Every screen under axe, in both languages, on a desktop and on a phone, light and dark, with its errors too."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from tests.browser.axe import ALL_RULES, COLOURS, EMBEDDED, Evaluates, violations
from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Opened, Registrar
from tests.browser.visitor import ASKS_BANK, DECLINED, Visitor
from tests.live_stack import LiveStack

READERS = [
    pytest.param("en", False, id="en-desktop"),
    pytest.param("fr", True, id="fr-phone"),
]
reading = pytest.mark.parametrize(("language", "phone"), READERS)

FREE_SCREENS = (
    "/",
    "/settings/",
    "/settings/members/",
    "/settings/billing/",
    "/settings/billing/usage/",
    "/settings/billing/plans/",
    "/settings/billing/plans/?plan=team&interval=month&seats=1.5",
    "/settings/billing/payment-method/",
    "/settings/billing/invoices/",
    "/settings/billing/details/",
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/email/",
    "/nowhere/",
)
PAID_SCREENS = (
    "/",
    "/settings/",
    "/settings/members/",
    "/settings/billing/",
    "/settings/billing/usage/",
    "/settings/billing/plans/",
    "/settings/billing/plans/?plan=business&interval=month&seats=5",
    "/settings/billing/plans/?plan=team&interval=month&seats=2",
    "/settings/billing/payment-method/",
    "/settings/billing/invoices/",
    "/settings/billing/details/",
)


STATUS = re.compile(r"/orders/ord_\w+/status/")
"""What the page of an order asks, to go on by itself."""


@dataclass
class Findings:
    """What axe found, screen by screen."""

    visitor: Visitor
    by_screen: dict[str, list[str]] = field(default_factory=dict)

    def look(self, screen: str = "", frame: Evaluates | None = None) -> None:
        """All rules in light, and what depends on colour again in dark; nothing wider than the screen."""
        page = self.visitor.page
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found = violations(frame, ALL_RULES | EMBEDDED) if frame else violations(page)
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {line}" for line in violations(frame or page, COLOURS)]
        page.emulate_media(color_scheme="light")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("it scrolls sideways")
        if found:
            self.by_screen[screen or page.url] = found

    def send(self, screen: str) -> None:
        """Press the main form's last button and look at the page that answers."""
        with self.visitor.page.expect_navigation():
            self.visitor.page.locator("main form button").last.click()
        self.look(screen)

    def go(self, *paths: str) -> None:
        for path in paths:
            self.visitor.go(path)
            self.look(path)


@reading
def test_before_log_in(visit: Visit, registrar: Registrar, stack: LiveStack, language: str, phone: bool) -> None:
    visitor = visit(language=language, phone=phone)
    findings = Findings(visitor)
    findings.go(
        "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/invitations/unknown/", "/nowhere/"
    )
    for path in ("/accounts/login/", "/accounts/signup/"):
        visitor.go(path)
        findings.send(f"{path} refused")
    visitor.go("/accounts/password/reset/")
    visitor.field(visitor.words.email).fill("nobody@example.com")
    findings.send("a reset link is on its way")

    inviting = visit(registrar.open(language=language).owner, language=language)
    address = f"guest.{language}@example.com"
    inviting.go("/settings/members/")
    inviting.page.locator("#emails").fill(address)
    inviting.page.locator("main form button").last.click()
    link = re.search(rf"{re.escape(stack.url)}/invitations/\S+/", stack.mail(address)["text"])
    assert link
    findings.go(link[0])
    findings.send("an invitation refused")
    assert findings.by_screen == {}


@reading
def test_on_the_free_plan(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    account = registrar.open(language=language, roles=("member",))
    visitor = visit(account.owner, language=language, phone=phone)
    findings = Findings(visitor)
    findings.go(*FREE_SCREENS)
    if phone:
        visitor.go("/")
        visitor.button("Menu").click()
        findings.look("the menu")

    visitor.go("/settings/members/")
    visitor.page.locator("#emails").fill("no address")
    findings.send("an invitation refused")
    visitor.go("/settings/billing/details/")
    findings.send("details refused")

    member = Findings(visit(account.others["member"], language=language, phone=phone))
    member.go("/settings/billing/plans/", "/settings/billing/details/", "/settings/members/")
    assert findings.by_screen | member.by_screen == {}


@reading
def test_the_checkout(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    visitor = visit(registrar.open(language=language).owner, language=language, phone=phone)
    findings = Findings(visitor)
    visitor.open_plans()
    visitor.proceed()
    terms = visitor.page.locator("#terms-link a").get_attribute("href")
    assert terms
    open_every_fold(visitor)
    findings.look("checkout")
    frame = visitor.page.locator("#card-frame").element_handle().content_frame()
    assert frame
    expect(visitor.card_frame.get_by_label(visitor.words.card_number)).to_be_visible()
    findings.look("card fields", frame)
    visitor.type_card("4242 4242 4242 4241", expiry="01/20", code="1")
    visitor.pay()
    expect(visitor.card_frame.locator("[aria-invalid=true]")).to_have_count(3)
    findings.look("card fields refused", frame)
    findings.look("checkout with an incomplete card")

    visitor.type_card(DECLINED)
    visitor.pay()
    expect(visitor.page.locator("#problem-summary")).to_be_visible()
    findings.look("checkout refused")
    visitor.fill_details()
    visitor.accept_terms()
    visitor.pay()
    expect(visitor.page.locator("#decline")).to_be_visible()
    open_every_fold(visitor)
    findings.look("checkout declined")
    findings.go(terms)
    assert findings.by_screen == {}


@reading
def test_orders_on_their_way(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    visitor = visit(registrar.open(language=language, details=True).owner, language=language, phone=phone)
    words = visitor.words
    findings = Findings(visitor)
    visitor.checkout(ASKS_BANK)
    visitor.pay()
    expect(visitor.heading(words.waiting)).to_be_visible()
    findings.look("waiting for the customer")
    order = visitor.page.url
    visitor.link(words.confirm_with_bank).click()
    expect(visitor.button(words.bank_confirm)).to_be_visible()
    findings.look("the bank's page")
    bank = visitor.page.url
    findings.go("/settings/billing/plans/")
    visitor.go(order)
    visitor.button(words.give_up).click()
    expect(visitor.button(words.give_up)).to_have_count(0)
    findings.look("given up")
    visitor.go(bank)
    findings.look("the bank's page, answered")

    visitor.checkout()
    visitor.bank_thinks()
    visitor.page.route(STATUS, lambda route: route.fulfill(status=204))  # it stays while it is looked at
    visitor.pay()
    visitor.expect_the_bank_to_think()
    findings.look("the bank is thinking")
    visitor.page.unroute(STATUS)
    visitor.bank_answers()
    visitor.expect_done("Team")
    findings.look("done")
    visitor.page.get_by_role("main").locator("a[href*='/invoices/']").first.click()
    findings.look("the invoice")
    assert findings.by_screen == {}


@reading
def test_on_a_paid_plan(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    account = paid(registrar, language)
    visitor = visit(account.owner, language=language, phone=phone)
    findings = Findings(visitor)
    visitor.go("/settings/members/")
    visitor.page.locator("#emails").fill(f"new.{language}@example.com")
    findings.send("invited")
    findings.go(*PAID_SCREENS)
    visitor.open_plans(plan="business", interval="month", seats=5)
    visitor.proceed()
    open_every_fold(visitor)
    findings.look("checkout with the card on file")
    assert findings.by_screen == {}


def test_the_payment_service_s_own_account_page(visit: Visit, registrar: Registrar, stack: LiveStack) -> None:
    paid(registrar, "en")
    findings = Findings(visit())
    findings.go(f"{stack.sandbox_url}/")
    assert findings.by_screen == {}


def paid(registrar: Registrar, language: str) -> Opened:
    return registrar.open(language=language, roles=("admin",), held=Held(seats=5, days_ago=10))


def open_every_fold(visitor: Visitor) -> None:
    visitor.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
