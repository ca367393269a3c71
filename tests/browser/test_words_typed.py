"""What is typed in the chat and at the desk is lost by no slow answer and no lost one, and no figure of it is asked
for in an address."""

from collections.abc import Callable
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Registrar
from tests.browser.test_chat import SAID, Chat
from tests.live_stack import until


@pytest.fixture
def chat(visit: Visit, registrar: Registrar) -> Chat:
    """The open panel of somebody who has not written yet."""
    chat = Chat(visit(registrar.open().owner), SAID["en"])
    chat.visitor.go("/")
    chat.launcher.click()
    return chat


class Held:
    """The next message waits on its way: ``go`` lets it through, ``lose`` lets it arrive and loses the answer."""

    def __init__(self, page: Page, address: str) -> None:
        self._route: Route | None = None
        self._page = page
        self._open = False
        page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        typing = route.request.url.endswith("/typing/")  # says that somebody writes, whenever they do
        if not self._open and self._route is None and route.request.method == "POST" and not typing:
            self._route = route
        else:
            route.fallback()

    def go(self) -> None:
        self.wait().continue_()

    def lose(self) -> None:
        route = self.wait()
        route.fetch()
        route.abort()

    def open(self) -> None:
        """Nothing waits any more, whether something came or not."""
        self._open = True
        if self._route is not None:
            self._route.continue_()

    def wait(self) -> Route:
        def held() -> Route | None:
            self._page.wait_for_timeout(20)  # what a page does is heard while it is waited for
            return self._route

        return until(held, "a message on its way")


def test_what_is_typed_while_a_message_is_under_way_stays(chat: Chat) -> None:
    for count, (words, more) in enumerate((("Why?", "And how?"), ("And how?", "And when?")), 1):
        held = Held(chat.visitor.page, "**/chat/**")
        chat.send(words)
        held.wait()
        chat.field.press_sequentially(f" {more}")
        held.go()
        expect(chat.messages).to_have_count(count)
        expect(chat.messages.last).to_contain_text(words)
        expect(chat.messages.last).not_to_contain_text(more)
        expect(chat.field).to_have_value(more)
        expect(chat.field).to_be_focused()


@pytest.mark.parametrize(
    ("edited", "stays"),
    [("Why? And how?", "And how?"), ("How?", "How?"), ("", "")],
    ids=["more is typed", "other words are typed", "it is taken back"],
)
def test_what_is_typed_after_a_lost_answer_stays_and_goes_when_it_is_sent(chat: Chat, edited: str, stays: str) -> None:
    chat.send("Hello")
    expect(chat.messages).to_have_count(1)
    held = Held(chat.visitor.page, "**/chat/cnv_*/")
    chat.send("Why?")
    next_try = Held(chat.visitor.page, "**/chat/cnv_*/")
    held.lose()
    trouble = chat.panel.get_by_text(chat.said.offline)
    expect(trouble).to_be_visible()
    chat.field.fill(edited)
    next_try.open()
    expect(trouble).not_to_be_visible()
    expect(chat.messages).to_have_count(2)  # by the next try, or with the news
    expect(chat.messages.last).to_contain_text("Why?")
    expect(chat.field).to_have_value(stays)
    if stays:
        chat.panel.get_by_role("button", name=chat.said.send, exact=True).click()
        expect(chat.messages).to_have_count(3)
        expect(chat.messages.last).to_contain_text(stays)
        expect(chat.field).to_have_value("")
    chat.visitor.complaints[:] = [line for line in chat.visitor.complaints if "ERR_FAILED" not in line]


def test_what_was_sent_twice_after_a_lost_answer_is_one_message(chat: Chat) -> None:
    held = Held(chat.visitor.page, "**/chat/")
    chat.send("Why?")
    held.lose()
    expect(chat.panel.get_by_text(chat.said.offline)).to_be_visible()
    chat.field.fill("Why not?")
    chat.field.fill("Why?")
    chat.panel.get_by_role("button", name=chat.said.send, exact=True).click()
    expect(chat.messages).to_have_count(1)
    expect(chat.field).to_have_value("")
    chat.visitor.complaints[:] = [line for line in chat.visitor.complaints if "ERR_FAILED" not in line]


def test_a_card_number_stands_in_no_address(chat: Chat) -> None:
    asked: list[str] = []
    heard: Callable[[Request], None] = lambda request: asked.append(unquote_plus(request.url))  # noqa: E731
    chat.visitor.context.on("request", heard)
    chat.field.fill(f"{chat.said.topic} My card is 4242 4242 4242 4242")
    expect(chat.panel.get_by_role("status").get_by_role("link").first).to_be_visible()
    assert any("My card is" in address for address in asked)
    assert [address for address in asked if "4242" in address] == []


def test_what_is_typed_at_the_desk_while_an_answer_is_under_way_stays(
    chat: Chat, visit: Visit, registrar: Registrar
) -> None:
    chat.send("Why?")
    expect(chat.messages).to_have_count(1)
    desk = visit(registrar.operator())
    address = f"/desk/conversations/{chat.conversation}/"
    desk.go(address)
    box, note = desk.field(chat.said.their_text), desk.page.get_by_text("Note for the team", exact=True)
    for words, more in (("Because.", "One more thing."), ("A secret.", "Another one.")):
        held = Held(desk.page, f"**{address}")
        box.fill(words)
        desk.page.keyboard.press("Control+Enter")
        held.wait()
        desk.page.keyboard.type(f" {more}")
        held.go()
        expect(desk.page.get_by_role("log")).to_contain_text(words)
        expect(box).to_have_value(more)
        expect(desk.page.get_by_role("log")).not_to_contain_text(more)
        expect(desk.button(chat.said.send)).to_be_visible(visible=words == "Because.")
        note.click()
