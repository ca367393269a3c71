"""No field, address or cookie of any page leads to an error of ours, whatever is sent."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client

from palier.apps.catalogue import current
from tests.interfaces.addresses import ADDRESSES, BY_NAME, Address, visitor
from tests.interfaces.conftest import ClientOf
from tests.interfaces.nasty import FORM, VALUES, WORST, answered, encoded
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.report.happened import happened
from tests.report.size import sized
from tests.world import DETAILS, PASSWORD

CHOICE: Final = {"plan": "business", "interval": "month", "seats": "6"}
ASKED: Final[Mapping[str, Mapping[str, str]]] = {
    "plans": {**CHOICE, "step": "1"},
    "preview": CHOICE,
    "quote-create": CHOICE,
    "billing-seats": {"month": "6", "year": "1", "step": "year:1"},
    "billing-add-ons": {"units-records": "2", "step": "records:1"},
    "checkout": {"because": "quote.expired", "saved": "1"},
    "order": {"back": "1790000000"},
    "order-status": {"seen": "done", "back": "1790000000"},
    "order-return": {"payment": "pay_0000000000000"},
    "invoices": {"page": "1"},
    "help-search": {"q": "invoice"},
    "desk-help": {"language": "fr"},
    "account_login": {"next": "/settings/"},
    "account_signup": {"next": "/settings/"},
    "inbox": {"state": "open", "whose": "mine", "q": "facture", "after": "1790000000000000.cnv_0000000000001"},
    "desk-conversation": {"before": "1"},
    "desk-news": {"after": "1", "mark": "1", "day": "Today"},
    "set_language": {"next": "/"},
    "chat": {"from": "/settings/", "quote": "", "order": "", "invoice": "", "line": "1", "code": "quote.expired"},
    "chat-suggest": {"q": "How do I upgrade?"},
    "chat-news": {"after": "1", "mark": "0.0.open.0", "seen": "1"},
}
"""What the addresses of pages carry."""

PASSWORDS: Final = {"password1": PASSWORD, "password2": PASSWORD}
TYPED: Final[Mapping[str, Mapping[str, str]]] = {
    "members": {"emails": "new@lumiere.example", "role": "member"},
    "invitation": {"name": "Nora New", "password": PASSWORD},
    "invitation-withdraw": {},
    "invitation-resend": {},
    "member-role": {"role": "admin"},
    "member-deactivate": {"licence": "keep"},
    "member-reactivate": {},
    "member-remove": {"licence": "keep"},
    "ownership": {},
    "seats-buy": {"seats": "1"},
    "seats-reduce": {},
    "seat-ask": {"wished": "new@lumiere.example", "note": "Please."},
    "seat-request": {"action": "pay", "quote": "", "word": "", "terms": "accepted", "terms_version": ""},
    "quote-create": {**CHOICE, "step": "1", "note": "", "total_minor": "1", "currency": "EUR"},
    "billing-usage": {"limit": "records"},
    "ask": {**CHOICE, "note": "Please."},
    "schedule-change": {**CHOICE, "other_seats": "0"},
    "change-withdraw": {"back": "/settings/billing/seats/"},
    "billing-seats": {"month": "6", "year": "1", "action": "schedule"},
    "billing-add-ons": {"units-records": "2", "action": "pay"},
    "billing-cancel": {"which": "month", "reason": "Merged"},
    "billing-export": {},
    "clock": {"jump": "day", "to": "2027-01-31", "action": "go"},
    "trial-start": {"plan": "team"},
    "invoice-pay": {"card": "saved"},
    "invoice-withdraw": {"reason": ""},
    "account-close": {"name": "Cabinet Lumière"},
    "checkout": {**DETAILS, "card": "saved", "terms": "accepted", "terms_version": "", "action": "pay"},
    "order-withdraw": {"reason": ""},
    "help-opinion": {"answered": "no", "word": "What is the rest?"},
    "payment-method": {"card": "new", "reference": ""},
    "billing-details": DETAILS,
    "chat": {"text": "Hello", "key": "k", "from": "/settings/", "line": "1", "code": "quote.expired", "quote": ""},
    "chat-conversation": {"text": "Hello", "key": "k", "after": "1", "from": "/", "invoice": "", "order": ""},
    "chat-typing": {},
    "chat-satisfaction": {"solved": "yes", "word": "Thanks", "after": "1"},
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
    "desk-conversation": {"action": "assign", "text": "Hello", "key": "k", "to": "", "seen": "1", "canned": ""},
    "desk-typing": {},
    "desk-answers": {"name": "Proration", "language": "en", "text": "Days."},
    "desk-answer": {"name": "Proration", "language": "en", "text": "Days.", "action": "save"},
    "desk-hours": {"opens-0-0": "09:00", "closes-0-0": "17:30"},
}
"""What the forms send when all is well."""


STRIDES: Final = range(7, sized(8, 16, 28))
"""So far apart are the values of neighbouring fields; as many mixtures as there are strides."""


def named(address: Address) -> str:
    return address.name


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
    client = client_of(visitor(scene, address) or scene.cast.owner)
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


def mixtures(known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Every value in every field, the others filled with other nasty ones; nothing for a form without fields."""
    for stride in STRIDES if known else ():
        for shift in range(len(VALUES)):
            yield {name: VALUES[(shift + stride * place) % len(VALUES)] for place, name in enumerate(known)}


def singles(known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The worst values, one at a time."""
    for name in known:
        yield from ({**known, name: worst} for worst in WORST)


def unbroken(client: Client, method: str, path: str, body: bytes | str = b"", kind: str = FORM, **more: Any) -> int:
    """The status, which is none of an error of ours; counted."""
    status = answered(client, method, path, body, kind, **more)
    happened("bad_inputs")
    return status
