"""A provider's chat in place of ours: who it is told of, what proves it, and the policy, directive by directive."""

import hashlib
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver
from django.utils.csp import build_policy

from palier.config.chat import provider_of
from palier.interfaces.ui.chat.chatwoot import Chatwoot
from palier.interfaces.ui.chat.contract import Provider, signature, token
from palier.interfaces.ui.chat.crisp import Crisp
from palier.interfaces.ui.chat.intercom import Intercom
from palier.kit import clock
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = (ROOT / "docs/reference/chat-providers.md").read_text(encoding="utf-8")
SECRET: Final = "an-identity-secret-that-no-page-may-show"
URL: Final = "https://chat.lumiere.example"
CRISP_SITE: Final = "e30a04ee-f81c-4935-b8d8-5fa55831b1c0"

PROVIDERS: Final[dict[str, Provider]] = {
    "chatwoot": Chatwoot("Wq3uoAXZ5yUHLX", SECRET, URL),
    "crisp": Crisp(CRISP_SITE, SECRET),
    "intercom": Intercom("abc12345", SECRET),
    "intercom eu": Intercom("abc12345", SECRET, "eu"),
    "intercom au": Intercom("abc12345", SECRET, "au"),
}
SCRIPTS: Final = {
    "chatwoot": f"{URL}/packs/js/sdk.js",
    "crisp": "https://client.crisp.chat/l.js",
    "intercom": "https://widget.intercom.io/widget/abc12345",
}
LANGUAGES: Final = ("en", "fr")
SHOWN: Final = ("/", "/settings/billing/", "/help/en/", "/chat/")
each_provider = pytest.mark.parametrize("name", PROVIDERS)


@pytest.fixture
def provider(name: str) -> Iterator[Provider]:
    """One provider, switched on as the settings would."""
    chosen = PROVIDERS[name]
    with override_settings(PALIER_CHAT=chosen.kind, CHAT_PROVIDER=chosen):
        yield chosen


def hmac_by_hand(secret: str, message: bytes) -> bytes:
    """RFC 2104 as it is written, apart from the library that the product uses."""
    key = secret.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


