"""The form in which a member writes: what it holds, and how it becomes a message."""

import secrets
from typing import Any, Final

from django.utils.translation import get_language

from palier.apps.chat.models import LARGEST_ATTACHMENT, LONGEST_MESSAGE, Attachment, Conversation, Message
from palier.flows.conversations import attachments, converse
from palier.interfaces.portal.access import MemberRequest
from palier.interfaces.portal.chat.looked_at import context_of, told
from palier.kit import clock
from palier.kit.refusals import Refusal

KEPT: Final = 5 * LONGEST_MESSAGE
"""Characters of a refused message that stand in the field again."""

FIELDS: Final = ("text", "files", "word")


def form(request: MemberRequest, refusal: Refusal | None = None) -> dict[str, Any]:
    """What the template of the form needs; what was typed is kept when it was refused, under a key of its own."""
    language = get_language() or "en"
    typed = request.POST if refusal else {}
    return {
        "key": secrets.token_hex(16),
        "text": typed.get("text", "").replace("\0", "")[:KEPT],
        "word": typed.get("word", "").replace("\0", "")[:KEPT],
        "told": told(request.POST if request.method == "POST" else request.GET),
        "errors": errors(refusal, language),
        "longest": LONGEST_MESSAGE,
        "accept": ",".join(f".{kind}" for kind in (*Attachment.TYPES.values(), "jpeg")),
        "largest_mb": LARGEST_ATTACHMENT // 1024**2,
        "largest_text_mb": attachments.LARGEST_TEXT // 1024**2,
        "too_large": attachments.FileTooLarge(name="{name}", most="{most}").text(language),
        "unsafe": attachments.UnsafeType(name="{name}").text(language),
    }


def errors(refusal: Refusal | None, language: str) -> dict[str, str]:
    """The refusal at its field; at the text where it names none of the form's."""
    if refusal is None:
        return {}
    return {refusal.field if refusal.field in FIELDS else "text": refusal.text(language)}


def written(request: MemberRequest, conversation: Conversation | None) -> Message:
    """The form as a message; raises what the flow refuses."""
    typed = request.POST
    return converse.write(
        request.member,
        typed.get("text", ""),
        conversation=conversation,
        context=context_of(typed),
        files=attachments.read(request.FILES.getlist("files")),
        key=typed.get("key", "").replace("\0", "")[: converse.LONGEST_KEY] or secrets.token_hex(16),
        language=get_language() or "en",
        now=clock.now(),
    )
