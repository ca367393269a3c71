"""What an address of the chat names, if the member may read it; anything else is not found, whoever it belongs to."""

from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404

from palier.apps.chat.models import Attachment, Conversation, Participant
from palier.flows.conversations import readers
from palier.interfaces.portal.access import MemberRequest
from palier.interfaces.ui.found import identity


def own_conversation(request: MemberRequest, public_id: str) -> Conversation:
    """The conversation, with ``reader_read_up_to``, the id up to which the reader has read it; or Http404."""
    looked = Participant.objects.filter(conversation=OuterRef("pk"), user=request.member.user_id)
    conversation = get_object_or_404(
        Conversation.objects.annotate(reader_read_up_to=Subquery(looked.values("read_up_to"))),
        pk=identity(Conversation.id_prefix, public_id),
        account=request.account,
    )
    if not readers.may_read(request.member, conversation):
        raise Http404
    return conversation


def own_attachment(request: MemberRequest, public_id: str) -> Attachment:
    """A file of a conversation that the member may read, notes of the team left out; or Http404."""
    attachment = get_object_or_404(
        Attachment.objects.select_related("message__conversation"),
        pk=identity(Attachment.id_prefix, public_id),
        message__conversation__account=request.account,
        message__note=False,
    )
    if not readers.may_read(request.member, attachment.message.conversation):
        raise Http404
    return attachment
