"""POST /chat/<cnv>/satisfaction/: did this solve it?"""

import pytest

from palier.apps.chat.models import Conversation
from palier.flows.conversations import converse
from palier.flows.conversations.converse_refusals import NotSolvedYet, WordTooLong
from palier.kit import clock
from tests.interfaces import talks
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene

PANEL = {"X-Chat": "panel"}


def closed(scene: Scene) -> Conversation:
    conversation = talks.asked(scene.cast.member).conversation
    converse.solve(conversation, now=clock.now())
    return conversation


@pytest.mark.parametrize(
    ("solved", "language", "thanks"),
    [("yes", "fr", "Nous sommes heureux que ce soit résolu."), ("no", "en", "Write below what is missing")],
)
def test_an_answer_with_a_word(scene: Scene, client_of: ClientOf, solved: str, language: str, thanks: str) -> None:
    conversation = closed(scene)
    client = client_of(scene.cast.member, language=language)
    path = f"/chat/{conversation.public_id}/"
    answer = client.post(f"{path}satisfaction/", {"solved": solved, "word": "Quick!"})
    assert answer.headers["Location"] == path
    conversation.refresh_from_db()
    assert (conversation.satisfied, conversation.satisfied_word) == (solved == "yes", "Quick!")
    assert Page(client.get(path)).says(thanks)
    in_panel = client.post(f"{path}satisfaction/", {"solved": solved}, headers=PANEL)
    assert in_panel.headers["X-Chat"] == "news"
    assert Page(in_panel).says(thanks)


def test_what_is_refused_keeps_the_word(scene: Scene, client_of: ClientOf) -> None:
    conversation = closed(scene)
    client = client_of(scene.cast.member)
    path = f"/chat/{conversation.public_id}/satisfaction/"
    page = Page(client.post(path, {"solved": "yes", "word": "x" * 501}))
    assert (page.status, page.value("word")) == (422, "x" * 501)
    assert page.error_at("word") == plain(WordTooLong(most=500).text("en"))
    in_panel = client.post(path, {"solved": "yes", "word": "x" * 501}, headers=PANEL)
    assert (in_panel.status_code, in_panel.headers["X-Chat"]) == (422, "errors")
    converse.reopen(conversation, now=clock.now())
    page = Page(client.post(path, {"solved": "yes"}))
    assert (page.status, page.error_at("text")) == (422, plain(NotSolvedYet().text("en")))


def test_nobody_else_answers_for_them(scene: Scene, client_of: ClientOf) -> None:
    conversation = closed(scene)
    path = f"/chat/{conversation.public_id}/satisfaction/"
    for name, status in (("admin", 404), ("stranger", 404), ("nobody", 302)):
        assert client_of(scene.everybody()[name]).post(path, {"solved": "no"}).status_code == status, name
    client_of(scene.cast.member).post(path, {"solved": "perhaps"})
    conversation.refresh_from_db()
    assert conversation.satisfied is None
