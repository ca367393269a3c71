"""GET and POST /chat/: the chat as a page, and the first view of the panel."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from palier.apps.chat.models import Attachment, Conversation, Message
from palier.flows.conversations import converse
from palier.flows.conversations.converse_refusals import NothingWritten, SentBefore
from palier.kit import clock
from tests.interfaces import talks
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene

PANEL = {"X-Chat": "panel"}


def test_everybody_finds_it(scene: Scene, client_of: ClientOf) -> None:
    for name, member in scene.everybody().items():
        page = Page(client_of(member).get("/chat/"))
        assert page.heading == "Chat with us", name
        assert ("Send" in page.buttons) == (member is not None), name


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Do you have an account?"), ("fr", "Vous avez un compte ?")],
)
def test_who_is_not_logged_in_is_told_how_to_reach_the_team(
    scene: Scene, client_of: ClientOf, language: str, words: str
) -> None:
    page = Page(client_of(None, language=language).get("/chat/?from=/help/"))
    assert page.says(words)
    assert "mailto:billing@talentea.example" in page.links
    assert "/accounts/login/?next=%2Fchat%2F%3Ffrom%3D%2Fhelp%2F" in page.links
    answer = client_of(None).post("/chat/", {"text": "Hello"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/chat/&unsent=1")
    assert not Message.objects.exists()


def test_who_has_no_place_in_an_account_is_told_to_write_by_mail(scene: Scene, client_of: ClientOf) -> None:
    page = Page(client_of(scene.operator).get("/chat/"))
    assert page.says("Your log-in has no place in one")
    assert "mailto:billing@talentea.example" in page.links
    assert client_of(scene.operator).post("/chat/", {"text": "Hello"}).status_code == 302
    assert not Message.objects.exists()


@pytest.mark.parametrize(("language", "words"), [("en", "Earlier conversations"), ("fr", "Conversations précédentes")])
def test_every_conversation_can_be_found_again(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr("palier.interfaces.portal.chat.page.MOST", 2)
    for number in range(5):
        talks.asked(scene.cast.member, f"Question {number}")
    other = talks.asked(scene.cast.stranger, "Not theirs").conversation.public_id
    client, address, seen = client_of(scene.cast.member, language=language), "/chat/", []
    while address:
        page = Page(client.get(address))
        seen.append([number for number in range(5) if page.says(f"Question {number}")])
        address = next((link for link in page.links if "before=" in link), "")
        assert page.says(words) == bool(address)
    assert seen == [[3, 4], [1, 2], [0]]
    for unknown in (other, "cnv_x", "é"):
        assert Page(client.get("/chat/", {"before": unknown})).says("Question 4")


def test_a_form_becomes_a_conversation_with_what_was_looked_at(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.member, language="fr")
    path = f"/chat/?from=/settings/billing/plans/&invoice={scene.invoice.public_id}&line=2&code=quote.expired"
    page = Page(client.get(path))
    sent = {name: page.value(name) for name in ("key", "from", "invoice", "line", "code")}
    assert page.says("Ce que vous regardiez est joint au message.")
    files = [SimpleUploadedFile("export.csv", b"a,b\n1,2\n", "text/csv")]
    answer = client.post("/chat/", {**sent, "text": "Pourquoi ?", "files": files})
    message = Message.objects.get()
    assert answer.headers["Location"] == f"/chat/{message.conversation.public_id}/"
    assert (message.text, message.screen, message.invoice) == ("Pourquoi ?", "/settings/billing/plans/", scene.invoice)
    assert (message.line, message.refusal_code) == (2, "quote.expired")
    assert (message.conversation.language, message.member) == ("fr", scene.cast.member)
    assert Attachment.objects.get().name == "export.csv"

    client.post("/chat/", {**sent, "text": "Pourquoi ?"})
    assert Message.objects.count() == 1, "the same form again"


def test_the_secret_of_an_address_is_not_passed_on(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    for path, kept in (
        (f"/invitations/{scene.token}/", "/invitations/<str:token>/"),
        ("/nowhere/", ""),
        ("https://evil.example/", ""),
        ("javascript:alert(1)", ""),
    ):
        client.post("/chat/", {"text": "Hello", "from": path})
        assert Message.objects.latest("id").screen == kept


def test_what_is_refused_stands_at_its_field_and_nothing_is_lost(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    refused = Page(client.post("/chat/", {"text": " ", "key": "k1", "from": "/settings/"}))
    assert (refused.status, refused.value("from")) == (422, "/settings/")
    assert refused.error_at("text") == NothingWritten().text("en")
    long = "word " * 1000
    too_long = Page(client.post("/chat/", {"text": long}))
    assert too_long.value("text") == long
    assert too_long.error_at("text").startswith("The message is longer than 4000 characters.")
    in_panel = client.post("/chat/", {"text": ""}, headers=PANEL)
    assert (in_panel.status_code, in_panel.headers["X-Chat"]) == (422, "errors")
    assert Page(in_panel).one("div", data_field="text") is not None
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    ("language", "hint"),
    [
        ("en", "Pictures and PDF, 5 MB each at most; text and CSV, 1 MB."),
        ("fr", "Images et PDF, 5 Mo chacun au plus ; texte et CSV, 1 Mo."),
    ],
)
def test_it_says_how_large_each_file_may_be(scene: Scene, client_of: ClientOf, language: str, hint: str) -> None:
    client = client_of(scene.cast.owner, language=language)
    assert Page(client.get("/chat/")).says(hint)
    for name, size, status in (("a.csv", 1024**2, 302), ("a.csv", 1024**2 + 1, 422), ("a.pdf", 1024**2 + 1, 302)):
        file = SimpleUploadedFile(name, (b"%PDF-" if name.endswith("pdf") else b"") + b"a" * (size - 5) + b" b c ")
        assert client.post("/chat/", {"text": "Here", "files": file}).status_code == status, (name, size)


def test_words_that_follow_a_lost_answer_stay_in_the_field(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    client.post("/chat/", {"text": "Hello", "key": "k1"})
    there = f"/chat/{Conversation.objects.get().public_id}/"
    client.post(there, {"text": "Why?", "key": "k2"})
    for address, text, key in (("/chat/", "Hello. And why?", "k1"), (there, "Why? And how?", "k2")):
        assert client.post(address, {"text": text, "key": key}, headers=PANEL).status_code == 422
        refused = Page(client.post(address, {"text": text, "key": key}))
        assert (refused.status, refused.value("text")) == (422, text)
        assert refused.error_at("text") == SentBefore().text("en")
        client.post(address, {"text": text, "key": refused.value("key")})
        assert Message.objects.latest("id").text == text
    assert Message.objects.count() == 4


def test_the_panel_begins_with_the_conversation_that_goes_on(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    assert view_of(client, "/chat/") == "new"
    first = client.post("/chat/", {"text": "Why?"}, headers=PANEL)
    conversation = Conversation.objects.get()
    assert (first.status_code, first.headers["X-Chat"]) == (200, "view")
    assert Page(first).value("text") == ""
    assert view_of(client, "/chat/") == view_of(client, f"/chat/{conversation.public_id}/")
    assert view_of(client, "/chat/?new=1") == "new"
    converse.solve(conversation, now=clock.now())
    assert view_of(client, "/chat/") == "new"


def test_the_list_shows_first_words_and_what_is_new(scene: Scene, client_of: ClientOf) -> None:
    mine = talks.asked(scene.cast.member, "My first words\nand more").conversation
    theirs = talks.asked(scene.cast.owner, "Words of the owner").conversation
    talks.answered(scene.operator, mine)
    member = Page(client_of(scene.cast.member).get("/chat/"))
    assert f"/chat/{mine.public_id}/" in member.links
    assert f"/chat/{theirs.public_id}/" not in member.links
    assert member.says("My first words and more New answer")
    owner = Page(client_of(scene.cast.owner).get("/chat/"))
    assert {f"/chat/{one.public_id}/" for one in (mine, theirs)} <= set(owner.links), "who buys reads all"
    assert owner.says(scene.cast.member.user.name)


def view_of(client: Client, path: str) -> str:
    """Which view the panel shows: where its news come from, or "new"."""
    answer = client.get(path, headers=PANEL)
    assert answer.headers["X-Chat"] == "view"
    (view,) = [element for element in Page(answer).elements if element.get("data-chat-view") is not None]
    return view.get("data-news", "new")
