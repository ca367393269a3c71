"""What holds for every address: its own test file, its methods, its door, its token, its language, its safety."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from palier.apps.accounts import actions as accounts
from palier.apps.accounts.models import Account, Invitation, Member, Operator
from palier.apps.events.models import Event
from palier.apps.notices.models import Mail
from palier.apps.subscriptions.models import Subscription
from palier.flows.people import invite
from palier.kit import clock, ids
from tests.interfaces.addresses import (
    ADDRESSES,
    MACHINES,
    METHODS,
    OF_AN_ACCOUNT,
    Address,
    Open,
    names_of_the_url_map,
    those,
    visitor,
)
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene
from tests.report.happened import happened

HERE = Path(__file__).parent
BUYERS_ONLY = {"en": "This page is for those who buy", "fr": "Cette page est réservée à ceux qui achètent"}
NOT_YOURS = "This page is for others of your team"
NAME = "Cabinet Lumière"
NOT_FOUND = {"en": "This page does not exist", "fr": "Cette page n'existe pas"}
TOKENLESS = {"en": "This form is no longer valid", "fr": "Ce formulaire n'est plus valable"}
RELOADED = ("quote-create", "GET")
LOGGED_IN = [address for address in ADDRESSES if address.to in OF_AN_ACCOUNT]
MANAGED = [address for address in ADDRESSES if address.to in (Open.MANAGERS, Open.OWNER) or address.name == "members"]
TRAVELLING = [address for address in ADDRESSES if address.to is Open.TRAVELLERS]
NAMING = [address for address in ADDRESSES if address.names]
POSTING = [address for address in ADDRESSES if "POST" in address.methods and address.name != "hook"]
CHAT_PARTS = {"chat-unread", "chat-suggest", "chat-news", "chat-attachment"}
PAGES = [
    address
    for address in ADDRESSES
    if "GET" in address.methods
    and address.name
    not in {
        "explanation",
        "healthz",
        "invoice-pdf",
        "order-status",
        "invoice-status",
        "desk-attachment",
        "desk-news",
        *CHAT_PARTS,
    }
]


def named(address: Address) -> str:
    return address.name


def asked_of(address: Address) -> list[str]:
    """The methods behind a door. A refused choice that is reloaded only leads back to the plans, whoever asks."""
    return [method for method in address.methods if method != "HEAD" and (address.name, method) != RELOADED]


def test_every_address_has_its_rules_and_its_test_file() -> None:
    names = sorted(names_of_the_url_map())
    assert names == sorted(address.name for address in (*ADDRESSES, *MACHINES))
    files = {path.stem.removeprefix("test_") for path in HERE.rglob("test_*.py")}
    assert not {name.replace("-", "_") for name in names} - files


@pytest.mark.parametrize("address", ADDRESSES, ids=named)
def test_other_methods_are_not_allowed(scene: Scene, client_of: ClientOf, address: Address) -> None:
    client = client_of(visitor(scene, address) or scene.cast.owner)
    for method in METHODS:
        answer = client.generic(method, address.path(scene))
        answer.getvalue()  # read to its end, a file is closed
        if method in address.methods:
            assert answer.status_code not in (405, 500), method
        elif address.ours:
            assert answer.status_code == 405, method
            assert set(address.methods) <= set(re.split(r",\s*", answer.headers["Allow"]))


@pytest.mark.parametrize("address", [a for a in ADDRESSES if "HEAD" in a.methods], ids=named)
def test_head_answers_as_get_without_the_body(scene: Scene, client_of: ClientOf, address: Address) -> None:
    client = client_of(visitor(scene, address) or scene.cast.owner)
    head, get = (client.generic(method, address.path(scene)) for method in ("HEAD", "GET"))
    assert (head.status_code, head.headers.get("Content-Type")) == (get.status_code, get.headers.get("Content-Type"))
    assert head.content == b""


@pytest.mark.parametrize("address", LOGGED_IN, ids=named)
def test_nobody_is_sent_to_log_in_and_comes_back(scene: Scene, client_of: ClientOf, address: Address) -> None:
    path = address.path(scene)
    nobody = client_of(None)
    if "GET" in address.methods:
        seen = nobody.get(f"{path}?plan=team", follow=True)
        assert seen.status_code == 200
        assert Page(seen).heading == "Log in"
        assert "plan%3Dteam" in seen.redirect_chain[-1][0] or "plan=team" in Page(seen).value("next")
        happened("authorisation_cells")
    if "POST" in address.methods:
        answer = nobody.post(path, {"action": "pay"}, headers={"Referer": f"http://testserver{path}?seats=8"})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/?next=")
        assert "seats%3D8" in answer.headers["Location"]
        assert answer.headers["Location"].endswith("&unsent=1")
        happened("authorisation_cells")


@pytest.mark.parametrize("address", LOGGED_IN, ids=named)
def test_nobody_in_a_fragment_is_sent_to_log_in_as_a_whole(scene: Scene, client_of: ClientOf, address: Address) -> None:
    method = "GET" if "GET" in address.methods else "POST"
    headers = {"HX-Request": "true", "Referer": "http://testserver/settings/billing/plans/"}
    answer = client_of(None).generic(method, address.path(scene), headers=headers)
    if answer.status_code == 302 and address.name == "quote-create":
        return  # a reload of a refused choice: the plans, which then ask for log-in
    unsent = "&unsent=1" if method == "POST" else ""
    assert answer.headers["HX-Redirect"] == f"/accounts/login/?next=/settings/billing/plans/{unsent}"
    happened("authorisation_cells")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", those(to=Open.BUYERS))
def test_an_admin_and_a_member_are_told_whom_to_ask(
    scene: Scene, client_of: ClientOf, address: Address, language: str
) -> None:
    method = "POST" if "POST" in address.methods else "GET"
    for member in (scene.cast.admin, scene.cast.member):
        answer = client_of(member, language=language).generic(method, address.path(scene))
        page = Page(answer)
        assert (page.status, page.heading) == (403, BUYERS_ONLY[language])
        for buyer in (scene.cast.owner, scene.cast.billing_admin):
            assert page.says(buyer.user.name)
        assert "/settings/billing/plans/" in page.links
        happened("authorisation_cells")


@pytest.mark.parametrize("address", those(to=Open.BUYERS))
def test_no_method_opens_to_others_what_is_for_those_who_buy(
    scene: Scene, client_of: ClientOf, address: Address
) -> None:
    for method in asked_of(address):
        for member in (scene.cast.admin, scene.restricted):
            answer = client_of(member).generic(method, address.path(scene))
            assert answer.status_code == 403, (method, member.role)
            assert Page(answer).heading in (BUYERS_ONLY["en"], NOT_YOURS), (method, member.role)
            happened("authorisation_cells")


@pytest.mark.parametrize("address", [*LOGGED_IN, *TRAVELLING], ids=named)
def test_a_restricted_member_finds_the_product_and_the_chat(
    scene: Scene, client_of: ClientOf, address: Address
) -> None:
    """No settings, people or billing: not even to read."""
    client = client_of(scene.restricted)
    for method in asked_of(address):
        answer = client.generic(method, address.path(scene))
        if address.to is Open.ANY_MEMBER:
            assert answer.status_code != 403, method
        else:
            page = Page(answer)
            assert (page.status, page.heading) == (403, NOT_YOURS), method
        happened("authorisation_cells")


@pytest.mark.parametrize("address", MANAGED, ids=named)
def test_who_may_not_manage_people_changes_nothing_about_them(
    scene: Scene, client_of: ClientOf, address: Address
) -> None:
    """What is refused to each of the others, the owner then does: nothing but the role was in the way."""
    cast, wish = scene.cast, {"emails": "friend@lumiere.example", "role": "member", "licence": "keep"}
    if address.name == "member-reactivate":
        accounts.deactivate(cast.admin, now=clock.now())
    elif address.name == "members":
        invite.withdraw(scene.invitation, cast.owner, now=clock.now())  # a seat is free
    elif address.name == "account-close":
        Subscription.objects.filter(account=cast.account).update(state="ended", ended_at=clock.now())
    path = address.path_of(cast.admin.public_id) if address.names == "colleague" else address.path(scene)
    others = [cast.billing_admin, cast.member, *([cast.admin] if address.to is Open.OWNER else [])]
    before = people_and_letters()
    for member in others:
        client = client_of(member)
        for method in asked_of(address):
            answer = client.generic(method, path) if method == "GET" else client.post(path, wish | {"name": NAME})
            assert (answer.status_code == 200) == (address.name == "members" and method == "GET"), (method, member.role)
            assert people_and_letters() == before, (method, member.role)
            happened("authorisation_cells")
    client_of(cast.owner).post(path, wish | {"name": NAME})
    assert people_and_letters() != before
    happened("authorisation_cells")


def people_and_letters() -> list[object]:
    """All that managing people leaves behind."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Account, Member, Invitation)]
    return [*rows, Event.objects.count(), Mail.objects.count()]


