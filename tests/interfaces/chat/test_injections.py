"""Whatever somebody writes stays the words that it is, for the member and for the team who read it."""

import pytest

from palier.apps.chat.models import Conversation
from palier.flows.conversations.attachments import Upload
from tests.interfaces import talks
from tests.interfaces.conftest import ClientOf
from tests.interfaces.injections import SCRIPTS
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene
from tests.interfaces.test_every_url import assert_safe

PANEL = {"X-Chat": "panel"}


@pytest.fixture
def conversation(scene: Scene) -> Conversation:
    """Each of them from both sides, and as the name of a file."""
    conversation = talks.asked(scene.cast.member, "Look at this").conversation
    for script in SCRIPTS:
        talks.written(conversation, member=scene.cast.member, text=script, file=Upload(f"{script}.txt", b"x"))
        talks.written(conversation, operator=scene.operator, text=script)
    return conversation


def test_words_stay_words(scene: Scene, conversation: Conversation, client_of: ClientOf) -> None:
    client = client_of(scene.cast.member)
    page = Page(client.get(f"/chat/{conversation.public_id}/"))
    assert_safe(page)
    texts = [element for element in page.elements if element.get("class") == "chat-text"]
    assert [plain("".join(text.itertext())) for text in texts[1:]] == [plain(s) for s in SCRIPTS for _side in range(2)]
    inside = [element for text in texts for element in text.iter() if element is not text]
    assert {element.tag for element in inside} <= {"a"}, "the links that the team sends"
    assert all(link.get("href", "").startswith(("http://", "https://", "mailto:")) for link in inside)
    names = [element for element in page.elements if element.get("class") == "chat-file-name"]
    assert len(names) == len(SCRIPTS)
    assert not [element for name in names for element in name.iter() if element is not name]


def test_the_parts_for_the_script_are_as_inert(scene: Scene, conversation: Conversation, client_of: ClientOf) -> None:
    client = client_of(scene.cast.member)
    for path in ("/chat/", f"/chat/{conversation.public_id}/news/", "/chat/?new=1&from=<script>&code=<script>"):
        page = Page(client.get(path, headers=PANEL))
        assert not page.all("script")
        assert not [name for element in page.elements for name in element.attrib if name.startswith("on")]


def test_for_the_team_words_stay_words_too(scene: Scene, conversation: Conversation, client_of: ClientOf) -> None:
    client = client_of(scene.operator)
    path = f"/desk/conversations/{conversation.public_id}/"
    page = Page(client.get(path))
    assert_safe(page)
    for script in SCRIPTS:
        assert page.says(script), script
    for answer in (client.get(f"{path}news/?after=0&mark="), client.get("/desk/")):
        part = Page(answer)
        assert not [name for element in part.elements for name in element.attrib if name.startswith("on")]
        assert not [script for script in part.tree.iter("script") if "hit" in "".join(script.itertext())]
