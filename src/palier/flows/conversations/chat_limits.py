"""How much a member, and an account as a whole, may write to the team in a while: counted in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from palier.apps.accounts.models import Member
from palier.apps.chat.models import Attachment, Conversation, Message
from palier.flows.conversations import opening
from palier.kit import formats
from palier.kit.refusals import Refusal

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages in a minute, new conversations in an hour, bytes of attachments in an hour."""

    messages: int
    conversations: int
    bytes: int


OF_A_MEMBER: Final = Limits(messages=12, conversations=6, bytes=50 * 1024**2)
OF_AN_ACCOUNT: Final = Limits(messages=60, conversations=30, bytes=200 * 1024**2)


class TooManyMessages(Refusal):
    code = "chat.too_many_messages"
    en = "That was many messages in a minute. This one was not sent; please send it again in {seconds} s."
    fr = "Cela fait beaucoup de messages en une minute. Celui-ci n’est pas parti\u202f; renvoyez-le dans {seconds} s."


class TooManyConversations(Refusal):
    code = "chat.too_many_conversations"
    en = (
        "Many conversations were begun in an hour. Nothing was sent; please write in one of them, or begin another "
        "after {again_at:en}."
    )
    fr = (
        "Beaucoup de conversations ont été ouvertes en une heure. Rien n’a été envoyé\u202f; écrivez dans l’une "
        "d’elles, ou ouvrez-en une autre après {again_at:fr}."
    )


class TooManyBytes(Refusal):
    code = "chat.attachment_quota"
    en = (
        "Many large files were sent in an hour. Nothing was sent; please write without a file, or send it after "
        "{again_at:en}."
    )
    fr = (
        "Beaucoup de gros fichiers ont été envoyés en une heure. Rien n’a été envoyé\u202f; écrivez sans fichier, ou "
        "envoyez-le après {again_at:fr}."
    )
    field = "files"


def check(member: Member, *, begins: bool, size: int, now: datetime) -> None:
    """Refuse one more message of a member, with attachments of ``size`` bytes, that ``begins`` a conversation or not.

    Right only while nobody else of the account writes: the caller holds its conversations' lock.
    """
    account = member.account_id
    for owner, limits in (({"member": member.pk}, OF_A_MEMBER), ({"conversation__account": account}, OF_AN_ACCOUNT)):
        messages = Message.objects.filter(operator=None, written_at__gt=now - HOUR, **owner)
        _messages(messages.filter(written_at__gt=now - MINUTE), limits.messages, now)
        if size:
            _bytes(messages, limits.bytes - size, now)
    if begins:
        begun = Conversation.objects.filter(account=account, opened_at__gt=now - HOUR)
        _conversations(begun.filter(member=member), OF_A_MEMBER.conversations)
        _conversations(begun, OF_AN_ACCOUNT.conversations)


def _messages(messages: QuerySet[Message], most: int, now: datetime) -> None:
    times = list(messages.order_by("-written_at").values_list("written_at", flat=True)[:most])
    if len(times) == most:
        again_at = times[-1] + MINUTE
        raise TooManyMessages(seconds=max(1, -(-(again_at - now) // timedelta(seconds=1))), again_at=again_at)


def _conversations(begun: QuerySet[Conversation], most: int) -> None:
    times = list(begun.order_by("-opened_at").values_list("opened_at", flat=True)[:most])
    if len(times) == most:
        raise TooManyConversations(again_at=_time(times[-1] + HOUR))


def _bytes(messages: QuerySet[Message], left: int, now: datetime) -> None:
    """``left`` is what may have been sent already."""
    files = Attachment.objects.filter(message__in=messages)
    sent = list(files.order_by("message__written_at").values_list("message__written_at", "size"))
    total = sum(size for _, size in sent)
    for written_at, size in sent:
        if total <= left:
            return
        total -= size
        if total <= left:
            raise TooManyBytes(again_at=_time(written_at + HOUR))


def _time(at: datetime) -> formats.TimeOfDay:
    return formats.TimeOfDay(at, opening.zone_of_the_team())