@pytest.mark.parametrize("address", LOGGED_IN, ids=named)
def test_whoever_was_deactivated_is_nobody_at_the_next_request(
    scene: Scene, client_of: ClientOf, address: Address
) -> None:
    gone = client_of(scene.cast.billing_admin)
    assert gone.get("/").status_code == 200
    accounts.deactivate(scene.cast.billing_admin, now=clock.now())
    for method in asked_of(address):
        answer = gone.generic(method, address.path(scene))
        assert answer.status_code == 302, method
        assert answer.headers["Location"].startswith("/accounts/login/?next="), method
        happened("authorisation_cells")


@pytest.mark.parametrize("address", those(to=Open.OPERATORS))
def test_the_desk_is_found_by_the_team_alone(scene: Scene, client_of: ClientOf, address: Address) -> None:
    for method in address.methods:
        for member in (scene.cast.owner, scene.cast.member, scene.cast.stranger):
            assert client_of(member).generic(method, address.path(scene)).status_code == 404
        nobody = client_of(None).generic(method, address.path(scene))
        assert nobody.headers["Location"].startswith("/accounts/login/?next=/desk/")
        assert nobody.headers["Location"].endswith("&unsent=1") == (method == "POST")
        assert client_of(scene.operator).generic(method, address.path(scene)).status_code != 404
        Operator.objects.update(ended_at=clock.now())
        assert client_of(scene.operator).generic(method, address.path(scene)).status_code == 404
        Operator.objects.update(ended_at=None)
        happened("authorisation_cells", 6)


