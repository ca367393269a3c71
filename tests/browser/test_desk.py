"""The team at its desk: a question comes in by itself, is answered by keyboard, noted, given to somebody, solved."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Opened, Registrar
from tests.browser.test_accessibility import Findings, reading
from tests.browser.visitor import Visitor

SAID = {
    "en": {
        "answer": "The days left",
        "text": "Only the days left are charged.",
        "insert": "Insert",
        "note": "Note for the team",
        "keep": "Keep the note",
        "noted": "Note, for the team only",
        "waiting": "Waiting for the customer",
        "assign": "Assign",
        "solve": "Mark as solved",
        "solved": "Solved",
        "send": "Send",
        "read": "The customer has read the last answer",
    },
    "fr": {
        "answer": "Les jours restants",
        "text": "Seuls les jours restants sont comptés.",
        "insert": "Insérer",
        "note": "Note pour l’équipe",
        "keep": "Garder la note",
        "noted": "Note, pour l’équipe seulement",
        "waiting": "En attente du client",
        "assign": "Confier",
        "solve": "Marquer comme résolue",
        "solved": "Résolue",
        "send": "Envoyer",
        "read": "Le client a lu la dernière réponse",
    },
}
SECRET = "in a great hurry"


def asks(customer: Visitor, account: Opened, text: str) -> None:
    """On the chat's own page, which needs no script."""
    if "/chat/cnv_" not in customer.page.url:
        customer.go("/chat/?from=/settings/billing/plans/")
    customer.page.locator("#chat-text").fill(text)
    customer.page.locator("[data-sends]").click()
    expect(customer.page.get_by_role("log")).to_contain_text(text)


@reading
def test_a_question_is_answered_noted_and_solved(
    visit: Visit, registrar: Registrar, language: str, phone: bool
) -> None:
    said, account = SAID[language], registrar.open(language=language, held=Held(days_ago=11))
    customer = visit(account.owner, language=language, scripts=False)
    desk = visit(registrar.operator(language), language=language, phone=phone)
    page, findings = desk.page, Findings(desk)
    findings.go("/desk/answers/", "/desk/hours/")
    desk.go("/desk/answers/")
    page.locator("#name").fill(said["answer"])
    page.locator("#text").fill(said["text"])
    findings.send("a canned answer is saved")
    findings.send("a canned answer is refused")

    # It comes in without reloading, and the title counts.
    desk.go("/desk/")
    question = f"Why is it prorated, {account.owner.email}?"
    asks(customer, account, question)
    row = page.locator(".desk-rows li").filter(has_text=question)
    expect(row).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(\d+\+?\) "))
    findings.look("the inbox with an unread conversation")

    row.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text(question)
    expect(page.locator("#billing")).to_contain_text("Team")
    findings.look("a question")

    # By keyboard: a canned answer after what was typed, and off it goes.
    page.locator("#text").fill(f"{account.owner.name},")
    page.locator("#canned").select_option(label=said["answer"])
    page.locator("#canned").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value(f"{account.owner.name},\n\n{said['text']}")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said.team")).to_contain_text(said["text"])
    expect(page.locator(".talk-head")).to_contain_text(said["waiting"])

    page.get_by_text(said["note"], exact=True).click()
    expect(desk.button(said["send"])).to_be_hidden()
    page.locator("#text").fill(SECRET)
    findings.look("a note is written")
    desk.button(said["keep"]).click()
    expect(page.locator(".said.note")).to_contain_text(said["noted"])
    customer.page.reload()
    expect(customer.page.get_by_role("log")).to_contain_text(said["text"])
    assert SECRET not in customer.page.content()
    expect(page.locator("[data-state]")).to_contain_text(said["read"])

    # The customer goes on; it appears here by itself, and what is being typed stays.
    page.locator("#text").fill("Half an answer")
    asks(customer, account, "One more thing")
    expect(page.locator(".said.customer").last).to_contain_text("One more thing")
    expect(page.locator("#text")).to_have_value("Half an answer")
    findings.look("news have come")

    page.locator("#to").select_option(index=1)
    desk.button(said["assign"]).click()
    expect(page.locator(".alert.good")).to_be_visible()
    desk.button(said["solve"]).click()
    expect(page.locator(".talk-head")).to_contain_text(said["solved"])
    findings.look("solved")
    findings.go(f"/desk/?q={account.owner.email}", "/desk/?q=zzzzzz", "/desk/?state=waiting&whose=mine")
    assert findings.by_screen == {}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_desk_works_without_scripts(visit: Visit, registrar: Registrar, language: str) -> None:
    said, account = SAID[language], registrar.open(language=language)
    customer = visit(account.owner, language=language, scripts=False)
    asks(customer, account, f"Hello, I am {account.owner.email}")
    desk = visit(registrar.operator(language), language=language, scripts=False)
    desk.go("/desk/")
    desk.page.locator("#q").fill(account.owner.email)
    desk.page.keyboard.press("Enter")
    desk.page.locator(".desk-rows a").first.click()
    desk.page.locator("#text").fill("Good day")
    desk.button(said["send"]).click()
    expect(desk.page.locator(".said.team")).to_contain_text("Good day")
    desk.page.get_by_text(said["note"], exact=True).click()
    desk.page.locator("#text").fill(SECRET)
    desk.button(said["keep"]).click()
    expect(desk.page.locator(".said.note")).to_contain_text(SECRET)
    customer.page.reload()
    expect(customer.page.get_by_role("log")).to_contain_text("Good day")
    assert SECRET not in customer.page.content()
