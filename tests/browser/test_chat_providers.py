"""A provider's chat in a real browser: the policy lets exactly its own hosts through, and card fields never meet it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from palier.interfaces.ui.chat.chatwoot import Chatwoot
from palier.interfaces.ui.chat.contract import Provider
from palier.interfaces.ui.chat.crisp import Crisp
from palier.interfaces.ui.chat.intercom import Intercom
from palier_stack import ports
from palier_stack.processes import Program, company
from tests.browser.providers import ASK, ASKED, ELSEWHERE, Hosts, heard, soon, violations
from tests.browser.registrar import Opened, Person, Registrar
from tests.live_stack import LiveStack

SECRET: Final = "an-identity-secret"
URL: Final = "https://chat.northgate.example"
CRISP_SITE: Final = "e30a04ee-f81c-4935-b8d8-5fa55831b1c0"
PROVIDERS: Final[dict[str, Provider]] = {
    "chatwoot": Chatwoot("Wq3uoAXZ5yUHLX", SECRET, URL),
    "crisp": Crisp(CRISP_SITE, SECRET),
    "intercom": Intercom("abc12345", SECRET, "eu"),
}
SITES: Final = {"chatwoot": "Wq3uoAXZ5yUHLX", "crisp": CRISP_SITE, "intercom": "abc12345"}


@contextmanager
def served(stack: LiveStack, kind: str, folder: Path) -> Iterator[str]:
    """One more web server on the same data, whose chat is a provider's."""
    port = ports.any_free()
    url = f"http://{ports.LOOPBACK}:{port}"
    settings = stack.settings | {
        "PALIER_BASE_URL": url,
        "PALIER_CHAT": kind,
        "PALIER_CHAT_SITE": SITES[kind],
        "PALIER_CHAT_SECRET": SECRET,
        "PALIER_CHAT_URL": URL,
        "PALIER_CHAT_REGION": "eu",
    }
    command = [sys.executable, "-m", "palier", "serve", "--port", str(port), "--workers", "1", "--threads", "4"]
    web = Program(f"web server with {kind}", command, settings, folder / f"{kind}.log", lambda: _answers(url))
    with company() as together:
        together.start(web)
        yield url


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("kind", PROVIDERS)
def test_exactly_the_providers_hosts_are_let_through(
    stack: LiveStack,
    registrar: Registrar,
    opened: Callable[..., Opened],
    new_context: Callable[..., BrowserContext],
    tmp_path: Path,
    kind: str,
) -> None:
    provider = PROVIDERS[kind]
    language = "fr" if kind == "crisp" else "en"
    owner = opened(language=language, details=True).owner
    with served(stack, kind, tmp_path) as url:
        context = new_context(base_url=url, locale=language)
        hosts = Hosts(context)
        _logged_in(context, url, owner, language)
        page = context.new_page()
        page.goto("/")
        _is_proved(kind, page, owner, language)
        _lets_through_what_it_names(page, hosts, provider)
        _holds_back_the_rest(page, hosts, provider)
        _never_meets_card_fields(page, hosts, provider, language)
        _forgets_who_has_left(kind, context, page)
        _says_when_it_is_unreachable(page, hosts, language)


def _logged_in(context: BrowserContext, url: str, person: Person, language: str) -> None:
    cookies = {"sessionid": person.session, "django_language": language}
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


def _is_proved(kind: str, page: Page, owner: Person, language: str) -> None:
    """The provider hears who reads, with the proof of the page; and nothing on the page was held back."""
    said = heard(page)
    told = page.evaluate('JSON.parse(document.getElementById("chat-provider").textContent)')
    if kind == "chatwoot":
        assert said[0] == ["setUser", told["reader"], told["told"]["user"]]
        assert said[0][2]["email"] == owner.email
    elif kind == "crisp":
        assert ["set", "user:email", told["told"]["email"]] in said
        assert ["token", told["told"]["token"]] in said
    else:
        assert said == [["boot", told["told"]["boot"]]]
        assert said[0][1]["language_override"] == language
    assert SECRET not in page.content()
    assert violations(page) == set()


