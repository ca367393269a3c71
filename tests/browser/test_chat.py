"""A member and the team talk in the panel beside the page, on a phone, by keyboard, without JavaScript, off line."""

import re
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import ALL_RULES, COLOURS, violations
from tests.browser.conftest import Visit
from tests.browser.registrar import PASSWORD, Held, Person, Registrar
from tests.browser.visitor import Visitor
from tests.interfaces.injections import SCRIPTS


@dataclass(frozen=True, slots=True)
class Said:
    """What the chat says, in one language."""

    chat: str
    field: str
    send: str
    close: str
    files: str
    hid: str
    unsafe: str
    too_large: str
    offline: str
    unread: str
    solved: str
    yes: str
    thanks: str
    look: str
    topic: str
    inbox: str
    typing: str
    their_text: str
    was_read: str
    solve: str
    was_solved: str


SAID: Final = {
    "en": Said(
        chat="Chat with us",
        field="Your message",
        send="Send",
        close="Close the chat",
        files="Attach files",
        hid="We hid a card number",
        too_large="a$&b.csv is larger than 1 MB.",
        unsafe="setup.exe is none of the types that can be sent",
        offline="Not sent yet: there is no connection.",
        unread="1 new answer",
        solved="We marked this as solved.",
        yes="Yes, it did",
        thanks="Thank you. We are glad that it is solved.",
        look="Look for new answers",
        inbox="Inbox",
        typing="{name} is typing…",
        their_text="Your text",
        was_read="The customer has read the last answer",
        solve="Mark as solved",
        was_solved="The customer says: this was solved.",
        topic="How do I upgrade my account?",
    ),
    "fr": Said(
        chat="Discuter avec nous",
        field="Votre message",
        send="Envoyer",
        close="Fermer la discussion",
        files="Joindre des fichiers",
        hid="Nous avons masqué un numéro de carte",
        too_large="a$&b.csv dépasse 1 Mo.",
        unsafe="setup.exe n’est d’aucun des types que l’on peut envoyer",
        offline="Pas encore envoyé\u202f: il n’y a pas de connexion.",
        unread="1 nouvelle réponse",
        solved="Nous avons noté que c’est résolu.",
        yes="Oui",
        thanks="Merci. Nous sommes heureux que ce soit résolu.",
        look="Voir s’il y a de nouvelles réponses",
        inbox="Boîte de réception",
        typing="{name} écrit…",
        their_text="Votre texte",
        was_read="Le client a lu la dernière réponse",
        solve="Marquer comme résolue",
        was_solved="Le client dit\u202f: c’était résolu.",
        topic="Comment mettre à niveau mon compte ?",
    ),
}
both = pytest.mark.parametrize(("language", "phone"), [("en", False), ("fr", True)], ids=["en-desktop", "fr-phone"])


@dataclass(frozen=True, slots=True)
class Chat:
    """The panel of a visitor."""

    visitor: Visitor
    said: Said

    @property
    def launcher(self) -> Locator:
        return self.visitor.page.locator("[data-chat-launcher]")

    @property
    def panel(self) -> Locator:
        return self.visitor.page.get_by_role("dialog", name=self.said.chat)

    @property
    def field(self) -> Locator:
        return self.panel.get_by_label(self.said.field)

    @property
    def messages(self) -> Locator:
        return self.panel.get_by_role("log").get_by_role("article")

    def send(self, text: str) -> None:
        self.field.fill(text)
        self.panel.get_by_role("button", name=self.said.send, exact=True).click()

    @property
    def conversation(self) -> str:
        """The public id of the open one."""
        found = re.search(r"cnv_\w+", self.panel.locator("[data-news]").get_attribute("data-news") or "")
        assert found
        return found[0]

    def look(self) -> None:
        """axe, in light and in dark; nothing wider than the panel."""
        page = self.visitor.page
        found = violations(page, ALL_RULES)
        page.emulate_media(color_scheme="dark")
        found += violations(page, COLOURS)
        page.emulate_media(color_scheme="light")
        assert found == []
        assert not self.panel.evaluate("panel => panel.scrollWidth > panel.clientWidth")


@pytest.fixture
def operator(registrar: Registrar) -> Person:
    return registrar.operator()


