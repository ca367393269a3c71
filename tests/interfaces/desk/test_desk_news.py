"""GET /desk/conversations/<id>/news/: what a customer has said since, cheap where nothing is new."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.apps.chat.models import Conversation
from palier.flows.conversations import converse, opening
from palier.kit import clock
from tests.interfaces.desk.conftest import says
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene


def test_new_messages_come_once_and_nothing_costs_little(
    scene: Scene, desk: Client, conversation: Conversation
) -> None:
    path = f"/desk/conversations/{conversation.public_id}/news/"
    first = desk.get(path, {"after": str(conversation.newest)})
    assert first.status_code == 200
    assert not Page(first).all("article")
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(path, {"after": str(conversation.newest), "mark": first["X-Mark"]}).status_code == 204
    assert len(asked) <= 3, "the session, the person, one glance"

    said = says(scene, conversation, "Are you there?")
    converse.note(scene.operator, conversation, "Somebody answer please", key="n", now=clock.now())
    converse.typing(conversation, scene.cast.owner.user, now=clock.now())
    news = Page(desk.get(path, {"after": str(conversation.newest), "mark": first["X-Mark"], "day": "Today"}))
    assert news.says("Are you there?")
    assert news.says("Somebody answer please")
    assert news.says(f"{scene.cast.owner.user.name} is typing…")
    assert not news.says("Why is this line prorated?")
    assert not news.says("Today")
    assert news.one("article", id=said.public_id) is not None


def test_in_a_tab_that_nobody_sees_nothing_is_read_and_nobody_is_on_line(
    scene: Scene, desk: Client, conversation: Conversation
) -> None:
    path = f"/desk/conversations/{conversation.public_id}/news/"
    said = says(scene, conversation, "Are you there?")

    def read_up_to() -> int:
        found = conversation.participants.filter(user=scene.operator.user_id).first()
        return found.read_up_to if found else 0

    hidden = desk.get(path, {"after": str(conversation.newest), "seen": "0"})
    assert Page(hidden).says("Are you there?")
    assert (read_up_to(), opening.on_line(now=clock.now())) == (0, False)
    assert desk.get(path, {"after": str(said.id), "seen": "1"}).status_code == 200
    assert (read_up_to(), opening.on_line(now=clock.now())) == (said.id, True)


def test_a_customer_who_has_read_the_answer(scene: Scene, desk: Client, conversation: Conversation) -> None:
    path = f"/desk/conversations/{conversation.public_id}/news/"
    answered = converse.answer(scene.operator, conversation, "Yes.", files=(), key="a", now=clock.now())
    assert not Page(desk.get(path)).says("has read the last answer")
    converse.read(conversation, scene.cast.owner.user, up_to=answered.id, now=clock.now())
    assert Page(desk.get(path)).says("The customer has read the last answer")
    converse.solve(Conversation.objects.get(pk=conversation.pk), now=clock.now())
    assert Page(desk.get(path)).says("The customer has read the last answer")


def test_more_than_fits_into_one_answer_comes_in_several(
    scene: Scene, desk: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palier.flows.conversations.inbox_open.MOST_MESSAGES", 2)
    for number in range(5):
        says(scene, conversation, f"Line {number}")
    asked: dict[str, str] = {"after": str(conversation.newest), "mark": "x"}
    seen = []
    while (answer := desk.get(f"/desk/conversations/{conversation.public_id}/news/", asked)).status_code == 200:
        page = Page(answer)
        seen.append([number for number in range(5) if page.says(f"Line {number}")])
        asked = {"after": re.findall(r'data-newest="(\d+)"', page.html)[0], "mark": answer["X-Mark"]}
    assert seen == [[0, 1], [2, 3], [4]]
