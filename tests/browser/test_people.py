"""Members, one person, their departure and return, requests for a seat: in both languages, with axe."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Opened, Registrar
from tests.browser.test_accessibility import Findings, open_every_fold, reading
from tests.browser.visitor import Visitor
from tests.live_stack import LiveStack

SAID = {
    "en": {
        "deactivate": "Deactivate",
        "reactivate": "Reactivate",
        "keep": "Keep the licence",
        "reduce": "Reduce it",
        "ask": "Ask for a seat",
        "send": "Send the request",
        "approved": "Your seat is there",
    },
    "fr": {
        "deactivate": "Désactiver",
        "reactivate": "Réactiver",
        "keep": "Garder la licence",
        "reduce": "Réduire la licence",
        "ask": "Demander une place",
        "send": "Envoyer la demande",
        "approved": "Votre place est là",
    },
}


@pytest.fixture
def full(registrar: Registrar) -> Callable[[str], Opened]:
    """An account on Team whose three seats are taken."""
    return lambda language: registrar.open(
        language=language, roles=("admin", "member"), held=Held(seats=3, days_ago=10)
    )


def person(visitor: Visitor, name: str) -> None:
    """To one person's page, from the list."""
    visitor.go("/settings/members/")
    visitor.page.get_by_role("row").filter(has_text=name).get_by_role("link").click()


@reading
def test_somebody_leaves_and_comes_back(
    visit: Visit, full: Callable[[str], Opened], language: str, phone: bool
) -> None:
    account = full(language)
    said, member = SAID[language], account.others["member"]
    theirs = visit(member, language=language)
    theirs.go("/")
    visitor = visit(account.owner, language=language, phone=phone)
    findings = Findings(visitor)
    person(visitor, member.name)
    findings.look("one person")
    visitor.link(said["deactivate"]).click()
    expect(visitor.page.get_by_role("radio", name=said["keep"])).to_be_checked()
    findings.look("keep the licence or reduce it")
    visitor.button(said["deactivate"]).click()
    expect(visitor.page.locator("#m-deactivated")).to_be_visible()
    findings.look("somebody deactivated, a seat unused")
    theirs.go("/")
    expect(theirs.button(theirs.words.log_in)).to_be_visible()

    visitor.page.locator("#emails").fill(f"heir.{language}@example.com")
    findings.send("the seat goes to somebody else")
    visitor.button(f"{said['reactivate']} {member.name}").click()
    expect(visitor.page.locator("#offer-title")).to_be_visible()
    findings.look("the price of one more seat")
    visitor.button(visitor.words.proceed).click()
    expect(visitor.heading(visitor.words.checkout)).to_be_visible()
    findings.go("/settings/billing/", f"/settings/members/{_id_of(visitor, member.name)}/remove/")
    assert findings.by_screen == {}


def _id_of(visitor: Visitor, name: str) -> str:
    visitor.go("/settings/members/")
    form = visitor.page.get_by_role("listitem").filter(has_text=name).locator("form").first
    found = re.search(r"mem_\w+", form.get_attribute("action") or "")
    assert found
    return found[0]


@reading
def test_a_seat_is_asked_for_and_approved_with_one_press(
    visit: Visit, full: Callable[[str], Opened], stack: LiveStack, language: str, phone: bool
) -> None:
    account = full(language)
    said, admin = SAID[language], account.others["admin"]
    asking = visit(admin, language=language, phone=phone)
    asking.go("/settings/members/")
    asked = Findings(asking)
    asking.page.locator("#emails").fill("one.more@example.com")
    asking.page.locator("main form:has(#emails) button").click()
    expect(asking.page.locator("#offer-title")).to_be_in_viewport()
    asked.look("an admin without a seat to give")
    asking.field(asking.words.your_note).fill("She begins on Monday.")
    asking.button(said["send"]).click()
    expect(asking.page.locator(".alert").first).to_contain_text(account.owner.name)
    expect(asking.page.locator(".alert").first).to_be_in_viewport()
    asked.look("a request waits")

    mail = stack.mail(account.owner.email, subject=admin.name)
    link = re.search(rf"{re.escape(stack.url)}/settings/members/requests/\S+/", mail["text"])
    assert link
    owner = visit(account.owner, language=language, phone=phone)
    findings = Findings(owner)
    owner.go(link[0])
    open_every_fold(owner)
    findings.look("a request with its price")
    promised = owner.sum_to_pay
    expect(owner.page.locator("#terms-accepted")).to_contain_text(account.owner.name)
    owner.pay()
    owner.expect_done("Team")
    assert owner.taken(owner.order_id) == [promised]
    assert stack.mail(admin.email, subject=said["approved"])
    findings.go(link[0], "/settings/members/")
    assert asked.by_screen | findings.by_screen == {}


def test_without_scripts_a_licence_is_reduced_and_the_ownership_passes(
    visit: Visit, full: Callable[[str], Opened]
) -> None:
    account, said = full("en"), SAID["en"]
    owner = visit(account.owner, scripts=False)
    person(owner, account.others["member"].name)
    owner.link(said["deactivate"]).click()
    owner.page.get_by_role("radio", name=said["reduce"]).check()
    owner.button(said["deactivate"]).click()
    expect(owner.page.get_by_text("1 user ends at the renewal.")).to_be_visible()
    person(owner, account.others["admin"].name)
    owner.link("Transfer the ownership").click()
    owner.button("Transfer the ownership").click()
    expect(owner.page.locator(".alert").first).to_contain_text("now owns the account")


@reading
def test_a_restricted_member_is_told_whom_to_ask(
    visit: Visit, full: Callable[[str], Opened], language: str, phone: bool
) -> None:
    account = full(language)
    owner = visit(account.owner, language=language)
    person(owner, account.others["member"].name)
    owner.page.locator("input[value=restricted_member]").check()
    owner.page.locator("main form button").first.click()
    expect(owner.page.locator(".alert").first).to_be_visible()
    member = visit(account.others["member"], language=language, phone=phone)
    findings = Findings(member)
    findings.go("/", "/settings/members/")
    expect(member.page.get_by_role("main")).to_contain_text(account.owner.name)
    assert findings.by_screen == {}