@both
def test_a_conversation_beside_the_page(
    visit: Visit, registrar: Registrar, operator: Person, language: str, phone: bool
) -> None:
    owner = registrar.open(language=language, held=Held("team")).owner
    visitor = visit(owner, language=language, phone=phone, reduced_motion="reduce")
    chat, page = Chat(visitor, SAID[language]), visitor.page
    visitor.open_plans(plan="business", interval="month", seats=7)
    not_in_the_way(visitor)
    visitor.proceed()
    not_in_the_way(visitor)

    # By keyboard in, and out again.
    chat.launcher.focus()
    page.keyboard.press("Space")
    expect(page.locator("#chat-title") if phone else chat.field).to_be_focused()
    chat.look()
    page.keyboard.press("Escape")
    expect(chat.panel).not_to_be_visible()
    expect(chat.launcher).to_be_focused()
    expect(chat.launcher).to_have_attribute("aria-expanded", "false")

    # Articles are offered meanwhile; what is typed outlives the page.
    page.keyboard.press("Enter")
    chat.field.fill(chat.said.topic)
    expect(chat.panel.get_by_role("status").get_by_role("link").first).to_be_visible()
    chat.look()
    chat.field.fill("Why?\nMy card is 4242 4242 4242 4242.")
    page.reload()
    if phone:  # beside a page the panel is still open; over one it is not
        chat.launcher.click()
    expect(chat.field).to_have_value("Why?\nMy card is 4242 4242 4242 4242.")

    # Files that are refused, and one that is not.
    files = chat.panel.get_by_label(chat.said.files)
    files.set_input_files({"name": "setup.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"})
    expect(chat.panel.get_by_text(chat.said.unsafe)).to_be_visible()
    large = b"1,2\n" * (1024**2 // 4) + b"3"
    files.set_input_files({"name": "a$&b.csv", "mimeType": "text/csv", "buffer": large})
    expect(chat.panel.get_by_text(chat.said.too_large)).to_be_visible()
    files.set_input_files({"name": "figures.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    expect(chat.panel.get_by_text(chat.said.unsafe)).not_to_be_visible()

    # Off line nothing is lost, and it goes by itself.
    chat.field.focus()
    visitor.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(chat.panel.get_by_text(chat.said.offline)).to_be_visible()
    visitor.context.set_offline(False)
    expect(chat.messages).to_have_count(1)
    visitor.complaints[:] = [line for line in visitor.complaints if "ERR_INTERNET_DISCONNECTED" not in line]
    expect(chat.messages).to_contain_text("•••• •••• •••• 4242")
    expect(chat.messages).to_contain_text(chat.said.hid)
    expect(chat.messages.get_by_role("link", name="figures.csv")).to_be_visible()
    expect(chat.field).to_have_value("")
    chat.look()

    # The answer comes without reloading; so does the end, with its question.
    registrar.answer(operator, chat.conversation, "Because of the VAT.")
    expect(chat.messages).to_have_count(2)
    expect(chat.messages.last).to_contain_text(operator.name)
    registrar.answer(operator, chat.conversation, solved=True)
    expect(chat.panel.get_by_text(chat.said.solved)).to_be_visible()
    chat.look()
    conversation = chat.conversation
    chat.panel.get_by_role("button", name=chat.said.yes).click()
    expect(chat.panel.get_by_text(chat.said.thanks)).to_be_focused()

    # With the panel closed, the launcher says that something is new.
    chat.panel.get_by_role("button", name=chat.said.close).click()
    registrar.answer(operator, conversation, "One more thing.")
    page.evaluate("sessionStorage.clear()")
    visitor.go("/settings/billing/")
    expect(chat.launcher).to_have_accessible_name(f"{chat.said.chat} {chat.said.unread}")
    chat.launcher.click()
    expect(chat.messages).to_have_count(3)
    expect(chat.launcher).to_have_accessible_name(chat.said.chat)


@both
def test_without_scripts_it_is_a_page(
    visit: Visit, registrar: Registrar, operator: Person, language: str, phone: bool
) -> None:
    owner = registrar.open(language=language).owner
    visitor = visit(owner, language=language, phone=phone, scripts=False)
    said, page = SAID[language], visitor.page
    visitor.open_plans()
    not_in_the_way(visitor)
    visitor.link(said.chat).click()
    visitor.field(said.field).fill("Why?")
    page.get_by_label(said.files).set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    visitor.button(said.send).click()
    expect(page.get_by_role("log").get_by_role("article")).to_have_count(1)
    found = re.search(r"cnv_\w+", page.url)
    assert found
    registrar.answer(operator, found[0], "Because of the VAT.")
    visitor.link(said.look).click()
    expect(page.get_by_role("log").get_by_role("article").last).to_contain_text("Because of the VAT.")
    registrar.answer(operator, found[0], solved=True)
    visitor.link(said.look).click()
    visitor.button(said.yes).click()
    expect(page.get_by_text(said.thanks)).to_be_visible()


def test_no_script_that_is_sent_runs(visit: Visit, registrar: Registrar, operator: Person) -> None:
    visitor = visit(registrar.open().owner)
    chat = Chat(visitor, SAID["en"])
    visitor.page.add_init_script("window.hits = 0; window.hit = () => { window.hits += 1 }")
    visitor.go("/")
    chat.launcher.click()
    chat.send("\n".join(SCRIPTS[::2])[:3900])
    expect(chat.messages).to_have_count(1)
    registrar.answer(operator, chat.conversation, "\n".join(SCRIPTS)[:3900])
    expect(chat.messages).to_have_count(2)
    visitor.go(f"/chat/{chat.conversation}/")
    expect(visitor.page.get_by_role("log").get_by_role("article")).to_have_count(2)
    assert visitor.page.evaluate("window.hits") == 0
    assert visitor.page.url.endswith("/")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_customer_and_the_team_at_the_same_time(visit: Visit, registrar: Registrar, language: str) -> None:
    """Two browsers; neither is reloaded until the end."""
    owner, operator = registrar.open(language=language, held=Held("team")).owner, registrar.operator(language)
    said = SAID[language]

    # The team logs in as everybody does, and comes to its inbox.
    team = visit(language=language)
    team.go("/accounts/login/")
    team.field(team.words.email).fill(operator.email)
    team.field(team.words.password).fill(PASSWORD)
    team.page.get_by_role("main").get_by_role("button", name=team.words.log_in).click()
    expect(team.heading(said.inbox)).to_be_visible()

    # A question appears there by itself.
    member = visit(owner, language=language, phone=language == "fr", reduced_motion="reduce")
    chat = Chat(member, said)
    member.open_plans()
    chat.launcher.click()
    chat.send("Why this sum? <b>109</b>")
    expect(chat.messages).to_have_count(1)
    asked = team.page.locator(f"a#{chat.conversation}")
    expect(asked).to_contain_text("Why this sum? <b>109</b>")
    asked.click()
    log = team.page.get_by_role("log")
    expect(log).to_contain_text("Why this sum? <b>109</b>")

    # Each sees the other type.
    types_until(chat.field, team.page.get_by_text(said.typing.format(name=owner.name)))
    types_until(team.field(said.their_text), chat.panel.get_by_text(said.typing.format(name=operator.name)))
    chat.field.fill("And")

    # The answer arrives by itself, and that it was read.
    team.field(said.their_text).fill("Because of the VAT.")
    team.button(said.send).click()
    expect(chat.messages.last).to_contain_text("Because of the VAT.")
    expect(chat.messages.last).to_contain_text(operator.name)
    expect(team.page.get_by_text(said.was_read)).to_be_visible()

    # Solved: the customer is asked, and the team learns what they say.
    team.button(said.solve).click()
    chat.panel.get_by_role("button", name=said.yes).click()
    expect(chat.panel.get_by_text(said.thanks)).to_be_visible()
    expect(chat.field).to_have_value("And")
    team.page.reload()
    expect(team.page.get_by_text(said.was_solved)).to_be_visible()


def types_until(field: Locator, sign: Locator) -> None:
    """Letter by letter, until the other side sees it: the sign fades within seconds, and a slow poll may miss it."""
    for _letter in range(12):
        field.press_sequentially("a")
        try:
            return expect(sign).to_be_visible(timeout=5_000)
        except AssertionError:
            continue
    return expect(sign).to_be_visible()


def not_in_the_way(visitor: Visitor) -> None:
    """The launcher stands on no sum and no main button, neither at the beginning of a page nor at its end."""
    launcher = visitor.page.locator(".chat-launcher").bounding_box()
    assert launcher
    for _place in ("beginning", "end"):
        for bar in visitor.page.locator(".dock, .pay-bar").locator("visible=true").all():
            box = bar.bounding_box()
            assert box
            assert launcher["y"] + launcher["height"] <= box["y"] or launcher["x"] >= box["x"] + box["width"], box
        visitor.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
