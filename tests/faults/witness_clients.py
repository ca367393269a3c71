"""Customers who buy: over real HTTP, page by page, and as people do when a connection breaks."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from tests.browser.registrar import Person
from tests.faults.witness import Witness

PATIENCE_SECONDS: Final = 600
"""How long a customer presses again or looks at "the bank is thinking" before they take the program for broken."""

BLINK_SECONDS: Final = 0.7
"""Before the first further look, as the order's page has it; the next one comes after twice that, and so on."""

GOOD: Final = "4242 4242 4242 4242"
DECLINED: Final = "4000 0000 0000 0002"
CURRENCIES: Final = {"€": "EUR", "$": "USD", "£": "GBP"}
AWAY: Final = 500
"""An answer of this kind or worse is no answer to a person."""


class Behaviour(StrEnum):
    """What a person does when the connection breaks."""

    RETRY = "the same again"
    LEAVE = "nobody"
    SECOND_TAB = "a second tab"


class Broken(Exception):
    """No answer, or one that says nothing: the program is away."""


class Left(Exception):
    """The person has gone away for good."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody buys, with which cards in turn, and how they take a broken connection."""

    plan: str
    interval: str
    seats: int
    cards: tuple[str, ...]
    behaviour: Behaviour
    expiry: str = "12/34"


