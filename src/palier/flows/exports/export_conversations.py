"""What an account has said with the seller's team, as tables of its export, with the files. The team's notes are the
team's."""

from collections.abc import Iterable, Iterator
from typing import Final

from django.db.models import Prefetch, QuerySet

from palier.apps.accounts.models import Account
from palier.apps.chat.models import Attachment, Message
from palier.flows.exports.export_cells import Row, instant, told

LONGEST_NAME: Final = 200
"""Bytes of a file's name without its ending: with the rest of it, less than any file system takes (255)."""


def conversations(account: Account) -> list[Row]:
    """Each conversation of the account, the oldest first; times in UTC."""
    return [
        {
            "id": conversation.public_id,
            "member": conversation.member.public_id,
            "state": conversation.state,
            "opened_at": instant(conversation.opened_at),
            "closed_at": instant(conversation.closed_at),
            "satisfied": told(conversation.satisfied),
            "satisfied_word": conversation.satisfied_word,
        }
        for conversation in account.conversations.select_related("member").order_by("id")
    ]


def messages(account: Account) -> list[Row]:
    """What was said in them, as it was kept: card numbers were hidden before. Of files the names and sums."""
    said = (
        Message.objects.filter(conversation__account=account, note=False)
        .select_related("conversation", "member", "operator__user")
        .prefetch_related(Prefetch("attachments", Attachment.objects.defer("content").order_by("id")))
        .order_by("conversation_id", "id")
    )
    return [
        {
            "conversation": message.conversation.public_id,
            "id": message.public_id,
            "written_at": instant(message.written_at),
            "member": message.member.public_id if message.member else None,
            "team": message.operator.user.name if message.operator else None,
            "text": message.text,
            "attachments": _names(message.attachments.all()),
        }
        for message in said
    ]


def attachments(account: Account) -> list[Row]:
    """The files that came with them, and where each is in the archive."""
    return [
        {
            "conversation": file.message.conversation.public_id,
            "message": file.message.public_id,
            "id": file.public_id,
            "name": file.name,
            "content_type": file.content_type,
            "size": file.size,
            "sha256": file.sha256,
            "file": path_of(file),
        }
        for file in _attached(account).defer("content")
    ]


def files(account: Account) -> Iterator[tuple[str, bytes]]:
    """Where each file is in the archive, and its content: in one statement, and one at a time in memory."""
    for file in _attached(account).iterator(chunk_size=1):
        yield path_of(file), bytes(file.content)


def path_of(file: Attachment) -> str:
    """``conversations/cnv_…/att_…-plan.pdf``: the name that it is downloaded under, made unique by its id, which also
    keeps it from being one that a system has a meaning for."""
    stem, _dot, ending = file.name.rpartition(".")
    shown = stem.encode()[:LONGEST_NAME].decode(errors="ignore")
    return f"conversations/{file.message.conversation.public_id}/{file.public_id}-{shown}.{ending}"


def _attached(account: Account) -> QuerySet[Attachment]:
    shown = Attachment.objects.filter(message__conversation__account=account, message__note=False)
    return shown.select_related("message__conversation").order_by("id")


def _names(files: Iterable[Attachment]) -> str:
    return "; ".join(f"{file.name} (sha256 {file.sha256})" for file in files)
