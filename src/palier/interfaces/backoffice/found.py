"""What an address names, for the team; what it does not name is not found."""

from django.shortcuts import get_object_or_404

from palier.apps.chat.models import Attachment, CannedAnswer, Conversation
from palier.interfaces.ui.found import identity


def conversation_id(public_id: str) -> int:
    """The identity of a conversation, which need not exist."""
    return identity(Conversation.id_prefix, public_id)


def conversation(public_id: str) -> Conversation:
    return get_object_or_404(Conversation.objects.select_related("account"), pk=conversation_id(public_id))


def canned_answer(public_id: str) -> CannedAnswer:
    return get_object_or_404(CannedAnswer, pk=identity(CannedAnswer.id_prefix, public_id))


def attachment(public_id: str) -> Attachment:
    return get_object_or_404(Attachment, pk=identity(Attachment.id_prefix, public_id))
