"""GET and POST /desk/conversations/<id>/: read, answer, note, give to a colleague, mark as solved."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Operator
from palier.apps.chat import canned
from palier.apps.chat.models import Conversation
from palier.flows import schedule
from palier.flows.conversations import converse
from palier.flows.conversations.attachments import Upload
from palier.flows.conversations.converse import Context
from palier.kit import clock
from tests import world
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.desk.conftest import says
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene


def address(conversation: Conversation) -> str:
    return f"/desk/conversations/{conversation.public_id}/"


def sent(desk: Client, conversation: Conversation, **fields: object) -> Page:
    return Page(desk.post(address(conversation), fields, follow=True))


def test_what_was_said_and_what_was_looked_at(scene: Scene, desk: Client, conversation: Conversation) -> None:
    page = Page(desk.get(address(conversation)))
    assert page.heading == "Cabinet Lumière"
    assert page.says("Why is this line prorated?")
    assert page.says("Written from: Checkout")
    assert page.says(scene.quote.public_id)
    assert page.says(scene.order.public_id)
    assert page.says(scene.invoice.number)
    # The line asked about, in the sentences that the customer has before them.
    assert page.says("Credit for time already paid, 5 users")
    assert page.says("was invoiced for 5 × Team")
    # The refusal by its code, with the text of the customer; what it named then is not known now.
    assert page.says("quote.expired")
    assert page.says("question.txt")


def test_the_customers_words_stand_in_their_language(scene: Scene, desk: Client) -> None:
    asked = converse.write(
        scene.cast.member,
        "Pourquoi ?",
        conversation=None,
        context=Context(quote=scene.quote.public_id, line=2, refusal_code="payment.insufficient_funds"),
        files=(),
        key="fr",
        language="fr",
        now=clock.now(),
    )
    page = Page(desk.get(address(asked.conversation)))
    assert page.says("par utilisateur et par mois")
    assert page.says("Le solde de cette carte est insuffisant.")


def test_the_account_beside_it(scene: Scene, desk: Client, conversation: Conversation) -> None:
    schedule.cancel(scene.account, scene.cast.owner, now=clock.now())
    side = Page(desk.get(address(conversation))).words_of("billing")
    for words in (
        "Team",
        "Active",
        "Users bought 5",
        "invited 1",
        "5 users, by the month",
        "The subscription ends",
        scene.invoice.number,
        "paid",
        "Visa •••• 4242",
        scene.cast.owner.user.name,
        "may buy",
        "Europe/Paris",
        "The subscription was canceled, to its paid end",
        "An order was paid",
        "the payment service",
    ):
        assert words in side, (words, side)
    done = side.partition("The subscription was canceled, to its paid end")[2].partition("An order was paid")[0]
    assert done.endswith(f", {scene.cast.owner.user.name} "), "by whom"


def test_an_answer_reaches_the_customer_and_a_note_never_does(
    scene: Scene, desk: Client, client_of: ClientOf, conversation: Conversation
) -> None:
    file = SimpleUploadedFile("how.txt", b"Day by day.")
    answered = sent(desk, conversation, action="answer", text="Only the days left.", key="a", files=file)
    assert answered.says("Only the days left.")
    assert answered.says("Waiting for the customer")
    noted = sent(desk, conversation, action="note", text="They are in a hurry", key="n")
    assert noted.says("They are in a hurry")
    assert noted.says("Note, for the team only")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.assigned_to) == ("waiting", scene.operator)
    for path in ("/chat/", f"/chat/{conversation.public_id}/", f"/chat/{conversation.public_id}/news/?after=0&mark="):
        seen = client_of(scene.cast.owner).get(path, follow=True).content.decode()
        assert "in a hurry" not in seen


def test_a_form_sent_twice_is_one_answer(desk: Client, conversation: Conversation) -> None:
    for _ in range(2):
        sent(desk, conversation, action="answer", text="Once.", key="same")
    assert conversation.messages.filter(text="Once.").count() == 1


@pytest.mark.parametrize("action", ["answer", "note"])
def test_words_that_follow_a_lost_answer_stay_in_the_box(desk: Client, conversation: Conversation, action: str) -> None:
    sent(desk, conversation, action=action, text="Once.", key="same")
    page = sent(desk, conversation, action=action, text="Once. And more.", key="same")
    assert (page.status, page.value("text")) == (422, "Once. And more.")
    assert page.says("What you sent first has arrived")
    again = sent(desk, conversation, action=action, text=page.value("text"), key=page.value("key"))
    assert again.status == 200
    assert [one.text for one in conversation.messages.order_by("id")][1:] == ["Once.", "Once. And more."]


@pytest.mark.parametrize("action", ["answer", "note"])
def test_what_is_refused_stays_in_the_box(desk: Client, conversation: Conversation, action: str) -> None:
    page = sent(desk, conversation, action=action, text="x" * 4001, key="k")
    assert page.status == 422
    assert page.says("longer than 4000 characters")
    assert "x" * 4001 in page.html
    assert sent(desk, conversation, action=action, text=" ", key="k").says("nothing to send yet")
    assert conversation.messages.count() == 1


def test_given_to_a_colleague_to_nobody_and_to_no_stranger(
    scene: Scene, desk: Client, conversation: Conversation
) -> None:
    colleague = world.operator("carl@seller.example", "Carl Colleague")
    assert sent(desk, conversation, action="assign", to=colleague.public_id).says(
        "Carl Colleague has this conversation"
    )
    conversation.refresh_from_db()
    assert conversation.assigned_to == colleague
    assert sent(desk, conversation, action="assign", to="").says("Nobody has this conversation now")
    left = world.operator("gone@seller.example", "Gone Colleague")
    Operator.objects.filter(pk=left.pk).update(ended_at=clock.now())
    for nobody in (left.public_id, "opr_nobody", scene.cast.owner.public_id):
        assert sent(desk, conversation, action="assign", to=nobody).says("not of the team")
    conversation.refresh_from_db()
    assert conversation.assigned_to is None


def test_solved_and_open_again(desk: Client, conversation: Conversation) -> None:
    assert sent(desk, conversation, action="solve", seen=conversation.newest).says("Marked as solved")
    converse.satisfied(conversation.member, conversation, False, "Too slow", now=clock.now())
    page = Page(desk.get(address(conversation)))
    assert page.says("The customer says: this was not solved.")
    assert page.says("Too slow")
    assert sent(desk, conversation, action="reopen").says("Open: waits for the team")
    assert sent(desk, conversation, action="answer-solve", text="Done.", key="d").heading == "Inbox"
    conversation.refresh_from_db()
    assert conversation.state == "closed"


def test_nothing_is_solved_that_was_not_read(scene: Scene, desk: Client, conversation: Conversation) -> None:
    seen = conversation.newest
    says(scene, conversation, "One more thing")
    assert sent(desk, conversation, action="solve", seen=seen).says("Something was said here")
    conversation.refresh_from_db()
    assert conversation.state == "open"


def test_an_answer_beside_a_new_question_leaves_it_the_teams_turn(
    scene: Scene, desk: Client, conversation: Conversation
) -> None:
    seen = conversation.newest
    says(scene, conversation, "One more thing")
    page = sent(desk, conversation, action="answer-solve", text="That is all.", key="a", seen=seen)
    assert page.says("That is all.")
    assert page.says("Something was said here")
    assert page.says("Open: waits for the team")


def test_a_canned_answer_is_inserted_without_a_script(scene: Scene, desk: Client, conversation: Conversation) -> None:
    english = scene.canned_answer
    french = canned.keep(None, name="Prorata", language="fr", text="Jours restants.", now=clock.now())
    page = Page(desk.get(address(conversation)))
    assert not page.says("Prorata")  # a conversation offers those of its language
    inserted = sent(desk, conversation, action="insert", text="Good day,", canned=english.public_id)
    assert inserted.says("Good day, Only the days left are charged.")
    assert sent(desk, conversation, action="insert", text="Kept", canned="").says("Kept")
    kept = sent(desk, conversation, action="insert", text="For us", kind="note", canned=english.public_id)
    assert kept.one("input", name="kind", value="note").get("checked") is not None, "what is a note stays one"
    assert desk.post(address(conversation), {"action": "insert", "canned": french.public_id + "x"}).status_code == 404
    assert conversation.messages.count() == 1


def test_pages_of_a_long_conversation(scene: Scene, desk: Client, conversation: Conversation) -> None:
    for number in range(205):
        converse.note(scene.operator, conversation, f"Note {number}.", key=f"n{number}", now=clock.now())
    page = Page(desk.get(address(conversation)))
    assert page.says("Note 204.")
    assert not page.says("Why is this line prorated?")
    (earlier,) = [link for link in page.links if link.startswith("?before=")]
    assert Page(desk.get(address(conversation) + earlier)).says("Why is this line prorated?")


def test_eight_statements_whatever_was_said_and_bought(scene: Scene, desk: Client, conversation: Conversation) -> None:
    path = address(conversation)
    before = asked(desk, path)
    for number in range(6):
        context = Context(invoice=scene.invoice.public_id, line=number % 2 + 1, refusal_code="quote.expired")
        says(scene, conversation, f"And this {number}?", context, Upload("a.txt", b"a"), Upload("b.txt", b"b"))
        converse.note(scene.operator, conversation, "Hm", key=f"n{number}", now=clock.now())
    scenes.bought(scene.sandbox, scene.cast.owner, 40)
    scenes.joined(scene.account, scene.cast.owner, 12)
    world.operator("carl@seller.example", "Carl Colleague")
    assert scene.canned_answer.language == conversation.language
    after = asked(desk, path)
    assert (len(before), len(after)) == (8, 8), "\n".join(after)


def asked(desk: Client, path: str) -> list[str]:
    desk.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(path).status_code == 200
    return [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]


def test_whoever_left_the_team_is_refused_at_once(scene: Scene, desk: Client, conversation: Conversation) -> None:
    assert desk.get(address(conversation)).status_code == 200
    Operator.objects.filter(pk=scene.operator.pk).update(ended_at=clock.now() - timedelta(seconds=1))
    for path in (address(conversation), "/desk/", f"{address(conversation)}news/"):
        assert desk.get(path).status_code == 404
    assert desk.post(address(conversation), {"action": "answer", "text": "Hello", "key": "k"}).status_code == 404
    assert conversation.messages.count() == 1


def test_markup_of_customers_is_inert(scene: Scene, desk: Client, conversation: Conversation) -> None:
    says(scene, conversation, "<script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1)")
    page = Page(desk.get(address(conversation)))
    assert "<script>alert(1)" not in page.html
    assert not page.all("img")
    assert not [link for link in page.links if link.startswith("javascript")]
