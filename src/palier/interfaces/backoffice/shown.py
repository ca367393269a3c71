"""Messages as the team reads them: who wrote, for whom, when, with which files, and what the customer looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from palier.apps.chat.models import Attachment, Message
from palier.interfaces.backoffice.looked_at import LookedAt, looked_at
from palier.interfaces.backoffice.times import day_words


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message; ``size`` in bytes."""

    public_id: str
    name: str
    kind: str
    size: int

    @property
    def picture(self) -> bool:
        return self.kind.startswith("image/")


@dataclass(frozen=True, slots=True)
class Shown:
    """``kind`` is "customer", "team" or "note"; ``day`` the words of its day, empty where it is that of the one
    before."""

    message: Message
    kind: str
    author: str
    day: str
    files: tuple[File, ...]
    context: LookedAt | None


def shown(messages: Iterable[Any], *, language: str, after: str = "", now: datetime) -> list[Shown]:
    """Messages in their order; ``language`` is the conversation’s, ``after`` the words of the last day on the page."""
    said: list[Shown] = []
    last = after
    for message in messages:
        day = day_words(message.written_at, now)
        said.append(_one(message, "" if day == last else day, language))
        last = day
    return said


def _one(message: Any, day: str, language: str) -> Shown:
    author = message.operator or message.member
    kind = "note" if message.note else "team" if message.operator_id else "customer"
    return Shown(
        message=message,
        kind=kind,
        author=author.user.name,
        day=day,
        files=tuple(
            File(Attachment(id=each["id"]).public_id, each["name"], each["kind"], each["size"])
            for each in message.files
        ),
        context=looked_at(message, language) if kind == "customer" else None,
    )