def written(*names: str) -> dict[str, set[str]]:
    """The additions that the document lists under these names."""
    found: dict[str, set[str]] = {}
    for name in names:
        block = re.search(rf"^```csp {name}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
        assert block, f"no list for {name}"
        for line in block[1].replace("{url}", URL).splitlines():
            directive, *sources = line.split()
            found.setdefault(directive, set()).update(sources)
    return found


def policy_of(answer: Any) -> dict[str, set[str]]:
    """What a page's policy lets through, with ``<nonce>`` for this answer's nonce."""
    header = re.sub(r"'nonce-[^']+'", "<nonce>", answer.headers["Content-Security-Policy"])
    return {directive: set(sources) for directive, *sources in (part.split() for part in header.split("; "))}


def strict() -> dict[str, set[str]]:
    """Palier's own policy, as it stands in the settings."""
    header = build_policy(cast(dict[str, list[str]], settings.SECURE_CSP), "x").replace("'nonce-x'", "<nonce>")
    return {directive: set(sources) for directive, *sources in (part.split() for part in header.split("; "))}


def told(page: Page) -> dict[str, Any]:
    """What the page tells the provider's starter."""
    found: dict[str, Any] = json.loads(page.one("script", id="chat-provider").text or "")
    return found


def opened(client: Client, path: str) -> Page:
    page = Page(client.get(path))
    assert page.status == 200, path
    return page


# The numbers


def test_signatures_are_those_of_the_published_vectors() -> None:
    """RFC 4231, case 2, and the example of jwt.io."""
    asked = "what do ya want for nothing?"
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", asked) == known == hmac_by_hand("Jefe", asked.encode()).hex()
    assert token("your-256-bit-secret", {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}) == (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    )


# Pages that show it


@each_provider
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_member_is_named_and_proved(
    scene: Scene, client_of: ClientOf, name: str, provider: Provider, language: str
) -> None:
    owner = scene.cast.owner
    begun = clock.now().timestamp()
    page = opened(client_of(owner, language=language), "/settings/billing/")
    said = told(page)
    assert (said["kind"], said["script"], said["language"]) == (provider.kind, SCRIPTS[provider.kind], language)
    assert (said["reader"], said["open"]) == (owner.public_id, False)
    proofs: dict[str, Any] = {
        "chatwoot": chatwoot_proof,
        "crisp": crisp_proof,
        "intercom": intercom_proof,
    }
    account = {"id": scene.account.public_id, "name": "Cabinet Lumière"}
    proofs[provider.kind](said["told"], owner.public_id, owner.user, account, language)
    if provider.kind == "intercom":
        ends = claims_of(said["told"]["boot"]["intercom_user_jwt"])["exp"]
        assert 3600 - 1 <= ends - begun <= 3600 + 60
    assert SECRET not in page.html
    assert page.says({"en": "Chat with us", "fr": "Discuter avec nous"}[language])  # for who has no JavaScript


def chatwoot_proof(said: dict[str, Any], identity: str, user: Any, account: dict[str, str], language: str) -> None:
    assert said == {
        "url": URL,
        "site": "Wq3uoAXZ5yUHLX",
        "user": {
            "identifier_hash": hmac_by_hand(SECRET, identity.encode()).hex(),
            "name": user.name,
            "email": user.email,
            "company_name": account["name"],
        },
        "attributes": {"account": account["id"], "plan": "Team", "language": language},
    }


def crisp_proof(said: dict[str, Any], identity: str, user: Any, account: dict[str, str], language: str) -> None:
    assert said == {
        "site": CRISP_SITE,
        "token": hmac_by_hand(SECRET, f"conversation of {identity}".encode()).hex(),
        "email": [user.email, hmac_by_hand(SECRET, user.email.encode()).hex()],
        "name": user.name,
        "company": account["name"],
        "data": [["member", identity], ["account", account["id"]], ["plan", "Team"], ["language", language]],
    }


def intercom_proof(said: dict[str, Any], identity: str, user: Any, account: dict[str, str], language: str) -> None:
    boot = said["boot"]
    text, _, seal = boot["intercom_user_jwt"].rpartition(".")
    assert urlsafe_b64decode(seal + "=") == hmac_by_hand(SECRET, text.encode())
    claims = claims_of(boot["intercom_user_jwt"])
    assert {key: value for key, value in claims.items() if key != "exp"} == {
        "user_id": identity,
        "email": user.email,
        "name": user.name,
        "plan": "Team",
    }
    assert boot["company"] == {"company_id": account["id"], "name": account["name"], "plan": "Team"}
    assert (boot["app_id"], boot["language_override"]) == ("abc12345", language)


def claims_of(jwt: str) -> dict[str, Any]:
    payload = jwt.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


@each_provider
@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_nobody(scene: Scene, client_of: ClientOf, name: str, provider: Provider, language: str) -> None:
    for path, is_chat in ((f"/help/{language}/", False), ("/chat/", True)):
        page = opened(client_of(None, language=language), path)
        said = told(page)
        assert (said["reader"], said["open"], said["language"]) == ("", is_chat, language)
        assert set(said["told"]) <= {"url", "site", "boot"}
        assert set(said["told"].get("boot", {})) <= {"app_id", "api_base", "language_override"}
    assert page.heading == {"en": "Chat with us", "fr": "Discuter avec nous"}[language]
    assert page.says(provider.name)


@each_provider
def test_the_policy_grows_by_exactly_what_is_written(
    scene: Scene, client_of: ClientOf, name: str, provider: Provider
) -> None:
    expected = strict()
    for directive, sources in written(*{provider.kind, name}).items():
        expected[directive] = expected.get(directive, set()) | sources
    for path in SHOWN:
        answer = client_of(scene.cast.owner).get(path)
        assert policy_of(answer) == expected, path
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        scripts = Page(answer).all("script", src="/static/ui/chat_provider.js")
        assert nonce
        assert [script.get("nonce") for script in scripts] == [nonce[1]]


def test_only_the_regions_own_hosts_are_let_through() -> None:
    eu, au = (json.dumps(PROVIDERS[name].additions) for name in ("intercom eu", "intercom au"))
    assert ".au." not in eu
    assert "europe" not in au
    assert ".eu" not in au


@each_provider
def test_it_costs_one_statement(scene: Scene, client_of: ClientOf, name: str, provider: Provider) -> None:
    client = client_of(scene.cast.owner)
    counts = []
    for kind, chosen in (("none", None), (provider.kind, provider)):
        with (
            override_settings(PALIER_CHAT=kind, CHAT_PROVIDER=chosen),
            CaptureQueriesContext(connection) as asked,
        ):
            client.get("/settings/members/")
        counts.append(len(asked))
    assert counts[1] == counts[0] + 1


# Pages that must not


def guarded(scene: Scene) -> Mapping[str, Any]:
    """Who opens which page with card fields, passwords or a key in its address."""
    owner = scene.cast.owner
    return {
        f"/checkout/{scene.quote.public_id}/": owner,
        "/settings/billing/payment-method/": owner,
        f"/settings/billing/invoices/{scene.invoice.public_id}/": owner,
        "/pay/unknown/": None,
        f"/invitations/{scene.token}/": None,
        "/accounts/login/": None,
        "/accounts/signup/": None,
        "/accounts/password/reset/": None,
        "/accounts/password/change/": owner,
        "/nowhere/": None,
    }


@each_provider
@pytest.mark.parametrize("language", LANGUAGES)
def test_where_secrets_are_typed_the_policy_is_ours_and_the_chat_a_link(
    scene: Scene, client_of: ClientOf, name: str, provider: Provider, language: str
) -> None:
    hosts = {part for sources in written(*{provider.kind, name}).values() for part in sources if "://" in part}
    for path, member in guarded(scene).items():
        answer = client_of(member, language=language).get(path)
        page = Page(answer)
        assert policy_of(answer) == strict(), path
        assert not page.all("script", id="chat-provider"), path
        assert not [host for host in hosts if host in page.html], path
        (link,) = page.all("a", class_="chat-launcher")
        assert (link.get("href"), link.get("target"), link.get("rel")) == ("/chat/", "_blank", "noopener"), path


def templates() -> dict[str, str]:
    """Every template by its name."""
    folders = (ROOT / "src/palier/interfaces").glob("*/templates")
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for folder in folders
        for path in folder.rglob("*.html")
    }


