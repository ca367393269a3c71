"""What the tests of conversations share: somebody of the team, and messages in few words."""

from datetime import datetime

from palier.apps.accounts.models import Member, Operator
from palier.apps.chat.models import Conversation, Message
from palier.flows.conversations import converse
from palier.flows.conversations.attachments import Upload
from palier.flows.conversations.converse import Context
from palier.kit import ids
from tests import world
from tests.world import NOON


def of_the_team(name: str = "Tess Team") -> Operator:
    """One of the operator's people."""
    return world.operator(f"{name.split()[0].lower()}@seller.example", name)


def written(
    member: Member,
    text: str = "Hello",
    *,
    conversation: Conversation | None = None,
    key: str = "",
    files: tuple[Upload, ...] = (),
    context: Context = Context(),  # noqa: B008  # frozen
    language: str = "en",
    now: datetime = NOON,
) -> Message:
    """A member's message, in a new conversation where none is given."""
    return converse.write(
        member,
        text,
        conversation=conversation,
        context=context,
        files=files,
        key=key or str(ids.new_id()),
        language=language,
        now=now,
    )


def answered(
    operator: Operator,
    conversation: Conversation,
    text: str = "Hello to you",
    *,
    key: str = "",
    files: tuple[Upload, ...] = (),
    now: datetime = NOON,
) -> Message:
    """An answer of the team."""
    return converse.answer(operator, conversation, text, files=files, key=key or str(ids.new_id()), now=now)


def noted(operator: Operator, conversation: Conversation, text: str = "Careful", *, now: datetime = NOON) -> Message:
    """A note of the team."""
    return converse.note(operator, conversation, text, key=str(ids.new_id()), now=now)
