"""The question that closes a conversation: did this solve it?"""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from palier.flows.conversations import converse
from palier.interfaces.portal.access import MemberRequest, any_member_required
from palier.interfaces.portal.chat import answers, conversation
from palier.interfaces.portal.chat.found import own_conversation
from palier.kit import clock
from palier.kit.refusals import Refusal


@require_POST
@any_member_required
def satisfaction(request: MemberRequest, conversation_id: str) -> HttpResponse:
    """Yes or no, with a word if they like."""
    found = own_conversation(request, conversation_id)
    panel = answers.in_panel(request)
    solved, word = request.POST.get("solved"), request.POST.get("word", "")
    try:
        if solved in ("yes", "no"):
            converse.satisfied(request.member, found, solved == "yes", word, now=clock.now())
    except Refusal as refusal:
        return conversation.refused(request, refusal) if panel else conversation.show(request, found, refusal)
    if panel:
        after = conversation.number(request.POST.get("after", ""))
        return conversation.new(request, own_conversation(request, conversation_id), after=after)
    return redirect("chat-conversation", found.public_id)