def secret_fields(name: str, known: Mapping[str, str]) -> bool:
    """Whether a template, or one that it includes, has card fields or a password."""
    text = known.get(name, "")
    inside = re.findall(r"""{% include ["']([^"']+)["']""", text)
    return bool(re.search(r"<iframe|type=.password", text)) or any(secret_fields(each, known) for each in inside)


def apart(name: str, known: Mapping[str, str]) -> bool:
    """Whether a template, or one that it extends, says that the chat stays apart."""
    text = known.get(name, "")
    parent = re.match(r"""{% extends ["']([^"']+)["']""", text)
    return 'ui/chat_place.html" with apart=True' in text or (parent is not None and apart(parent[1], known))


def test_each_template_with_card_fields_or_passwords_stays_apart() -> None:
    known = templates()
    pages = {name for name, text in known.items() if text.startswith("{% extends")}
    guarded_pages = {name for name in pages if secret_fields(name, known)}
    assert {"portal/checkout.html", "portal/payment_method.html", "portal/invoice.html"} <= guarded_pages
    account = {name for name in pages if name.startswith("account/")}
    others = {"portal/order.html", "portal/confirm.html", "portal/invitation.html", "ui/refusal.html", "404.html"}
    assert [name for name in sorted(guarded_pages | account | others) if not apart(name, known)] == []


# The built-in chat meanwhile


