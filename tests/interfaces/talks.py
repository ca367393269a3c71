"""Conversations for the tests of the chat: made by the flows, at the present moment."""

import hashlib
from collections.abc import Sequence

from palier.apps.accounts.models import Member, Operator
from palier.apps.chat.models import Attachment, Conversation, Message
from palier.flows.conversations import converse
from palier.flows.conversations.attachments import Upload
from palier.flows.conversations.converse import Context
from palier.kit import clock, ids


def asked(
    member: Member,
    text: str = "Why this sum?",
    *,
    conversation: Conversation | None = None,
    files: Sequence[Upload] = (),
    context: Context = Context(),  # noqa: B008  # frozen
) -> Message:
    """A member writes, in a new conversation unless one is given."""
    return converse.write(
        member,
        text,
        conversation=conversation,
        context=context,
        files=files,
        key=str(ids.new_id()),
        language="en",
        now=clock.now(),
    )


def answered(operator: Operator, conversation: Conversation, text: str = "Because of the VAT.") -> Message:
    """The team answers."""
    return converse.answer(operator, conversation, text, files=(), key=str(ids.new_id()), now=clock.now())


def written(
    conversation: Conversation,
    *,
    text: str,
    member: Member | None = None,
    operator: Operator | None = None,
    file: Upload | None = None,
) -> None:
    """A row as it stands, for many at once: no flow looks at how many there are."""
    message = Message(
        conversation=conversation,
        member=member,
        operator=operator,
        text=text,
        key=str(ids.new_id()),
        written_at=clock.now(),
    )
    message.save(force_insert=True)
    if file is not None:
        content = file.content
        Attachment.objects.create(
            message=message,
            name=file.name,
            content_type="text/plain",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )
