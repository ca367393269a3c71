"""What those who have a conversation open are told, every few seconds, in one statement."""

from datetime import timedelta
from typing import Any

import pytest

from palier.apps.accounts import actions as accounts
from palier.apps.accounts.models import Operator
from palier.apps.chat.models import Conversation, Participant
from palier.flows.conversations import converse, news, readers
from palier.flows.conversations.attachments import Upload
from palier.flows.conversations.news import NotYours
from tests.flows.conversations import answered, noted, of_the_team, written
from tests.world import NOON, Cast

SECOND = timedelta(seconds=1)


@pytest.fixture
def operator(cast: Cast) -> Operator:
    return of_the_team()


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return written(cast.member, "Why 95?").conversation


def test_each_side_gets_what_it_may_see(cast: Cast, operator: Operator, conversation: Conversation) -> None:
    answered(operator, conversation, "Annual.")
    hidden = noted(operator, conversation, "Careful.")
    customer = news.news(conversation, cast.member.user, after=0, now=NOON)
    team = news.news(conversation, operator.user, after=0, now=NOON)
    assert [message.text for message in customer.messages] == ["Why 95?", "Annual."]
    assert [message.text for message in team.messages] == ["Why 95?", "Annual.", "Careful."]
    assert (customer.newest, team.newest) == (customer.messages[-1].id, hidden.id)
    assert customer.state == team.state == "waiting"
    assert news.news(conversation, cast.member.user, after=customer.newest, now=NOON).messages == []


def test_news_cost_three_statements_whatever_was_said(
    cast: Cast, operator: Operator, conversation: Conversation, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        answered(operator, conversation, files=(Upload(f"{number}.txt", b"A plain text."),))
    with django_assert_num_queries(3):
        told = news.news(conversation, cast.owner.user, after=0, now=NOON)
        names = {(message.operator or message.member).user.name for message in told.messages}  # type: ignore[union-attr]
        files = [file.name for message in told.messages for file in message.attachments.all()]
    assert names == {"Member Person", "Tess Team"}
    assert files == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]


def test_a_poll_is_one_statement_and_answers_only_what_changed(
    cast: Cast, operator: Operator, conversation: Conversation, django_assert_num_queries: Any
) -> None:
    reader = cast.member.user
    mark = news.news(conversation, reader, after=0, now=NOON).mark
    with django_assert_num_queries(1):
        assert news.anything_new(conversation.id, reader.id, mark, now=NOON) is None

    noted(operator, conversation)
    assert news.anything_new(conversation.id, reader.id, mark, now=NOON) is None, "a note is nothing to the customer"

    converse.typing(conversation, operator.user, now=NOON)
    found = news.anything_new(conversation.id, reader.id, mark, now=NOON)
    assert found is not None
    assert found.typing == ("Tess Team",)
    assert news.anything_new(conversation.id, reader.id, mark, now=NOON + 7 * SECOND) is None, "it is over"

    for change in (
        lambda: answered(operator, conversation),
        lambda: converse.solve(conversation, now=NOON),
        lambda: converse.reopen(conversation, now=NOON),
    ):
        change()
        later = news.anything_new(conversation.id, reader.id, mark, now=NOON)
        assert later is not None
        mark = later.mark


def test_each_side_sees_how_far_the_other_has_read(cast: Cast, operator: Operator, conversation: Conversation) -> None:
    answer = answered(operator, conversation)
    before = news.news(conversation, operator.user, after=0, now=NOON)
    assert before.read_up_to == before.messages[0].id
    assert news.news(conversation, cast.member.user, after=0, now=NOON).read_up_to == answer.id
    assert news.unread(cast.member) == 1

    converse.read(conversation, cast.member.user, up_to=answer.id, now=NOON)
    converse.read(conversation, cast.member.user, up_to=5, now=NOON)
    assert news.news(conversation, operator.user, after=0, now=NOON).read_up_to == answer.id
    assert news.unread(cast.member) == 0

    converse.read(conversation, cast.member.user, up_to=2**62, now=NOON)
    answered(operator, conversation)
    assert news.unread(cast.member) == 1, "nobody has read what is not written yet"


def test_who_may_not_read_is_told_nothing(cast: Cast, operator: Operator, conversation: Conversation) -> None:
    everybody = (cast.owner, cast.billing_admin, cast.admin, cast.member, cast.stranger)
    assert [news.glance(conversation.id, each.user_id, now=NOON) is not None for each in everybody] == [
        readers.may_read(each, conversation) for each in everybody
    ]
    with pytest.raises(NotYours):
        news.anything_new(conversation.id, cast.stranger.user_id, "", now=NOON)
    with pytest.raises(NotYours):
        news.news(conversation, cast.admin.user, after=0, now=NOON)
    assert news.glance(conversation.id + 1, cast.member.user_id, now=NOON) is None

    accounts.deactivate(cast.member, now=NOON)
    assert news.glance(conversation.id, cast.member.user_id, now=NOON) is None
    Operator.objects.update(ended_at=NOON)
    assert news.glance(conversation.id, operator.user_id, now=NOON) is None


def test_that_somebody_looks_is_written_down_now_and_then(
    cast: Cast, operator: Operator, conversation: Conversation
) -> None:
    def looked(seconds: int, *, looking: bool = True) -> tuple[object, object]:
        for user in (cast.member.user_id, operator.user_id):
            news.glance(conversation.id, user, looking=looking, now=NOON + seconds * SECOND)
        operator.refresh_from_db()
        return Participant.objects.get(user=cast.member.user_id).seen_at, operator.seen_at

    assert looked(0) == (NOON, NOON)
    assert looked(19) == (NOON, NOON)
    assert looked(21) == (NOON + 21 * SECOND, NOON + 21 * SECOND)
    assert looked(60, looking=False) == (NOON + 21 * SECOND, NOON + 21 * SECOND), "in a tab that nobody sees"