def test_the_builtin_chat_is_off(scene: Scene, client_of: ClientOf) -> None:
    (chat,) = (
        each for each in get_resolver().url_patterns if isinstance(each, URLResolver) and str(each.pattern) == "chat/"
    )
    inner = [str(each.pattern) for each in chat.url_patterns if str(each.pattern)]
    owner = client_of(scene.cast.owner)
    for kind, chosen in (("crisp", PROVIDERS["crisp"]), ("none", None)):
        with override_settings(PALIER_CHAT=kind, CHAT_PROVIDER=chosen):
            for pattern in inner:
                path = "/chat/" + re.sub(r"<[^>]+>", "unknown", pattern)
                assert {owner.get(path).status_code, owner.post(path).status_code} == {404}, path
            assert owner.post("/chat/").status_code == {"crisp": 405, "none": 404}[kind]
            assert owner.get("/chat/").status_code == {"crisp": 200, "none": 404}[kind]
            for path in ("/", "/help/en/"):
                page = opened(owner, path)
                launchers = page.all("a", class_="chat-launcher")
                assert len(launchers) == {"crisp": 2, "none": 0}[kind]  # without JavaScript; when it cannot be reached
                assert "chat-launcher.js" not in page.html
                assert [link for link in page.links if link.startswith("/chat/")] == ["/chat/"] * {
                    "crisp": 3 if path.startswith("/help/") else 2,
                    "none": 0,
                }[kind]
                assert policy_of(client_of(None).get("/accounts/login/")) == strict()


def test_without_a_provider_nothing_changes(scene: Scene, client_of: ClientOf) -> None:
    assert settings.CHAT_PROVIDER is None
    for path in SHOWN:
        assert policy_of(client_of(scene.cast.owner).get(path)) == strict()


def test_the_desk_says_where_conversations_are_held(scene: Scene, client_of: ClientOf) -> None:
    said = {
        "en": ("Conversations are held at Crisp", "There is no chat"),
        "fr": ("Les conversations ont lieu chez Crisp", "Il n'y a pas de discussion"),
    }
    for language, (at_crisp, nowhere) in said.items():
        team = client_of(scene.operator, language=language)
        for kind, chosen, words in (("crisp", PROVIDERS["crisp"], at_crisp), ("none", None, nowhere)):
            with override_settings(PALIER_CHAT=kind, CHAT_PROVIDER=chosen):
                page = opened(team, "/desk/")
                assert page.says(words)
                assert not page.all("script", id="chat-provider")
        assert not opened(team, "/desk/").says("PALIER_CHAT")


# The settings


def test_what_cannot_work_is_refused_at_the_start() -> None:
    site = {"chatwoot": "Wq3uoAXZ5yUHLX", "crisp": CRISP_SITE, "intercom": "abc12345"}
    for kind in ("builtin", "none"):
        assert provider_of(kind, {}, https=True) is None
    for kind, each in site.items():
        whole = {"PALIER_CHAT_SITE": each, "PALIER_CHAT_SECRET": SECRET}
        assert provider_of(kind, whole, https=True) is not None
        refused(kind, {"PALIER_CHAT_SITE": each}, "PALIER_CHAT_SECRET")
        refused(kind, {"PALIER_CHAT_SECRET": SECRET}, "PALIER_CHAT_SITE")
        refused(kind, whole | {"PALIER_CHAT_SITE": "x; script-src *"}, "PALIER_CHAT_SITE")
    refused("zendesk", {}, "builtin, chatwoot, crisp, intercom or none")
    refused("intercom", whole | {"PALIER_CHAT_REGION": "moon"}, "us, eu or au")
    whole["PALIER_CHAT_SITE"] = site["chatwoot"]
    for url in ("http://chat.example", "https://chat.example/app", "https://a.example; script-src *", "chat.example"):
        refused("chatwoot", whole | {"PALIER_CHAT_URL": url}, "PALIER_CHAT_URL")
    local = provider_of("chatwoot", whole | {"PALIER_CHAT_URL": "http://127.0.0.1:3000/"}, https=False)
    assert local is not None
    assert local.script == "http://127.0.0.1:3000/packs/js/sdk.js"
    assert SECRET not in repr(local)


def refused(kind: str, environment: dict[str, str], words: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=words):
        provider_of(kind, environment, https=True)
