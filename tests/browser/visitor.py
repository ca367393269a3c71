"""Somebody in front of a browser: what they do on the way from the plans to a paid order."""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import BrowserContext, ConsoleMessage, FrameLocator, Locator, Page, Request, Response, expect

from tests.browser.words import Words
from tests.live_stack import LiveStack

PATIENCE_SECONDS: Final = 60
GOOD: Final = "4242 4242 4242 4242"
DECLINED: Final = "4000 0000 0000 0002"
NO_FUNDS: Final = "4000 0000 0000 9995"
ASKS_BANK: Final = "4000 0027 6000 3184"
BANK_THINKS_SECONDS: Final = 120
"""By the payment service's own clock, which a test moves."""

ANSWERED_WITH_A_REFUSAL: Final = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
"""Chromium reports a page that answers 404 or 422 as it should; parts of a page are watched by ``_answered``."""

FRENCH_COMPANY: Final = {"address": "8 rue de Rivoli", "postcode": "75004", "city": "Paris"}
IRISH_COMPANY: Final = {"address": "14 Northgate Quay", "postcode": "D02 X285", "city": "Dublin"}


def minor_of(text: str) -> int:
    """The sum in minor units that a text shows with two decimals."""
    digits = re.sub(r"\D", "", text)
    assert digits, f"no sum in {text!r}"
    return -int(digits) if text.strip().startswith(("-", "−")) else int(digits)


def plain(text: str) -> str:
    """One line with ordinary spaces."""
    return re.sub(r"\s+", " ", text).strip()


@dataclass
class Visitor:
    """One browser context with its first page; ``complaints`` is what its pages found wrong."""

    context: BrowserContext
    words: Words
    stack: LiveStack
    phone: bool = False
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.page = self.context.new_page()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not ANSWERED_WITH_A_REFUSAL.match(message.text):
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.hostname != "127.0.0.1":
            self.complaints.append(f"a request to {request.url}")

    def _answered(self, response: Response) -> None:
        part = response.request.resource_type in ("stylesheet", "script", "image", "font")
        if response.status >= (400 if part else 500) and response.status != 503:
            self.complaints.append(f"{response.status} for {response.url}")

    # Finding things by their names

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True)

    def field(self, name: str) -> Locator:
        """A field by its label, with or without "(optional)" behind it."""
        controls = self.page.locator("input, textarea, select")
        return controls.and_(self.page.get_by_label(re.compile(rf"^{re.escape(name)}(\s+\(\w+\))?$")))

    def go(self, path: str) -> None:
        self.page.goto(path)

    # Plans

    def open_plans(self, **choice: object) -> None:
        """The plans page, at a choice if one is given."""
        query = "&".join(f"{name}={value}" for name, value in choice.items())
        self.go(f"/settings/billing/plans/{'?' if query else ''}{query}")

    def sum_shown(self, name: str) -> int:
        """One of the order's sums on the plans page: "net", "tax", "total" or "renewal"."""
        return minor_of(self.page.locator(f"#due [data-{name}]").inner_text())

    def proceed(self) -> None:
        """To the checkout."""
        self.button(self.words.proceed).locator("visible=true").click()
        expect(self.heading(self.words.checkout)).to_be_visible()

    # Checkout

    @property
    def card_frame(self) -> FrameLocator:
        return self.page.frame_locator("#card-frame")

    def type_card(self, number: str = GOOD, *, expiry: str = "12/34", code: str = "123") -> None:
        """Into the payment service's own fields."""
        self.card_frame.get_by_label(self.words.card_number).fill(number)
        self.card_frame.get_by_label(self.words.expiry).fill(expiry)
        self.card_frame.get_by_label(self.words.code_on_card).fill(code)

    def fill_details(self, **values: str) -> None:
        """What the first purchase asks; the name, the country and the e-mail address are there already."""
        address = FRENCH_COMPANY if self.words.code == "fr" else IRISH_COMPANY
        for name, value in {**address, **values}.items():
            self.field(getattr(self.words, name)).fill(value)

    def accept_terms(self) -> None:
        self.page.get_by_role("checkbox", name=self.words.accept_terms).check()

    @property
    def pay_button(self) -> Locator:
        """The button that carries the sum."""
        return self.page.locator("#pay")

    @property
    def sum_to_pay(self) -> int:
        return minor_of(self.pay_button.inner_text())

    def pay(self) -> None:
        self.pay_button.click()

    def checkout(self, number: str = GOOD, **choice: object) -> None:
        """From the plans to a checkout on which only Pay is left to press."""
        self.open_plans(**{"plan": "team", "interval": "month", "seats": 3, **choice})
        self.proceed()
        self.type_card(number)
        if self.field(self.words.postcode).is_visible():
            self.fill_details()
        self.accept_terms()

    # The bank takes its time

    def bank_thinks(self) -> None:
        """About the next payment: for as long as a test wants, however slow the machine is."""
        late = {"kind": "capture_late", "times": 1, "parameters": {"seconds": BANK_THINKS_SECONDS}}
        self._tell_sandbox("/v1/faults", late)

    def expect_the_bank_to_think(self) -> None:
        """The page says so; on a slow machine it may say already that the bank is being asked once more."""
        expect(self.heading(self.words.thinking).or_(self.heading(self.words.asking))).to_be_visible()

    def bank_answers(self) -> None:
        """Yes."""
        self._tell_sandbox("/v1/clock", {"advance_seconds": BANK_THINKS_SECONDS})

    def _tell_sandbox(self, path: str, body: dict[str, Any]) -> None:
        key = {"Authorization": f"Bearer {self.stack.settings['PALIER_SANDBOX_SECRET_KEY']}"}
        address = f"{self.stack.sandbox_url}{path}"
        httpx.post(address, json=body, headers=key, trust_env=False, timeout=PATIENCE_SECONDS).raise_for_status()

    # Endings

    def expect_done(self, plan: str) -> None:
        expect(self.heading(self.words.done.format(plan=plan))).to_be_visible()

    @property
    def order_id(self) -> str:
        """The public id of the order whose page is open."""
        found = re.search(r"/orders/(ord_\w+)/", self.page.url)
        assert found, f"{self.page.url} is not an order's page"
        return found[1]

    def charges(self, order_id: str) -> list[dict[str, Any]]:
        """What the payment service's book says about an order, the oldest first."""
        key = {"Authorization": f"Bearer {self.stack.settings['PALIER_SANDBOX_SECRET_KEY']}"}
        address = f"{self.stack.sandbox_url}/v1/book"
        book = httpx.get(address, headers=key, trust_env=False, timeout=PATIENCE_SECONDS).raise_for_status().json()
        found = [charge for charge in book["charges"] if order_id in charge["description"]]
        return sorted(found, key=lambda charge: charge["created_at"])

    def taken(self, order_id: str) -> list[int]:
        """The sums that were really taken for an order."""
        return [charge["amount_minor"] for charge in self.charges(order_id) if charge["state"] == "succeeded"]