def _lets_through_what_it_names(page: Page, hosts: Hosts, provider: Provider) -> None:
    """Every source, tried in the way of its directive, leaves the browser."""
    tried = [(each, source) for each in ASKED for source in provider.additions.get(each, ())]
    for directive, source in tried:
        page.evaluate(ASK, [directive, source.replace("*.", "one.")])
    origins = {source.replace("*.", "one.") for _, source in tried if source.startswith("https:")}
    soon(page, lambda: all(hosts.asked(origin) for origin in origins), f"requests to all of {sorted(origins)}")
    styled = "getComputedStyle(document.getElementById('content')).getPropertyValue('--probed')"
    assert page.evaluate(styled) == "1"
    assert violations(page) == set()


def _holds_back_the_rest(page: Page, hosts: Hosts, provider: Provider) -> None:
    """Another host gets nothing, by no way; nor does one of the provider's by a way that is not its own."""
    for directive in ASKED - {"style-src", "worker-src"}:
        page.evaluate(ASK, [directive, ELSEWHERE])
    expected = {"script-src-elem", "font-src", "img-src", "media-src", "frame-src", "connect-src"}
    soon(page, lambda: {each.split()[0] for each in violations(page)} >= expected, "a violation of each directive")
    assert all(each.split()[1].startswith(ELSEWHERE) for each in violations(page))
    page.evaluate(ASK, ["frame-src", urlsplit(provider.script)._replace(path="", scheme="http").geturl()])
    soon(page, lambda: any("frame-src http:" in each for each in violations(page)), "a frame without TLS held back")
    assert not hosts.asked(ELSEWHERE)


def _never_meets_card_fields(page: Page, hosts: Hosts, provider: Provider, language: str) -> None:
    """At the checkout the chat is a link; what was typed stays while it is open beside it."""
    page.goto("/settings/billing/plans/?plan=team&interval=month&seats=2")
    page.get_by_role("button", name={"en": "Proceed to pay", "fr": "Procéder au paiement"}[language]).locator(
        "visible=true"
    ).click()
    expect(page.locator("#card-frame")).to_be_visible()
    hosts.seen.clear()
    page.reload()
    number = page.frame_locator("#card-frame").get_by_label({"en": "Card number", "fr": "Numéro de carte"}[language])
    number.fill("4242")
    assert (hosts.seen, violations(page)) == ([], set())
    page.evaluate(ASK, ["script-src", urlsplit(provider.script)._replace(path="").geturl()])
    soon(page, lambda: any(each.startswith("script-src-elem") for each in violations(page)), "the script held back")
    assert hosts.seen == []
    with page.context.expect_page() as beside:
        page.locator(".chat-launcher").click()
    chat = beside.value
    open_it = {"chatwoot": ["toggle", "open"], "crisp": ["do", "chat:open"], "intercom": ["show"]}[provider.kind]
    assert open_it in heard(chat)
    assert violations(chat) == set()
    expect(chat.get_by_role("heading", level=1)).to_have_text(
        {"en": "Chat with us", "fr": "Discuter avec nous"}[language]
    )
    chat.close()
    expect(number).to_have_value("4242")


def _forgets_who_has_left(kind: str, context: BrowserContext, page: Page) -> None:
    """Who comes after a member does not find their conversation."""
    context.clear_cookies(name="sessionid")
    page.goto("/help/")
    forget = {"chatwoot": ["reset"], "crisp": ["do", "session:reset"], "intercom": ["shutdown"]}[kind]
    said = heard(page)
    assert said[0] == forget or forget in said
    assert "setUser" not in str(said)
    assert "user:email" not in str(said)
    page.reload()
    assert forget not in heard(page)


def _says_when_it_is_unreachable(page: Page, hosts: Hosts, language: str) -> None:
    """Something in the browser holds the provider back: a link remains, and the page behind it says why."""
    hosts.reachable = False
    page.goto("/help/")
    link = page.locator(".chat-launcher").locator("visible=true")
    expect(link).to_have_count(1)
    page.goto("/chat/")
    expect(page.locator("#chat-blocked")).to_be_visible()
    expect(page.locator(".chat-launcher").locator("visible=true")).to_have_count(0)
