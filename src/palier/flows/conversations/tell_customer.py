"""Letters to customers who have left: what the team answered meanwhile, and that a conversation was closed.

Jobs look a while after the answer, for those who have not read it by then. What a letter has quoted is known by its
key, which names the reader and the last message in it, so that no word is sent twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from palier.apps.accounts.models import Member
from palier.apps.chat.models import Conversation, ConversationState, Message, Participant
from palier.apps.notices import letters_chat as letters
from palier.apps.notices.actions import post
from palier.apps.notices.models import Mail
from palier.flows.conversations.readers import may_read
from palier.kit import jobs

WAIT: Final = timedelta(seconds=60)
"""So long an answer may be unread before a letter tells of it."""

HERE: Final = timedelta(seconds=45)
"""Whoever looked so short a time ago has the page before them."""

PATIENCE: Final = timedelta(minutes=10)
"""So long a letter waits for somebody who is here and does not read, or for a team that goes on answering."""

MOST_QUOTES: Final = 10


def later(message: Message, *, now: datetime) -> None:
    """Look in a while whether the answer was read: part of the caller's transaction."""
    jobs.defer("tell_of_answer", at=now + WAIT, message_id=message.id)


def of_solution_later(conversation: Conversation, *, now: datetime) -> None:
    """Look in a while whether the customer has seen that the conversation was closed."""
    jobs.defer("tell_of_solution", at=now + WAIT, conversation_id=conversation.id)


def of_answer(message_id: int, *, now: datetime) -> None:
    """Write to everybody on the customer's side who has not read the team's answers up to this one or a later one."""
    with transaction.atomic():
        message = Message.objects.get(pk=message_id)
        conversation = _locked(message.conversation_id)
        if conversation.state == ConversationState.CLOSED:
            return  # the letter about the solution quotes it
        _tell_all(conversation, message, now=now)


def of_solution(conversation_id: int, *, now: datetime) -> None:
    """Ask those who have left whether it was solved, with the answers that they have not read."""
    with transaction.atomic():
        conversation = _locked(conversation_id)
        closed_at = conversation.closed_at
        if closed_at is None:  # taken up again since: nothing is asked, and what was answered before is still to tell
            last = _answers(conversation).last()
            if last is not None:
                _tell_all(conversation, last, now=now)
            return
        if now < closed_at + WAIT:
            return  # closed anew: a later job looks
        for member in _readers(conversation):
            taking_part = _participant(conversation, member)
            untold = _untold(conversation, member, taking_part.read_up_to)
            if untold or (taking_part.seen_at < closed_at and conversation.satisfied is None):
                letter = letters.chat_solved(member.user.language, quotes=_quotes(untold), url=_page(conversation))
                key = f"{_solved_key(conversation, member)}{closed_at:%Y%m%d%H%M%S%f}"
                post(conversation.account_id, letter, to=member.user.email, key=key, now=now)


def _tell_all(conversation: Conversation, message: Message, *, now: datetime) -> None:
    waits = [_tell_one(conversation, member, message, now=now) for member in _readers(conversation)]
    if any(waits):
        later(message, now=now)


def _tell_one(conversation: Conversation, member: Member, message: Message, *, now: datetime) -> bool:
    """Write to one reader if it is time; True where it is not yet and somebody must look again."""
    taking_part = _participant(conversation, member)
    untold = _untold(conversation, member, taking_part.read_up_to)
    if not untold or untold[-1].id < message.id:
        return False
    patient = now < untold[0].written_at + PATIENCE
    if patient and untold[-1].id > message.id:
        return False  # the team goes on: the job of its last answer writes
    if patient and taking_part.seen_at > now - HERE:
        return True
    letter = letters.chat_answer(member.user.language, quotes=_quotes(untold), url=_page(conversation))
    post(conversation.account_id, letter, to=member.user.email, key=_key(member, untold[-1]), now=now)
    return False


def _readers(conversation: Conversation) -> list[Member]:
    """Whose conversation it is, and who else of their account wrote in it, as far as they may still read it."""
    wrote = Message.objects.filter(conversation=conversation, member__isnull=False).values("member")
    members = Member.objects.filter(Q(pk=conversation.member_id) | Q(pk__in=wrote), deactivated_at=None)
    return [one for one in members.select_related("user").order_by("id") if may_read(one, conversation)]


def _answers(conversation: Conversation) -> QuerySet[Message]:
    """What the team said, never its notes."""
    return Message.objects.filter(conversation=conversation, operator__isnull=False, note=False).order_by("id")


def _participant(conversation: Conversation, member: Member) -> Participant:
    """How far a member has read; one who never looked has read nothing."""
    found = Participant.objects.filter(conversation=conversation, user=member.user_id).first()
    return found or Participant(read_up_to=0, seen_at=conversation.opened_at)


def _untold(conversation: Conversation, member: Member, read_up_to: int) -> list[Message]:
    """The team's answers that a member has neither read nor been told in a letter."""
    answers = _answers(conversation).filter(id__gt=read_up_to).select_related("operator__user")
    unread = list(answers.prefetch_related("attachments"))
    keys = {_key(member, answer): answer.id for answer in unread}
    told = max((keys[key] for key in Mail.objects.filter(key__in=keys).values_list("key", flat=True)), default=0)
    asked = Mail.objects.filter(key__startswith=_solved_key(conversation, member)).order_by("-written_at").first()
    return [answer for answer in unread if answer.id > told and (asked is None or answer.written_at > asked.written_at)]


def _key(member: Member, last: Message) -> str:
    return f"chat_answer:{member.public_id}:{last.public_id}"


def _solved_key(conversation: Conversation, member: Member) -> str:
    return f"chat_solved:{member.public_id}:{conversation.public_id}:"


def _quotes(answers: Sequence[Message]) -> tuple[tuple[str, str], ...]:
    """Who answered, and their words with the names of their files; the last few."""
    return tuple(
        (
            answer.operator.user.name if answer.operator else "",
            "\n".join(filter(None, (answer.text, *(f"[{file.name}]" for file in answer.attachments.all())))),
        )
        for answer in answers[-MOST_QUOTES:]
    )


def _page(conversation: Conversation) -> str:
    return f"{settings.BASE_URL}/chat/{conversation.public_id}/"


def _locked(conversation_id: int) -> Conversation:
    return Conversation.objects.select_for_update(of=("self",)).get(pk=conversation_id)