@pytest.mark.parametrize("address", those(to=Open.BUYERS))
def test_owner_and_billing_admin_are_equals(scene: Scene, client_of: ClientOf, address: Address) -> None:
    statuses = {
        member.role: client_of(member).get(address.path(scene)).status_code
        for member in (scene.cast.owner, scene.cast.billing_admin)
    }
    assert len(set(statuses.values())) == 1, statuses
    assert statuses["owner"] < 406
    happened("authorisation_cells", len(statuses))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", NAMING, ids=named)
def test_what_belongs_to_another_account_is_not_found_like_what_does_not_exist(
    scene: Scene, client_of: ClientOf, address: Address, language: str
) -> None:
    method = "GET" if "GET" in address.methods else "POST"
    stranger = client_of(scene.cast.stranger, language=language)
    kept = getattr(scene, address.names)
    unknown = ids.public_id(kept.id_prefix, ids.new_id())
    foreign = Page(stranger.generic(method, address.path_of(kept.public_id)))
    missing = Page(stranger.generic(method, address.path_of(unknown)))
    assert (foreign.status, foreign.heading) == (404, NOT_FOUND[language])
    assert foreign.text == missing.text
    assert missing.status == 404
    happened("authorisation_cells", 2)


@pytest.mark.parametrize("address", NAMING, ids=named)
@pytest.mark.parametrize(
    "identity",
    ["1", "quo_", "quo_0000000000000", "ord_zzzzzzzzzzzzz", "inv_ILOU000000000", "acc_0000000000001", "é", "a" * 3000],
)
def test_an_id_that_is_none_is_not_found(scene: Scene, client_of: ClientOf, address: Address, identity: str) -> None:
    method = "GET" if "GET" in address.methods else "POST"
    client = client_of(visitor(scene, address) or scene.cast.owner)
    assert client.generic(method, address.path_of(identity)).status_code == 404


