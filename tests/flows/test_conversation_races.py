"""Many at one moment: one key is one message, and whose turn it is follows the order in which things were said."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.db import connection, connections, transaction

from palier.apps.accounts import actions as accounts
from palier.apps.accounts.models import Account, Operator, Role
from palier.apps.chat.models import Conversation, Message
from palier.flows.conversations import converse, news
from palier.flows.conversations.converse import Context
from palier.flows.conversations.converse_refusals import NoPlace, NotOfTheTeam, SaidMeanwhile
from palier.flows.conversations.news import NotYours
from palier.flows.people import signup
from palier.kit.refusals import Refusal
from tests import world
from tests.flows.conversations import answered, noted, of_the_team, written
from tests.together import together
from tests.world import NOON, Cast


def while_locked(conversation: Conversation, first: Callable[[], object], second: Callable[[], object]) -> object:
    """Run ``first`` with the conversation's lock held, while ``second`` waits for it; the answer of the second."""

    pids: list[int] = []

    def waiting() -> object:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            return second()
        except Refusal as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            Conversation.objects.select_for_update().get(pk=conversation.pk)
            running = thread.submit(waiting)
            while not waits_for_a_lock(pids) and not wait([running], timeout=0.005).done:
                pass
            first()
        return running.result(120)


def waits_for_a_lock(pids: list[int]) -> bool:
    """Asked of the locks themselves: a transaction sees the activity of others only as it was when it first looked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = ANY(%s))", [pids])
        return bool(cursor.fetchone()[0])


def state_of(conversation: Conversation) -> str:
    return str(Conversation.objects.get(pk=conversation.pk).state)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_many_times_at_one_moment_is_one_message_in_one_conversation(cast: Cast) -> None:
    messages = together([lambda: written(cast.member, key="form-1") for _ in range(5)])
    assert len({message.pk for message in messages if isinstance(message, Message)}) == 1
    assert (len(messages), Message.objects.count(), Conversation.objects.count()) == (5, 1, 1)

    operator, conversation = of_the_team(), Conversation.objects.get()
    answers = together([lambda: answered(operator, conversation, key="form-1") for _ in range(5)])
    assert len({message.pk for message in answers if isinstance(message, Message)}) == 1
    assert Message.objects.count() == 2


def test_the_key_of_somebody_else_is_ones_own_message(cast: Cast) -> None:
    first = written(cast.owner, "A secret of the owner", key="same")
    for member in (cast.member, cast.stranger):
        message = written(member, "Mine", key="same")
        assert (message.text, message.member) == ("Mine", member)
    shared = written(cast.billing_admin, "Also here", conversation=first.conversation, key="same")
    assert shared.conversation == first.conversation
    operators = [of_the_team("Ann Other"), of_the_team("Bob Other")]
    assert len({answered(each, first.conversation, key="same").id for each in operators}) == 2


def test_any_text_is_a_key_and_none_is_a_new_one(cast: Cast) -> None:
    def count(key: str) -> int:
        for _turn in range(2):
            converse.write(
                cast.member, "Hi", conversation=None, context=Context(), files=(), key=key, language="en", now=NOON
            )
        return Message.objects.count()

    assert [count(key) for key in ("a\x00b", "x" * 5000, "é\ud800", "")] == [1, 2, 3, 5]


def test_what_no_database_can_keep_is_not_kept(cast: Cast) -> None:
    message = written(
        cast.member,
        "Hello\x00 \u202etxet\x1b[2J\r\nnext \ud83d",
        context=Context(screen="/a\x00b" + "x" * 300, line=2**40, refusal_code="r\x00" * 100, invoice="inv_\x00"),
    )
    assert message.text == "Hello txet[2J\nnext"
    assert (message.screen[:3], len(message.screen), message.line, len(message.refusal_code)) == ("/ab", 200, None, 60)


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_both_answer_and_one_takes_the_conversation(cast: Cast) -> None:
    team = [of_the_team("Ann Other"), of_the_team("Bob Other")]
    conversation = written(cast.member).conversation
    answers = together([lambda who=who: answered(who, conversation) for who in team])  # type: ignore[misc]
    ids = [answer.id for answer in answers if isinstance(answer, Message)]
    conversation.refresh_from_db()
    assert (len(ids), conversation.newest, conversation.state) == (2, max(ids), "waiting")
    assert conversation.assigned_to in team


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("customer_first", [True, False])
def test_a_question_and_the_closing_cross(cast: Cast, customer_first: bool) -> None:
    conversation = written(cast.member).conversation
    seen = Conversation.objects.get().newest

    def asks() -> object:
        return written(cast.member, "One more thing", conversation=conversation)

    def solves() -> None:
        converse.solve(conversation, seen=seen, now=NOON)

    if customer_first:
        assert isinstance(while_locked(conversation, asks, solves), SaidMeanwhile)
    else:
        assert isinstance(while_locked(conversation, solves, asks), Message)
    assert state_of(conversation) == "open", "whatever the order, what the customer said last is not closed away"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("customer_first", [True, False])
def test_a_question_and_an_answer_cross(cast: Cast, customer_first: bool) -> None:
    operator, conversation = of_the_team(), written(cast.member).conversation
    seen = Conversation.objects.get().newest

    def asks() -> object:
        return written(cast.member, "And another", conversation=conversation)

    def answers() -> object:
        return converse.answer(operator, conversation, "So", files=(), key="a", seen=seen, now=NOON)

    while_locked(conversation, *((asks, answers) if customer_first else (answers, asks)))
    assert state_of(conversation) == "open"


@pytest.mark.django_db(transaction=True)
def test_ids_grow_in_the_order_of_the_conversation_whatever_the_clocks_say(cast: Cast) -> None:
    """A poll asks for what comes after the newest that it has: a smaller id would never be told."""
    first = written(cast.member)
    ahead = Message(
        id=first.id + 2**40,  # written on a machine whose clock is three days ahead
        conversation=first.conversation,
        member=cast.member,
        text="From the future",
        key="ahead",
        written_at=NOON,
    )
    ahead.save(force_insert=True)
    later = noted(of_the_team(), first.conversation)
    last = written(cast.member, conversation=first.conversation)
    assert first.id < ahead.id < later.id < last.id
    told = news.news(first.conversation, cast.member.user, after=ahead.id, now=NOON)
    assert [message.id for message in told.messages] == [last.id]


@pytest.mark.parametrize("how", ["restricted", "closed"])
def test_help_is_not_locked_while_one_has_a_place(cast: Cast, how: str) -> None:
    """Whatever the account owes or holds: nothing of it is asked. A restricted member sees no settings, but may ask."""
    if how == "restricted":
        accounts.give_role(cast.member, Role.RESTRICTED_MEMBER)
    else:
        Account.objects.update(closed_at=NOON)  # its members have lost their places, and this one not yet
    assert written(cast.member).conversation.state == "open"


def test_who_has_no_place_any_more_writes_nothing(cast: Cast) -> None:
    conversation, operator = written(cast.member).conversation, of_the_team()
    stale_member, stale_operator = cast.member, Operator.objects.get()
    accounts.deactivate(type(stale_member).objects.get(pk=stale_member.pk), now=NOON)
    accounts.leave_team(operator, now=NOON)
    refused: list[tuple[type[Refusal], Callable[[], object]]] = [
        (NoPlace, lambda: written(stale_member, conversation=conversation)),
        (NotOfTheTeam, lambda: answered(stale_operator, conversation)),
        (NotOfTheTeam, lambda: noted(stale_operator, conversation)),
    ]
    for refusal, action in refused:
        with pytest.raises(refusal):
            action()
    assert Message.objects.count() == 1
    accounts.remove(cast.member, now=NOON)
    with pytest.raises(NoPlace):
        written(cast.member)


def test_nobody_writes_in_a_conversation_that_they_may_not_read(cast: Cast) -> None:
    conversation = written(cast.member).conversation
    newcomer = signup.join(cast.account, world.person("new@lumiere.example", "New"), Role.MEMBER, now=NOON)
    for member in (cast.stranger, cast.admin, newcomer):
        with pytest.raises(NotYours):
            written(member, conversation=conversation)
    written(cast.owner, conversation=conversation)
