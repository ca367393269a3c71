"""GET /desk/: the inbox of the operator's team."""

import pytest
from django.test import Client

from palier.apps.accounts.models import Operator
from palier.apps.chat.models import Conversation
from palier.flows.conversations import converse, opening
from palier.kit import clock
from tests.interfaces.conftest import ClientOf
from tests.interfaces.desk.conftest import says
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene


def test_the_team_sees_the_inbox_and_nobody_else_finds_it(scene: Scene, client_of: ClientOf) -> None:
    assert Page(client_of(scene.operator).get("/desk/")).heading == "Inbox"
    for name, member in scene.everybody().items():
        assert client_of(member).get("/desk/").status_code == (302 if name == "nobody" else 404)


def test_the_team_lands_at_its_desk_and_finds_nothing_of_a_customer(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.operator)
    landed = Page(client.get("/", follow=True))
    assert landed.heading == "Inbox"
    assert "/settings/" not in landed.links
    assert "/chat/" not in landed.links
    refused = Page(client.get("/settings/billing/"))
    assert (refused.status, refused.heading) == (403, "This page belongs to the customers")
    assert "/desk/" in refused.links


def test_the_list_with_counts_unread_and_who_has_it(scene: Scene, desk: Client, conversation: Conversation) -> None:
    page = Page(desk.get("/desk/"))
    assert page.title.startswith("(1) Inbox")
    for words in ("Open 1", "Waiting for the customer 0", "Nobody’s 1", "(unread)", "Why is this line prorated?"):
        assert page.says(words), words
    assert f"/desk/conversations/{conversation.public_id}/" in page.links
    desk.get(f"/desk/conversations/{conversation.public_id}/")
    assert not Page(desk.get("/desk/")).says("(unread)")
    assert Page(desk.get("/desk/?whose=mine")).says("Nobody waits for you")
    converse.solve(conversation, now=clock.now())
    converse.satisfied(scene.cast.owner, conversation, True, "", now=clock.now())
    assert Page(desk.get("/desk/?state=closed")).says("Satisfied")


@pytest.mark.parametrize(("words", "found"), [("prorated", True), ("lumiere", True), ("zzzz", False), ("cnv_", False)])
def test_a_search_looks_in_every_state(desk: Client, conversation: Conversation, words: str, found: bool) -> None:
    converse.solve(conversation, now=clock.now())
    page = Page(desk.get("/desk/", {"q": words}))
    assert page.says("Why is this line prorated?") is found
    assert page.says("Nothing found") is not found
    assert page.says("Solved")


def test_the_poll_is_told_when_nothing_has_changed(scene: Scene, desk: Client, conversation: Conversation) -> None:
    mark = next(
        element.get("data-mark", "") for element in Page(desk.get("/desk/")).elements if element.get("data-mark")
    )
    assert desk.get("/desk/", {"mark": mark}).status_code == 204
    says(scene, conversation, "Hello?")
    part = desk.get("/desk/", {"mark": mark})
    assert (part.status_code, Page(part).says("Hello?")) == (200, True)
    assert not Page(part).all("h1")
    assert desk.get("/desk/", {"mark": part["X-Mark"]}).status_code == 204


def test_whoever_looks_at_the_list_is_on_line(scene: Scene, desk: Client) -> None:
    desk.get("/desk/", {"mark": "", "seen": "0"})
    assert not opening.on_line(now=clock.now()), "in a tab that nobody sees"
    assert not opening.standing(now=clock.now()).on_line
    desk.get("/desk/")
    seen = Operator.objects.get().seen_at
    assert opening.standing(now=clock.now()).on_line
    desk.get("/desk/")
    assert Operator.objects.get().seen_at == seen, "written at most once in a while"
