"""What is new in a conversation for somebody who has it open: asked every few seconds by everybody who talks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zlib import crc32

from django.db import connection
from django.db.models import F, Prefetch

from palier.apps.accounts.actions import SEEN_EVERY
from palier.apps.accounts.models import BUYERS, Member, User
from palier.apps.chat.models import Attachment, Conversation, ConversationState, Message, Participant
from palier.flows.conversations import readers
from palier.kit.refusals import Refusal

MOST_MESSAGES: Final = 200
"""As many messages, the newest, are shown at first, and so many more each time that somebody asks for earlier ones."""

_GLANCE: Final = """
    WITH reader AS (
        SELECT c.id, c.newest, c.state, c.assigned_to_id, o.id IS NOT NULL AS team
        FROM chat_conversation c
        LEFT JOIN accounts_operator o ON o.user_id = %(user)s AND o.ended_at IS NULL
        LEFT JOIN accounts_member m
            ON m.user_id = %(user)s AND m.account_id = c.account_id AND m.deactivated_at IS NULL
        WHERE c.id = %(conversation)s AND (o.id IS NOT NULL OR m.id = c.member_id OR m.role = ANY(%(buyers)s))
    ), looked AS (
        UPDATE chat_participant p SET seen_at = %(now)s FROM reader
        WHERE %(looking)s AND p.conversation_id = reader.id AND p.user_id = %(user)s AND p.seen_at < %(stale)s
    ), on_line AS (
        UPDATE accounts_operator o SET seen_at = %(now)s FROM reader
        WHERE %(looking)s AND reader.team AND o.user_id = %(user)s AND (o.seen_at IS NULL OR o.seen_at < %(stale)s)
    )
    SELECT reader.team, reader.state, reader.assigned_to_id,
        CASE WHEN reader.team
            THEN (SELECT coalesce(max(id), 0) FROM chat_message WHERE conversation_id = reader.id)
            ELSE reader.newest END,
        coalesce(max(p.read_up_to) FILTER (WHERE (other.id IS NOT NULL) <> reader.team), 0),
        array_agg(u.name ORDER BY u.name) FILTER (WHERE p.typing_until > %(now)s AND p.user_id <> %(user)s)
    FROM reader
    LEFT JOIN chat_participant p ON p.conversation_id = reader.id
    LEFT JOIN accounts_operator other ON other.user_id = p.user_id
    LEFT JOIN accounts_user u ON u.id = p.user_id
    GROUP BY reader.id, reader.team, reader.state, reader.assigned_to_id, reader.newest
"""


class NotYours(Refusal):
    code = "chat.not_yours"
    en = "This conversation is not one of yours. Nothing was sent or changed; your own are on the chat’s page."
    fr = (
        "Cette conversation ne fait pas partie des vôtres. Rien n’a été envoyé ni modifié\u202f; les vôtres sont sur "
        "la page du chat."
    )


@dataclass(frozen=True, slots=True)
class Glance:
    """How a conversation stands for a reader: ``newest`` is the id of the last message that they see, ``read_up_to``
    how far the other side has read, ``typing`` the names of the others who are typing. ``team`` says that the reader
    is an operator, who also sees notes."""

    team: bool
    state: ConversationState
    newest: int
    read_up_to: int
    typing: tuple[str, ...]
    mark: str
    """A short text of ``[0-9a-z.]``; the same as long as nothing above has changed, nor who is assigned."""


@dataclass(frozen=True, slots=True)
class News:
    """What a reader has not got yet, the oldest first; authors and attachments (without their content) come along.
    ``earlier``: there are more before them."""

    messages: list[Message]
    earlier: bool
    typing: tuple[str, ...]
    state: ConversationState
    newest: int
    read_up_to: int
    mark: str


def glance(conversation_id: int, user_id: int, *, looking: bool = True, now: datetime) -> Glance | None:
    """One statement: whether the person may read the conversation (None: no), how it stands, and that they look.

    A page asks also while nobody is ``looking`` at it. Who may is as in ``readers.may_read``, and every operator.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _GLANCE,
            {
                "conversation": conversation_id,
                "user": user_id,
                "buyers": list(BUYERS),
                "looking": looking,
                "now": now,
                "stale": now - SEEN_EVERY,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    team, state, assigned, newest, read_up_to, names = row
    typing = tuple(names or ())
    mark = f"{newest:x}.{read_up_to:x}.{state}.{crc32(repr((typing, assigned)).encode()):x}"
    return Glance(team, ConversationState(state), newest, read_up_to, typing, mark)


def anything_new(
    conversation_id: int, user_id: int, mark: str, *, looking: bool = True, now: datetime
) -> Glance | None:
    """What a poll asks: None where all is as when the ``mark`` was given. Raises NotYours."""
    found = glance(conversation_id, user_id, looking=looking, now=now)
    if found is None:
        raise NotYours
    return None if found.mark == mark else found


def news(
    conversation: Conversation,
    user: User,
    *,
    after: int,
    most: int = MOST_MESSAGES,
    now: datetime,
    glanced: Glance | None = None,
) -> News:
    """The messages after the one of this id (0: all), at ``most`` so many of the newest, and how the conversation
    stands: as ``glanced`` a moment ago, or asked now."""
    found = glanced or glance(conversation.id, user.id, now=now)
    if found is None:
        raise NotYours
    messages = (
        Message.objects.filter(conversation=conversation, id__gt=after)
        .select_related("member__user", "operator__user", "quote", "order", "invoice")
        .prefetch_related(Prefetch("attachments", Attachment.objects.defer("content").order_by("id")))
        .order_by("-id")
    )
    if not found.team:
        messages = messages.filter(note=False)
    rows = list(messages[: most + 1])
    newest_last = rows[:most][::-1]
    return News(newest_last, len(rows) > most, found.typing, found.state, found.newest, found.read_up_to, found.mark)


def unread(member: Member) -> int:
    """In how many conversations that a member takes part in, and may still read, there is something unread."""
    taking_part = Participant.objects.filter(user=member.user_id, conversation__in=readers.of_member(member))
    return taking_part.filter(read_up_to__lt=F("conversation__newest")).count()
