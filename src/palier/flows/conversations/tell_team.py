"""A letter to the team: a customer wrote and nobody was there to read it.

Where somebody is on line a job looks a while later: they may have left a moment before, or the page of a desk stands
open and nobody looks.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F

from palier.apps.accounts.models import Member, Operator
from palier.apps.chat.models import Conversation, Message, Participant
from palier.apps.notices import letters_chat as letters
from palier.apps.notices.actions import post
from palier.flows.conversations import opening
from palier.kit import jobs

WAIT: Final = timedelta(minutes=5)
"""So long a question may be unread before a letter tells of it, while somebody is on line."""


def of_question(message: Message, member: Member, *, now: datetime) -> None:
    """Tell of it, or look in a while where somebody is on line: part of the caller's transaction."""
    if not settings.PALIER_SUPPORT_EMAIL:
        return
    if opening.on_line(now=now):
        jobs.defer("tell_of_question", at=now + WAIT, message_id=message.id)
    else:
        _tell(message, member, now=now)


def of_unread(message_id: int, *, now: datetime) -> None:
    """Tell of a question that none of the team has read by now."""
    with transaction.atomic():
        message = Message.objects.select_related("member__user", "member__account").get(pk=message_id)
        Conversation.objects.select_for_update().get(pk=message.conversation_id)
        member = message.member
        assert member is not None  # noqa: S101 - a question is a member's
        team = Operator.objects.exclude(user=member.user_id).values("user")
        readers = Participant.objects.filter(conversation=message.conversation_id, user__in=team)
        if settings.PALIER_SUPPORT_EMAIL and not readers.filter(read_up_to__gte=message.id).exists():
            _tell(message, member, now=now)


def _tell(message: Message, member: Member, *, now: datetime) -> None:
    """Post it once per conversation until somebody answers or marks it as solved."""
    conversation = message.conversation
    answers = Message.objects.filter(conversation=conversation, operator__isnull=False, note=False)
    last = answers.order_by("-id").values_list("id", flat=True).first() or 0
    letter = letters.chat_question(
        _language(),
        asker=member.user.name,
        company=member.account.name,
        quote=message.text or ", ".join(message.attachments.order_by("id").values_list("name", flat=True)),
        url=f"{settings.BASE_URL}/desk/conversations/{conversation.public_id}/",
    )
    key = f"chat_question:{conversation.public_id}:{max(last, conversation.solved_up_to)}"
    post(conversation.account_id, letter, to=settings.PALIER_SUPPORT_EMAIL, key=key, now=now)


def _language() -> str:
    """The language of whoever of the team was at the desk last: nobody else is known to read it."""
    last = Operator.objects.filter(ended_at=None).order_by(F("seen_at").desc(nulls_last=True), "id")
    return last.values_list("user__language", flat=True).first() or settings.LANGUAGE_CODE
