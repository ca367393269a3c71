"""No field, address or cookie of any page leads to an error of ours, whatever is sent."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from palier.apps.accounts.models import Member
from palier.apps.catalogue import current
from tests.interfaces.addresses import ADDRESSES, BY_NAME, Address, Open
from tests.interfaces.conftest import ClientOf
from tests.interfaces.nasty import VALUES, WORST
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.world import DETAILS, PASSWORD

FORM: Final = "application/x-www-form-urlencoded"
CHOICE: Final = {"plan": "business", "interval": "month", "seats": "6"}
ASKED: Final[Mapping[str, Mapping[str, str]]] = {
    "plans": {**CHOICE, "step": "1"},
    "preview": CHOICE,
    "quote-create": CHOICE,
    "checkout": {"because": "quote.expired", "saved": "1"},
    "order": {"back": "1790000000"},
    "order-status": {"seen": "done", "back": "1790000000"},
    "order-return": {"payment": "pay_0000000000000"},
    "invoices": {"page": "1"},
    "account_login": {"next": "/settings/"},
    "account_signup": {"next": "/settings/"},
    "set_language": {"next": "/"},
}
"""What the addresses of pages carry."""

PASSWORDS: Final = {"password1": PASSWORD, "password2": PASSWORD}
TYPED: Final[Mapping[str, Mapping[str, str]]] = {
    "members": {"emails": "new@lumiere.example"},
    "invitation": {"name": "Nora New", "password": PASSWORD},
    "invitation-withdraw": {},
    "quote-create": {**CHOICE, "step": "1", "note": "", "total_minor": "1", "currency": "EUR"},
    "ask": {**CHOICE, "note": "Please."},
    "checkout": {**DETAILS, "card": "saved", "terms": "accepted", "terms_version": "", "action": "pay"},
    "order-withdraw": {"reason": ""},
    "payment-method": {"card": "new", "reference": ""},
    "billing-details": DETAILS,
    "account_login": {"login": "owner@lumiere.example", "password": PASSWORD, "next": "/", "remember": "on"},
    "account_logout": {"next": "/"},
    "account_signup": {"name": "N", "company": "C", "country": "FR", "email": "n@c.example", "password1": PASSWORD},
    "account_reauthenticate": {"password": PASSWORD, "next": "/"},
    "account_email": {"email": "other@lumiere.example", "action_add": "1"},
    "account_change_password": {"oldpassword": PASSWORD, **PASSWORDS},
    "account_set_password": PASSWORDS,
    "account_reset_password": {"email": "owner@lumiere.example"},
    "account_confirm_login_code": {"code": "123456"},
    "account_confirm_email": {"action": "confirm"},
    "account_reset_password_from_key": PASSWORDS,
    "set_language": {"language": "fr", "next": "/"},
    "hook": {"id": "evt_1"},
}
"""What the forms send when all is well."""


def named(address: Address) -> str:
    return address.name


@pytest.fixture
def scene(unchanging_scene: Scene) -> Scene:
    return unchanging_scene


def test_every_form_is_known_here() -> None:
    assert {address.name for address in ADDRESSES if "POST" in address.methods} == set(TYPED)


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a.name in ASKED], ids=named)
def test_no_query_breaks_a_page(scene: Scene, client_of: ClientOf, address: Address) -> None:
    client = client_of(visitor(scene, address))
    for sent in mixtures(ASKED[address.name]):
        unbroken(client, "GET", f"{address.path(scene)}?{encoded(sent)}")


def test_no_unknown_query_breaks_a_page(scene: Scene, client_of: ClientOf) -> None:
    for address in (address for address in ADDRESSES if "GET" in address.methods and address.name not in ASKED):
        client = client_of(visitor(scene, address))
        for worst in WORST:
            unbroken(client, "GET", f"{address.path(scene)}?{encoded({'next': worst, 'page': worst})}")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", [BY_NAME[name] for name in TYPED], ids=named)
def test_no_form_breaks_a_page(scene: Scene, client_of: ClientOf, address: Address, language: str) -> None:
    right = {**TYPED[address.name]}
    if "terms_version" in right:
        terms = current().terms
        right |= {"terms_version": terms.version, "terms_sha256": terms.sha256(language)}
    client = client_of(visitor(scene, address), language=language)
    everything = [{}, *mixtures(right), *singles(right)]
    # Each language sees every other one: the words are checked elsewhere.
    for sent in everything[language == "fr" :: 2]:
        unbroken(client, "POST", address.path(scene), encoded(sent), FORM)


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a.names or a.name in {"terms", "hook"}], ids=named)
def test_no_identity_breaks_an_address(scene: Scene, client_of: ClientOf, address: Address) -> None:
    client = client_of(scene.cast.owner)
    method = "GET" if "GET" in address.methods else "POST"
    before, _, after = address.path(scene).partition(str(address.arguments(scene)[0]))
    for value in (*VALUES[::2], "\0", "%ff", "%c3%28", "%00"):
        written = value if value.startswith("%") else quote(value.encode(errors="surrogatepass"), safe="")
        status = unbroken(client, method, before + written + after)
        assert status in (301, 302, 400, 403, 404, 405), (value[:20], status)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"seats=%ff%fe&plan=%c3%28&name=%80", FORM),
        (b"seats=\xff\xfe&name=\xc3\x28", FORM),
        (b"seats=5&" * 1200, FORM),
        (b"name=" + b"x" * 3_000_000, FORM),
        (b"\x00" * 100, FORM),
        (b"no boundary here", "multipart/form-data"),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx", "multipart/form-data; boundary=b"),
        (b'{"seats": 5}', "application/json"),
        (b"<seats>5</seats>", "text/xml; charset=utf-7"),
        (b"seats=5", "application/x-www-form-urlencoded; charset=no-such-charset"),
        (b"seats=5", "\xe9"),
    ],
    ids=["percent", "raw", "fields", "huge", "nul", "boundary", "part", "json", "xml", "charset", "type"],
)
def test_no_body_breaks_a_form(scene: Scene, client_of: ClientOf, body: bytes, kind: str) -> None:
    for place, address in enumerate(BY_NAME[name] for name in TYPED):
        # Where forms need their token, the body is read before the page is asked.
        client = client_of(visitor(scene, address), strict=place % 3 == 0)
        unbroken(client, "POST", address.path(scene), body, kind)


def test_a_body_that_is_too_large_is_refused_in_words(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner, language="fr")
    answer = client.generic("POST", "/settings/billing/details/", b"name=" + b"x" * 3_000_000, FORM)
    page = Page(answer)
    assert page.status == 400
    assert page.says("Cette demande n'a pas pu être lue")


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages", "django_language"])
def test_no_cookie_breaks_a_page(scene: Scene, client_of: ClientOf, name: str) -> None:
    assert CookieStorage.cookie_name == "messages"
    for value in ("", "x", "%00", "a" * 4000, "é", "quo_1", "../..", "fr%00", '[["__json_message",0]]', "1:2:3"):
        client = client_of(scene.cast.owner)
        client.cookies[name] = value
        for path in ("/", "/accounts/login/", f"/checkout/{scene.quote.public_id}/"):
            unbroken(client, "GET", path)


@pytest.mark.parametrize(
    "headers",
    [
        {"Referer": "http://[::1"},
        {"Referer": "\0"},
        {"Referer": "http://testserver:99999/"},
        {"Accept-Language": "q=" * 300},
        {"User-Agent": "x" * 9000},
        {"User-Agent": "\0\x01"},
        {"HX-Request": "true", "HX-Trigger-Name": "\0", "HX-Current-URL": "http://[::1"},
        {"Host": "evil.example"},
        {"Host": "a" * 300},
        {"X-Forwarded-For": "not an address"},
        {"Cookie": "=;;=\x00; sessionid"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_header_breaks_a_page(scene: Scene, client_of: ClientOf, headers: dict[str, str]) -> None:
    terms = current().terms
    accepted = {"terms": "accepted", "terms_version": terms.version, "terms_sha256": terms.sha256("en")}
    pay = encoded({**DETAILS, "card": "saved", **accepted, "action": "pay"})
    for member in (scene.cast.owner, None):
        unbroken(client_of(member), "GET", "/", headers=headers)
        unbroken(client_of(member), "POST", f"/checkout/{scene.quote.public_id}/", pay, FORM, headers=headers)
        unbroken(client_of(member), "POST", "/settings/billing/quotes/", encoded(CHOICE), FORM, headers=headers)


def visitor(scene: Scene, address: Address) -> Member | None:
    """Who may open an address; what anybody may open is opened by nobody."""
    return None if address.to is Open.ANYONE else scene.cast.owner


def mixtures(known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Every value in every field, the others filled with other nasty ones."""
    for shift in range(len(VALUES)):
        yield {name: VALUES[(shift + 7 * place) % len(VALUES)] for place, name in enumerate(known)}


def singles(known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The worst values, one at a time."""
    for name in known:
        yield from ({**known, name: worst} for worst in WORST)


def encoded(sent: Mapping[str, str]) -> str:
    return urlencode({name: value.encode(errors="surrogatepass") for name, value in sent.items()})


def unbroken(client: Client, method: str, path: str, body: bytes | str = b"", kind: str = FORM, **more: Any) -> int:
    """The status, which is none of an error of ours; what was sent changes nothing for the next one."""
    client.raise_request_exception = False
    cache.clear()
    with transaction.atomic():
        answer = client.generic(method, path, body, kind, **more)
        transaction.set_rollback(True)
    assert answer.status_code < 500, f"{method} {path[:300]} {str(body)[:1500]} -> {answer.status_code}"
    return answer.status_code