def wish(number: int) -> Wish:
    """The wish of the n-th customer: all behaviours in turn, and every fifth has a card that is declined first."""
    return Wish(
        plan=("team", "business")[number % 2],
        interval=("month", "year")[number // 2 % 2],
        seats=1 + number % 9,
        cards=(DECLINED, GOOD) if number % 5 == 4 else (GOOD,),
        expiry=f"{1 + number % 12:02}/{34 + number // 12 % 40}",
        behaviour=list(Behaviour)[number % 3],
    )


@dataclass
class Customer:
    """One person with a browser; ``url`` is where the program answers, ``longest_blink`` is in seconds."""

    url: str
    person: Person
    wish: Wish
    witness: Witness
    longest_blink: float = 1.5
    tab: int = 1
    browser: httpx.Client = field(init=False)
    presses: Callable[[], object] = lambda: None
    """Awaited right before Pay is pressed for the first time."""

    def __post_init__(self) -> None:
        self.browser = httpx.Client(base_url=self.url, trust_env=False, verify=False, timeout=PATIENCE_SECONDS)
        self.browser.cookies.set("sessionid", self.person.session)

    def buys(self) -> None:
        """From the plans to an end, or to where they leave."""
        with self.browser, suppress(Left):
            self._buys()

    def comes_back(self, order: str) -> None:
        """Much later: a look at an order whose end they have not seen."""
        with self.browser:
            self._follow(order)

    # The way

    def _buys(self) -> None:
        quote = self._quotes()
        if quote is None:
            return  # nothing is left to buy: another tab has bought it, and they were told
        for number, card in enumerate(self.wish.cards):
            page = self._page(f"/checkout/{quote}/", "checkout")
            if page.is_redirect:
                return  # another tab's order took this promise's place; they were told
            self._types(card, page.text)
            if not number:
                self.presses()
            order = self._pays(quote, page.text)
            if order is None or self._follow(order) != "declined":
                return

    def _quotes(self) -> str | None:
        """Look at the plans, choose, proceed; the quote, or None when they were told why there is none."""
        chosen = {"plan": self.wish.plan, "interval": self.wish.interval, "seats": str(self.wish.seats)}
        page = self._page(f"/settings/billing/plans/?{urlencode(chosen)}", "plans")
        sent = fields_of(page.text, "order") | chosen
        answer = self._again(lambda: self._asks("POST", "/settings/billing/quotes/", "proceed", data=sent))
        found = re.search(r"/checkout/(quo_\w+)/", answer.headers.get("Location", ""))
        return found[1] if found else None

    def _types(self, card: str, page: str) -> None:
        """Into the payment service's own fields."""
        found = re.search(r'<iframe id="card-frame" src="([^"]+)"', page)
        assert found, "no card fields"
        typed = {"number": card, "expiry": self.wish.expiry, "code": "123"}
        address = found[1].replace("&amp;", "&")
        answer = self._again(lambda: self._asks("POST", address, "card", data=typed))
        assert answer.is_redirect, answer.text

    def _pays(self, quote: str, page: str) -> str | None:
        """Press Pay on the form as it stands; the order, or None when they were told why there is none."""
        total_minor, currency = due_on(page)
        sent = fields_of(page, "checkout-form") | {"terms": "accepted", "action": "pay", "card": "new"}
        shown = {"quote": quote, "total_minor": total_minor, "currency": currency}

        def press() -> httpx.Response:
            return self._asks("POST", f"/checkout/{quote}/", "pay", data=sent, **shown)

        try:
            answer = press()
        except Broken:
            answer = self._after_a_break(press)
        found = re.search(r"/orders/(ord_\w+)/", answer.headers.get("Location", ""))
        return found[1] if found else None

    def _after_a_break(self, press: Callable[[], httpx.Response]) -> httpx.Response:
        match self.wish.behaviour:
            case Behaviour.LEAVE:
                raise Left
            case Behaviour.SECOND_TAB if self.tab == 1:
                self.tab = 2
                self._buys()
                self.tab = 1
        return self._again(press)

    def _follow(self, order: str) -> str:
        """Look at the order's page until it has an end; answers that end."""
        page = self._page(f"/orders/{order}/", "order", order=order)
        for _ in self._blinks(f"{order} never ends"):
            ending = ending_of(page)
            if ending in ("done", "declined", "closed", "parked"):
                return ending
            if self._page(f"/orders/{order}/status/?seen={ending}", "status", order=order).status_code != 204:
                page = self._page(f"/orders/{order}/", "order", order=order)
        raise AssertionError("blinks never end by themselves")

    # Requests

    def _page(self, address: str, step: str, **about: Any) -> httpx.Response:
        return self._again(lambda: self._asks("GET", address, step, **about))

    def _again(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """Until there is an answer; whoever would leave does so at the first break."""
        for _ in self._blinks("the program is away for ever"):
            try:
                return ask()
            except Broken as trouble:
                if self.wish.behaviour is Behaviour.LEAVE:
                    raise Left from trouble
        raise AssertionError("blinks never end by themselves")

    def _blinks(self, trouble: str) -> Iterator[None]:
        """One turn after the other, further and further apart; fails with the trouble when patience is at its end."""
        deadline, pause = time.monotonic() + PATIENCE_SECONDS, BLINK_SECONDS
        while time.monotonic() < deadline:
            yield
            time.sleep(pause)
            pause = min(pause * 2, self.longest_blink)
        raise AssertionError(trouble)

    def _asks(
        self, method: str, address: str, step: str, data: dict[str, str] | None = None, **about: Any
    ) -> httpx.Response:
        """One request, written down before and after."""
        number = self.witness.asks(self.person.email, step=step, tab=self.tab, **about)
        headers = {"Origin": self.url, "Referer": f"{self.url}/"} if data else {}
        try:
            answer = self.browser.request(method, address, data=data, headers=headers)
        except httpx.TransportError as trouble:
            raise Broken(f"{step}: {trouble!r}") from trouble
        self.witness.hears(number, **told_by(answer))
        if answer.status_code >= AWAY:
            raise Broken(f"{step}: {answer.status_code}")
        return answer


def told_by(answer: httpx.Response) -> dict[str, Any]:
    """What an answer says to a person, in short."""
    told: dict[str, Any] = {"status": answer.status_code}
    if address := answer.headers.get("Location"):
        told["address"] = address
    page = f"{address or ''} {answer.text}"
    if order := re.search(r'(?:/orders/|data-order=")(ord_\w+)', page):
        told["order"] = order[1]
    if code := re.search(r'data-code="([^"]+)"', answer.text):
        told["code"] = code[1]
    if (
        answer.status_code < AWAY
        and "/orders/" in answer.request.url.path
        and not answer.request.url.path.endswith("/status/")
    ):
        told["ending"] = ending_of(answer)
    return told


def ending_of(page: httpx.Response) -> str:
    """Which sentence an order's page says: as its own script would ask for, or one of those that are final."""
    if page.is_redirect:
        return "declined"
    if seen := re.search(r"/status/\?seen=(\w+)", page.text):
        return seen[1]
    if "data-invoice=" in page.text:
        return "done"
    return "closed" if "This order was given up" in page.text else "parked"


def due_on(page: str) -> tuple[int, str]:
    """The sum beside Pay in minor units, and its currency."""
    found = re.search(r'id="pay-bar".*?<p class="pay-total[^>]*>.*?</span>(.*?)</p>', page, re.DOTALL)
    assert found, "no sum beside Pay"
    text = re.sub(r"<[^>]*>", "", found[1])
    (currency,) = [code for sign, code in CURRENCIES.items() if sign in text]
    return int(re.sub(r"\D", "", text)), currency


def fields_of(page: str, form: str) -> dict[str, str]:
    """All that the form with that id would send, without its buttons and the boxes that are not ticked."""
    reader = _Form(form)
    reader.feed(page)
    return reader.fields


class _Form(HTMLParser):
    def __init__(self, identity: str) -> None:
        super().__init__()
        self.identity = identity
        self.fields: dict[str, str] = {}
        self._inside = False
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "form":
            self._inside = has.get("id") == self.identity
        if not self._inside:
            return
        if tag == "input" and name and (has.get("type") not in ("radio", "checkbox") or "checked" in has):
            self.fields[name] = value
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in has:
            self.fields[self._select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.removeprefix("\n")
