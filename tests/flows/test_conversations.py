"""A member and the operator's team talk."""

import pytest

from palier.apps.accounts.models import Operator
from palier.apps.chat.models import LONGEST_MESSAGE, Conversation, Message
from palier.flows.conversations import converse, readers
from palier.flows.conversations.attachments import Upload
from palier.flows.conversations.converse import Context
from palier.flows.conversations.converse_refusals import MessageTooLong, NothingWritten, SentBefore
from palier.kit.refusals import Refusal
from tests import world
from tests.flows import conversations
from tests.world import NOON, Cast

A_FILE = Upload("a.txt", b"text")


@pytest.fixture
def operator(cast: Cast) -> Operator:
    return Operator.objects.create(user=world.person("team@seller.example", "Tess Team"), joined_at=NOON)


def written(cast: Cast, text: str, *, conversation: Conversation | None = None, key: str = "k1") -> Message:
    return converse.write(
        cast.member,
        text,
        conversation=conversation,
        context=Context(screen="/settings/billing/plans/"),
        files=(),
        key=key,
        language="fr",
        now=NOON,
    )


def test_a_member_asks_the_team_answers_and_solves(cast: Cast, operator: Operator) -> None:
    asked = written(cast, "Pourquoi 95 € ?")
    conversation = asked.conversation
    assert (conversation.account, conversation.state) == (cast.account, "open")

    answered = converse.answer(operator, conversation, "Annual billing.", files=(), key="a1", now=NOON)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.newest, conversation.assigned_to) == ("waiting", answered.id, operator)

    converse.note(operator, conversation, "Knows the price now.", key="n1", now=NOON)
    converse.solve(conversation, now=NOON)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.newest) == ("closed", answered.id)

    written(cast, "One more thing", conversation=conversation, key="k2")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.closed_at) == ("open", None)


def test_a_form_that_is_sent_twice_is_one_message(cast: Cast) -> None:
    assert written(cast, "Hello").pk == written(cast, "Hello").pk
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("Hello again", (A_FILE,)),
        ("Hello", ()),
        ("Hello", (Upload("a.txt", b"other"),)),
        ("Hello", (A_FILE, A_FILE)),
        ("", (A_FILE,)),
    ],
)
def test_what_comes_under_the_key_of_something_else_is_refused_and_not_taken_for_sent(
    cast: Cast, operator: Operator, text: str, files: tuple[Upload, ...]
) -> None:
    asked = conversations.written(cast.member, "Hello", files=(A_FILE,), key="k")
    said = conversations.answered(operator, asked.conversation, "Hello", files=(A_FILE,), key="k")
    with pytest.raises(SentBefore):
        conversations.written(cast.member, text, files=files, key="k")
    with pytest.raises(SentBefore):
        conversations.answered(operator, asked.conversation, text, files=files, key="k")
    assert conversations.written(cast.member, "Hello", files=(A_FILE,), key="k") == asked
    assert conversations.answered(operator, asked.conversation, "Hello", files=(A_FILE,), key="k") == said
    assert Message.objects.count() == 2


def test_a_note_is_no_answer_and_one_conversation_not_another(cast: Cast, operator: Operator) -> None:
    first, second = (conversations.written(cast.member).conversation for _ in range(2))
    note = converse.note(operator, first, "Hello", key="k", now=NOON)
    assert converse.note(operator, first, "Hello", key="k", now=NOON) == note
    with pytest.raises(SentBefore):
        converse.note(operator, first, "Hello to all", key="k", now=NOON)
    with pytest.raises(SentBefore):
        converse.note(operator, second, "Hello", key="k", now=NOON)
    with pytest.raises(SentBefore):
        converse.answer(operator, first, "Hello", files=(), key="k", now=NOON)
    conversations.written(cast.member, conversation=first, key="m")
    with pytest.raises(SentBefore):
        conversations.written(cast.member, conversation=second, key="m")
    assert Message.objects.count() == 4


def test_a_card_number_is_hidden_before_it_is_stored(cast: Cast) -> None:
    message = written(cast, "It is 4242 4242 4242 4242, why?")
    assert (message.text, message.masked) == ("It is •••• •••• •••• 4242, why?", True)


@pytest.mark.parametrize(("text", "refusal"), [(" \n", NothingWritten), ("x" * (LONGEST_MESSAGE + 1), MessageTooLong)])
def test_what_cannot_be_sent_is_refused(cast: Cast, text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        written(cast, text)
    assert not Conversation.objects.exists()


def test_those_who_buy_read_all_of_their_account_others_their_own(cast: Cast) -> None:
    conversation = written(cast, "Hello").conversation
    reads = {
        member.user.name: readers.may_read(member, conversation)
        for member in (cast.owner, cast.billing_admin, cast.admin, cast.member, cast.stranger)
    }
    assert list(reads.values()) == [True, True, False, True, False]
    assert list(readers.of_member(cast.owner)) == [conversation]
    assert list(readers.of_member(cast.admin)) == []
