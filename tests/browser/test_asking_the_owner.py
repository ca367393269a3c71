"""A member who may not buy asks; the owner's mail opens the prefilled order."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Registrar
from tests.live_stack import LiveStack


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_member_asks_and_the_owner_buys(visit: Visit, registrar: Registrar, stack: LiveStack, language: str) -> None:
    account = registrar.open(language=language, roles=("member",))
    member = visit(account.others["member"], language=language, phone=True)
    words = member.words
    member.go("/")
    member.link(words.upgrade).click()
    member.button(words.choose.format(plan="Business")).click()
    member.page.get_by_text(words.monthly, exact=True).click()
    member.field(words.users).fill("6")
    expect(member.button(words.proceed)).to_have_count(0)
    expect(member.page.locator("#ask")).to_contain_text(account.owner.name)
    member.field(words.your_note).fill("<b>Six</b> d'entre nous & plus")
    member.button(words.send_request).click()
    expect(member.page.locator(".alert").first).to_contain_text(account.owner.name)

    mail = stack.mail(account.owner.email, subject="Business")
    assert "<b>Six</b> d'entre nous & plus" in mail["text"]
    assert "<b>Six</b>" not in mail["html"]
    link = re.search(rf"{re.escape(stack.url)}/settings/billing/plans/\S+", mail["text"])
    assert link
    owner = visit(account.owner, language=language)
    owner.go(link[0])
    expect(owner.button(words.choose.format(plan="Business"))).to_have_attribute("aria-pressed", "true")
    expect(owner.page.get_by_role("radio", name=words.monthly)).to_be_checked()
    expect(owner.field(words.users)).to_have_value("6")
    owner.proceed()
    assert owner.sum_to_pay == 6 * 159_00 * 120 // 100


def test_the_same_without_scripts(visit: Visit, registrar: Registrar, stack: LiveStack) -> None:
    account = registrar.open(roles=("admin",))
    admin = visit(account.others["admin"], scripts=False)
    admin.open_plans(plan="team", interval="year", seats=2)
    admin.button(admin.words.send_request).click()
    expect(admin.page.locator(".alert").first).to_contain_text(account.owner.name)
    assert "seats=2" in stack.mail(account.owner.email, subject="Team")["text"]


def test_who_may_not_buy_is_told_whom_to_ask_and_a_stranger_finds_nothing(visit: Visit, registrar: Registrar) -> None:
    account = registrar.open(roles=("member",))
    owner = visit(account.owner)
    owner.open_plans()
    owner.proceed()
    member = visit(account.others["member"])
    member.page.goto(owner.page.url)
    expect(member.page.get_by_role("main")).to_contain_text(account.owner.name)
    stranger = visit(registrar.open().owner)
    answer = stranger.page.goto(owner.page.url)
    assert answer
    assert answer.status == 404
