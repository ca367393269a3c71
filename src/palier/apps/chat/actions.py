"""Small writes of conversations; the stories are ``flows.conversations.converse`` and its neighbours."""

from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Max

from palier.apps.accounts.models import Account, Member, Operator, User
from palier.apps.chat.models import Conversation, ConversationState, Message, Participant
from palier.kit import locks
from palier.kit.locks import Lock

_READ: Final = """
    INSERT INTO chat_participant AS p (conversation_id, user_id, read_up_to, seen_at)
    VALUES (%(conversation)s, %(user)s, %(up_to)s, %(now)s)
    ON CONFLICT (conversation_id, user_id) DO UPDATE SET
        read_up_to = greatest(p.read_up_to, excluded.read_up_to),
        seen_at = greatest(p.seen_at, excluded.seen_at),
        typing_until = CASE WHEN %(sent)s THEN NULL ELSE p.typing_until END
"""


def alone(account_or_operator_id: int) -> None:
    """Let nobody else of an account, or one of the team, write anywhere until the end of the transaction.

    A lock of its own, taken before a conversation's: the account's would make a question wait for a renewal.
    """
    locks.wait(Lock.WRITING, account_or_operator_id)


def open_conversation(account: Account, member: Member, language: str, *, now: datetime) -> Conversation:
    """Begin one."""
    return Conversation.objects.create(account=account, member=member, language=language, opened_at=now, changed_at=now)


def move(conversation: Conversation, state: ConversationState, *, now: datetime) -> None:
    """Say whose turn it is. Who closes a conversation asks anew whether it was solved."""
    conversation.state = state
    conversation.closed_at = None
    conversation.changed_at = now
    changed = ["state", "closed_at", "changed_at"]
    if state is ConversationState.CLOSED:
        conversation.closed_at, conversation.solved_up_to = now, conversation.newest
        conversation.satisfied, conversation.satisfied_word = None, ""
        changed += ["solved_up_to", "satisfied", "satisfied_word"]
    conversation.save(update_fields=changed)


def say(message: Message) -> None:
    """Write a message of a conversation that the caller has locked: its id is greater than those before it."""
    before = Message.objects.filter(conversation=message.conversation_id).aggregate(last=Max("id"))["last"] or 0
    message.id = max(message.id, before + 1)
    message.save(force_insert=True)


def noticed(conversation: Conversation, message: Message) -> None:
    """A message that the customer sees was written, by the team or by them."""
    conversation.newest = message.id
    fields = ["newest"]
    if message.operator_id is not None and conversation.answered_at is None:
        conversation.answered_at = message.written_at
        fields.append("answered_at")
    conversation.save(update_fields=fields)


def assign(conversation: Conversation, operator: Operator | None) -> None:
    """Give a conversation to somebody of the team, or to nobody."""
    conversation.assigned_to = operator
    conversation.save(update_fields=["assigned_to"])


def take_from(operator: Operator) -> None:
    """What somebody of the team had is nobody's now."""
    Conversation.objects.filter(assigned_to=operator).update(assigned_to=None)


def read(conversation: Conversation, user: User, *, up_to: int, sent: bool = False, now: datetime) -> None:
    """A person looks at a conversation and has its messages up to this id before them. Never goes back.

    ``sent``: they wrote the last one themselves, so they are no longer typing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _READ, {"conversation": conversation.pk, "user": user.pk, "up_to": up_to, "sent": sent, "now": now}
        )


def typing(conversation: Conversation, user: User, *, until: datetime | None, now: datetime) -> None:
    """A person is typing, or (``None``) no longer."""
    Participant.objects.bulk_create(
        [Participant(conversation=conversation, user=user, typing_until=until, seen_at=now)],
        update_conflicts=True,
        unique_fields=["conversation", "user"],
        update_fields=["typing_until", "seen_at"],
    )


def satisfied(conversation: Conversation, yes: bool, word: str) -> None:
    """The customer says whether it was solved, in a word if they like. The last answer counts."""
    conversation.satisfied, conversation.satisfied_word = yes, word
    conversation.save(update_fields=["satisfied", "satisfied_word"])
