"""A browser, the running program, people with accounts in it, and visitors who look at its pages."""

import os
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser.registrar import Opened, Person, Registrar
from tests.browser.visitor import Visitor
from tests.browser.words import WORDS
from tests.chromium import PATIENCE_MS, chromium
from tests.live_stack import LiveStack

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Ended with the last test of this folder: while it runs, nothing else may use an event loop in this process."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright) as started:
        yield started


@pytest.fixture(scope="package")
def browser_context_args() -> dict[str, Any]:
    """What every context begins with."""
    return {"timezone_id": "Europe/Paris"}


@pytest.fixture(scope="package")
def registrar(stack: LiveStack) -> Iterator[Registrar]:
    """Opens accounts without the sign-up page."""
    with Registrar(stack) as running:
        yield running


@pytest.fixture
def opened(registrar: Registrar) -> Callable[..., Opened]:
    """A fresh account: ``opened(language="fr", roles=("member",), held=Held("team"))``."""
    return registrar.open


class Visit(Protocol):
    """Opens a browser of its own for somebody."""

    def __call__(
        self,
        person: Person | None = None,
        *,
        language: str = "en",
        phone: bool = False,
        scripts: bool = True,
        **options: Any,
    ) -> Visitor:
        """``person`` is logged in; None is nobody yet. ``options`` are those of a browser context."""


@pytest.fixture
def visit(stack: LiveStack, new_context: Callable[..., BrowserContext]) -> Iterator[Visit]:
    """Visitors, each in a browser context of their own. Afterwards: no page complained about anything."""
    visitors: list[Visitor] = []

    def entered(
        person: Person | None = None,
        *,
        language: str = "en",
        phone: bool = False,
        scripts: bool = True,
        **options: Any,
    ) -> Visitor:
        words = WORDS[language]
        screen = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if phone else {"viewport": DESKTOP}
        context = new_context(
            **{"base_url": stack.url, "locale": words.locale, "java_script_enabled": scripts, **screen, **options}
        )
        context.set_default_timeout(PATIENCE_MS)
        cookies = {"django_language": language} | ({"sessionid": person.session} if person else {})
        context.add_cookies([{"name": name, "value": value, "url": stack.url} for name, value in cookies.items()])
        visitor = Visitor(context, words, stack, phone=phone)
        visitors.append(visitor)
        return visitor

    yield entered
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    assert complaints == []