@pytest.mark.parametrize("address", POSTING, ids=named)
def test_a_form_without_its_token_changes_nothing(scene: Scene, client_of: ClientOf, address: Address) -> None:
    for language, heading in TOKENLESS.items():
        page = Page(client_of(scene.cast.owner, language=language, strict=True).post(address.path(scene), {}))
        assert (page.status, page.heading) == (403, heading)
        assert page.says({"en": "nothing was taken", "fr": "rien n'a été prélevé"}[language])


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", PAGES, ids=named)
def test_pages_speak_one_language_and_carry_no_loose_script(
    scene: Scene, client_of: ClientOf, address: Address, language: str
) -> None:
    client = client_of(visitor(scene, address), language=language)
    answer = client.get(address.path(scene, language), follow=address.name not in {"set_language"})
    if answer.status_code == 302:
        return
    page = Page(answer)
    assert_safe(page)
    if address.name != "preview":
        assert page.language == language


@pytest.mark.parametrize("address", PAGES, ids=named)
def test_french_and_english_pages_differ_in_title_and_heading(
    scene: Scene, client_of: ClientOf, address: Address
) -> None:
    if address.name in {"preview", "set_language", "invoice", "invoice-return", "desk-conversation"}:
        pytest.skip("a fragment, a redirect, a document in the language that it was issued in, and a company's name")
    who = visitor(scene, address)
    english, french = (
        Page(client_of(who, language=language).get(address.path(scene, language), follow=True))
        for language in ("en", "fr")
    )
    same = {"Plans"}
    assert english.heading != french.heading or english.heading in same
    assert english.title != french.title or english.title.split(" · ")[0] in same


def assert_safe(page: Page) -> None:
    """A policy with a nonce, which every script carries; no style or handler in the markup; nothing from elsewhere."""
    policy = page.headers["Content-Security-Policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert "unsafe" not in policy
    nonce = re.search(r"'nonce-([^']+)'", directives["script-src"])
    for element in page.elements:
        loose = [name for name in element.attrib if name == "style" or name.startswith("on")]
        assert not loose, f"<{element.tag}> has {loose}"
        for attribute in ("href", "src", "action", "formaction"):
            assert not element.get(attribute, "").lower().startswith(("javascript:", "data:", "//")), element.attrib
    assert not page.all("style")
    for script in page.tree.iter("script"):
        if script.get("type") != "application/json" and not script.get("src", "").startswith("/static/"):
            assert nonce is not None
            assert script.get("nonce") == nonce[1]


def test_the_nonce_is_new_each_time(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    assert len({client.get("/").headers["Content-Security-Policy"] for _ in range(3)}) == 3


def test_pages_of_an_account_are_kept_by_no_cache(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    for address in LOGGED_IN:
        if "GET" in address.methods and address.name != "quote-create":
            assert "no-store" in client.get(address.path(scene)).headers["Cache-Control"], address.name


@pytest.mark.parametrize("accepted", ["de", "*", "x" * 500, "fr-CH, fr;q=0.9", "\x00", "é"])
def test_an_unknown_language_is_answered_in_english(scene: Scene, accepted: str) -> None:
    expected = "fr" if accepted.startswith("fr") else "en"
    by_header = Client().get("/accounts/login/", headers={"Accept-Language": accepted})
    assert Page(by_header).language == expected
    client = Client()
    client.cookies["django_language"] = accepted.replace("\x00", "%00")
    assert Page(client.get("/accounts/login/")).language in ("en", "fr")


def test_the_words_of_this_file_are_those_of_the_program() -> None:
    from django.utils.translation import gettext

    for words in (BUYERS_ONLY, NOT_FOUND, TOKENLESS):
        with override("fr"):
            assert plain(gettext(words["en"])) == words["fr"]
