"""A conversation as its reader sees it: messages by day, who wrote, what came with them, and who is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from palier.apps.accounts.models import Member
from palier.apps.chat.models import Attachment, Message
from palier.interfaces.ui.templatetags.ui import language, zone
from palier.kit import formats


@dataclass(frozen=True, slots=True)
class Said:
    """One message: ``mine`` says that the reader wrote it, ``team`` that it is the team's."""

    message: Message
    author: str
    mine: bool
    team: bool
    files: Sequence[Attachment]


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of a calendar day in the seller's zone."""

    on: date
    words: str
    said: Sequence[Said]


def by_day(messages: Iterable[Message], reader: Member, *, now: datetime) -> list[Day]:
    """Messages in their order, with their people and files at hand."""
    there = ZoneInfo(zone())
    today = now.astimezone(there).date()
    days = groupby(messages, key=lambda message: message.written_at.astimezone(there).date())
    return [Day(on, _day(on, today), [_said(message, reader) for message in said]) for on, said in days]


def _day(on: date, today: date) -> str:
    if on == today:
        return _("Today")
    if on == today - timedelta(days=1):
        return _("Yesterday")
    return formats.long_day(on, language(), "")


def _said(message: Message, reader: Member) -> Said:
    mine = message.member_id == reader.id
    writer = message.operator or message.member
    return Said(
        message,
        _("You") if mine or writer is None else writer.user.name,
        mine,
        message.operator_id is not None,
        list(message.attachments.all()),
    )
