"""How much may be written in a while: by a member, and by an account as a whole."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from palier.apps.accounts.models import Member, Role
from palier.apps.chat.models import LARGEST_ATTACHMENT, Conversation, Message
from palier.flows.conversations import chat_limits
from palier.flows.conversations.attachments import MOST_FILES, Upload
from palier.flows.conversations.chat_limits import (
    OF_A_MEMBER,
    OF_AN_ACCOUNT,
    Limits,
    TooManyBytes,
    TooManyConversations,
)
from palier.flows.conversations.chat_limits import TooManyMessages as TooMany
from palier.flows.people import signup
from tests import world
from tests.flows.conversations import answered, of_the_team, written
from tests.together import together
from tests.world import NOON, Cast

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
TEN = Upload("ten.txt", b"0123456789")
assert OF_A_MEMBER.bytes >= MOST_FILES * LARGEST_ATTACHMENT


def test_messages_of_a_minute(cast: Cast) -> None:
    conversation = written(cast.member).conversation
    for number in range(1, OF_A_MEMBER.messages):
        written(cast.member, conversation=conversation, now=NOON + number * SECOND)
    with pytest.raises(TooMany) as refused:
        written(cast.member, conversation=conversation, now=NOON + 20 * SECOND)
    assert refused.value.details["seconds"] == 40
    assert "in 40 s" in refused.value.text("en")

    answered(of_the_team(), conversation, now=NOON + 20 * SECOND)  # the team is not counted
    written(cast.owner, conversation=conversation, now=NOON + 20 * SECOND)  # nor others
    written(cast.member, conversation=conversation, now=NOON + 60 * SECOND)


def test_a_form_that_is_sent_again_is_no_second_message(cast: Cast) -> None:
    messages = [written(cast.member, key="once") for _ in range(OF_A_MEMBER.messages + 1)]
    assert len({message.id for message in messages}) == 1


def test_conversations_of_an_hour(cast: Cast) -> None:
    for number in range(OF_A_MEMBER.conversations):
        last = written(cast.member, now=NOON + number * MINUTE)
    with pytest.raises(TooManyConversations) as refused:
        written(cast.member, now=NOON + 30 * MINUTE)
    assert "after 13:00" in refused.value.text("en"), "10:00 UTC is noon in Paris"
    written(cast.member, conversation=last.conversation, now=NOON + 30 * MINUTE)
    written(cast.member, now=NOON + 60 * MINUTE)


def test_bytes_of_an_hour(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_limits, "OF_A_MEMBER", replace(OF_A_MEMBER, bytes=100))
    conversation = written(cast.member, files=(TEN,) * 5).conversation
    written(cast.member, conversation=conversation, files=(TEN,) * 4, now=NOON + 10 * MINUTE)
    with pytest.raises(TooManyBytes) as refused:
        written(cast.member, conversation=conversation, files=(TEN,) * 2, now=NOON + 20 * MINUTE)
    assert "after 13:00" in refused.value.text("en")
    written(cast.member, "Without a file", conversation=conversation, now=NOON + 20 * MINUTE)
    written(cast.member, conversation=conversation, files=(TEN,), now=NOON + 20 * MINUTE)
    written(cast.member, conversation=conversation, files=(TEN,) * 2, now=NOON + 60 * MINUTE)


def test_an_account_as_a_whole(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(getattr(OF_AN_ACCOUNT, name) >= 4 * getattr(OF_A_MEMBER, name) for name in ("messages", "bytes"))
    monkeypatch.setattr(chat_limits, "OF_AN_ACCOUNT", Limits(messages=3, conversations=3, bytes=20))
    for member in (cast.owner, cast.admin, cast.member):
        written(member, "", files=(Upload("a.txt", b"123456"),))
    with pytest.raises(TooMany):
        written(cast.billing_admin)
    with pytest.raises(TooManyConversations):
        written(cast.billing_admin, now=NOON + MINUTE)
    conversation = Conversation.objects.get(member=cast.owner)
    with pytest.raises(TooManyBytes):
        written(cast.owner, conversation=conversation, files=(Upload("a.txt", b"123"),), now=NOON + MINUTE)
    written(cast.owner, conversation=conversation, files=(Upload("a.txt", b"12"),), now=NOON + MINUTE)
    written(cast.stranger)  # another account is not counted


@pytest.mark.django_db(transaction=True)
def test_many_at_one_moment_do_not_get_past_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_limits, "OF_A_MEMBER", Limits(messages=3, conversations=2, bytes=100))
    answers = together([lambda: written(cast.member) for _ in range(6)])
    assert sum(isinstance(answer, Message) for answer in answers) == Conversation.objects.count() == 2


def test_the_limits_cost_a_fixed_number_of_statements(cast: Cast, django_assert_max_num_queries: Any) -> None:
    conversation = written(cast.member, files=(Upload("a.txt", b"a"),)).conversation
    for number in range(9):
        written(cast.member, conversation=conversation, now=NOON + number * SECOND)
    with django_assert_max_num_queries(20):
        written(cast.member, conversation=conversation, files=(Upload("a.txt", b"a"),), now=NOON + 9 * SECOND)


def test_a_member_who_came_later_is_counted_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_limits, "OF_AN_ACCOUNT", Limits(messages=1, conversations=9, bytes=9))
    written(cast.member)
    newcomer: Member = signup.join(cast.account, world.person("new@lumiere.example", "New"), Role.MEMBER, now=NOON)
    with pytest.raises(TooMany):
        written(newcomer)
