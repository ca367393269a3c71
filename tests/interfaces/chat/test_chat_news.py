"""GET /chat/<cnv>/news/: asked every few seconds by everybody who has a conversation open."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.chat.models import Participant
from palier.flows.conversations import converse, news
from palier.kit import clock
from tests.interfaces import talks
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene

MOST = 3
"""Statements where nothing is new: the session, the person with their place, and the conversation."""


def test_nothing_new_is_nothing_and_costs_three_statements(scene: Scene, client_of: ClientOf) -> None:
    message = talks.asked(scene.cast.owner)
    client = client_of(scene.cast.owner)
    path = f"/chat/{message.conversation.public_id}/news/"
    first = client.get(path, {"after": str(message.id), "mark": ""})
    (state,) = [element for element in Page(first).elements if element.get("data-state") is not None]
    known = {"after": state.get("data-after", ""), "mark": state.get("data-mark", "")}
    for _again in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path, {**known, "seen": "1"})
        assert (answer.status_code, answer.content) == (204, b"")
        assert len(captured) <= MOST, [query["sql"] for query in captured.captured_queries]


def test_an_answer_arrives_once_and_is_read_only_when_it_is_seen(scene: Scene, client_of: ClientOf) -> None:
    asked = talks.asked(scene.cast.owner)
    conversation = asked.conversation
    client = client_of(scene.cast.owner)
    path = f"/chat/{conversation.public_id}/news/"
    mark = news.news(conversation, scene.cast.owner.user, after=0, now=clock.now()).mark
    answered = talks.answered(scene.operator, conversation, "Here it is.")
    looked = Participant.objects.filter(conversation=conversation, user=scene.cast.owner.user)
    for seen, read_up_to in (("0", asked.id), ("1", answered.id)):
        with CaptureQueriesContext(connection) as captured:
            page = Page(client.get(path, {"after": str(asked.id), "mark": mark, "seen": seen}))
        assert len(captured) <= 8, [query["sql"] for query in captured.captured_queries]
        assert [article.get("id") for article in page.tree.iter("article")] == [answered.public_id]
        assert looked.get().read_up_to == read_up_to
    later = Page(client.get(path, {"after": str(answered.id), "mark": mark}))
    assert not list(later.tree.iter("article"))


def test_typing_and_the_end_are_told(scene: Scene, client_of: ClientOf) -> None:
    conversation = scene.conversation
    client = client_of(scene.cast.owner, language="fr")
    path = f"/chat/{conversation.public_id}/news/"
    converse.typing(conversation, scene.operator.user, now=clock.now())
    assert Page(client.get(path)).says("Tess Team écrit…")
    converse.solve(conversation, now=clock.now())
    assert Page(client.get(path)).says("Nous avons noté que c'est résolu.")


def test_nobody_else_hears_of_it(scene: Scene, client_of: ClientOf) -> None:
    path = f"/chat/{talks.asked(scene.cast.member).conversation.public_id}/news/"
    seen = {name: client_of(member).get(path).status_code for name, member in scene.everybody().items()}
    wanted = {"owner": 200, "billing_admin": 200, "admin": 404, "member": 200, "stranger": 404, "nobody": 302}
    assert seen == wanted
    assert client_of(scene.operator).get(path).status_code == 403, "the team has its own"
