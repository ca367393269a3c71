"""GET and POST /chat/<cnv>/: what was said, and a form to go on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.chat.models import Message, Participant
from palier.flows.conversations import converse
from palier.kit import clock
from tests.interfaces import talks
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene

PANEL = {"X-Chat": "panel"}


def test_only_its_members_find_it(scene: Scene, client_of: ClientOf) -> None:
    conversation = talks.asked(scene.cast.member).conversation
    path = f"/chat/{conversation.public_id}/"
    seen = {name: client_of(member).get(path).status_code for name, member in scene.everybody().items()}
    assert seen == {
        "owner": 200,
        "billing_admin": 200,
        "admin": 404,  # of the account, but it is the member's
        "member": 200,
        "stranger": 404,
        "nobody": 302,
    }
    for name in ("admin", "stranger"):
        assert client_of(scene.everybody()[name]).post(path, {"text": "Hello"}).status_code == 404
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("language", "you", "masked"),
    [("en", "You", "We hid a card number"), ("fr", "Vous", "Nous avons masqué un numéro de carte")],
)
def test_who_said_what_by_day(scene: Scene, client_of: ClientOf, language: str, you: str, masked: str) -> None:
    conversation = talks.asked(scene.cast.member, "My card is 4242 4242 4242 4242.").conversation
    talks.answered(scene.operator, conversation, "See https://seller.example/prices")
    converse.note(scene.operator, conversation, "Never seen by customers.", key="n", now=clock.now())
    page = Page(client_of(scene.cast.member, language=language).get(f"/chat/{conversation.public_id}/"))
    assert page.says("My card is •••• •••• •••• 4242.")
    assert page.says(masked)
    assert page.says(you)
    assert page.says("Tess Team")
    assert "https://seller.example/prices" in page.links
    assert not page.says("Never seen by customers.")
    assert page.says({"en": "Today", "fr": "Aujourd'hui"}[language])


@pytest.mark.parametrize(("language", "words"), [("en", "Earlier messages"), ("fr", "Messages précédents")])
def test_what_was_said_long_ago_is_a_link_away(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr("palier.flows.conversations.news.MOST_MESSAGES", 3)
    conversation = talks.asked(scene.cast.owner, "The very first words").conversation
    for number in range(5):
        talks.asked(scene.cast.owner, f"Line {number}", conversation=conversation)
    client = client_of(scene.cast.owner, language=language)
    path = f"/chat/{conversation.public_id}/"
    newest = Page(client.get(path))
    assert (newest.says("Line 4"), newest.says("The very first words")) == (True, False)
    (earlier,) = [link for link in newest.links if "shown=" in link]
    assert newest.says(words)
    for address in (earlier.partition("#")[0], f"{path}?shown=99999999999", f"{path}?shown=6"):
        everything = Page(client.get(address))
        assert everything.says("The very first words"), address
        assert not everything.says(words)
    assert not Page(client.get(f"{path}?shown=-1")).says("The very first words")


def test_reading_is_noted_and_asks_little(scene: Scene, client_of: ClientOf) -> None:
    conversation = talks.asked(scene.cast.owner).conversation
    answer = talks.answered(scene.operator, conversation)
    client = client_of(scene.cast.owner)
    path = f"/chat/{conversation.public_id}/"
    client.get("/chat/")
    for number in range(2):
        for _more in range(4 * number):
            answer = talks.answered(scene.operator, conversation)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        assert len(captured) <= 8, [query["sql"] for query in captured.captured_queries]
        looked = Participant.objects.get(conversation=conversation, user=scene.cast.owner.user)
        assert looked.read_up_to == answer.id


def test_a_form_goes_on_and_opens_it_again(scene: Scene, client_of: ClientOf) -> None:
    conversation = scene.conversation
    converse.solve(conversation, now=clock.now())
    client = client_of(scene.cast.owner)
    path = f"/chat/{conversation.public_id}/"
    page = Page(client.get(path))
    assert page.says("Did it solve it for you?")
    answer = client.post(path, {"text": "One more thing", "key": page.value("key")})
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    conversation.refresh_from_db()
    assert conversation.state == "open"
    assert not Page(client.get(path)).says("Did it solve it for you?")


def test_the_script_gets_what_is_new_for_it(scene: Scene, client_of: ClientOf) -> None:
    conversation = scene.conversation
    client = client_of(scene.cast.owner)
    path = f"/chat/{conversation.public_id}/"
    answered = talks.answered(scene.operator, conversation, "The first answer")
    sent = {"text": "And then?", "key": "k2", "after": str(conversation.messages.earliest("id").id)}
    answer = client.post(path, sent, headers=PANEL)
    assert (answer.status_code, answer.headers["X-Chat"]) == (200, "news")
    page = Page(answer)
    shown = [article.get("id") for article in page.tree.iter("article")]
    assert shown == [answered.public_id, Message.objects.latest("id").public_id]
    refused = client.post(path, {"text": ""}, headers=PANEL)
    assert (refused.status_code, refused.headers["X-Chat"]) == (422, "errors")


def test_that_the_team_has_read_it_is_shown(scene: Scene, client_of: ClientOf) -> None:
    message = talks.asked(scene.cast.owner)
    client = client_of(scene.cast.owner)
    path = f"/chat/{message.conversation.public_id}/"

    def status() -> list[str]:
        return ["".join(place.itertext()).strip() for place in Page(client.get(path)).all("p", role="status")]

    assert status() == [""]
    converse.read(message.conversation, scene.operator.user, up_to=message.id, now=clock.now())
    assert status() == ["Read"]
    converse.typing(message.conversation, scene.operator.user, now=clock.now())
    assert status() == ["Tess Team is typing…"]
