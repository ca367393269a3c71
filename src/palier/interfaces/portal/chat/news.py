"""What the script of an open chat asks again and again, as little as possible each time."""

from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from palier.apps.chat.models import Conversation
from palier.flows.conversations import converse
from palier.flows.conversations import news as flow
from palier.interfaces.portal.access import MemberRequest, any_member_required
from palier.interfaces.portal.chat import conversation as one
from palier.interfaces.portal.chat.answers import HEADER
from palier.interfaces.portal.chat.found import own_conversation
from palier.interfaces.ui.found import identity
from palier.kit import clock


@require_safe
@any_member_required
def news(request: MemberRequest, conversation_id: str) -> HttpResponse:
    """204 where all is as the script knows it by its ``mark``; else what came ``after``, and how it stands."""
    known = identity(Conversation.id_prefix, conversation_id)
    mark, seen = request.GET.get("mark", ""), request.GET.get("seen") == "1"
    try:
        found = flow.anything_new(known, request.member.user_id, mark, looking=seen, now=clock.now())
    except flow.NotYours as refusal:
        raise Http404 from refusal
    if found is None:
        return HttpResponse(status=204)
    conversation = own_conversation(request, conversation_id)
    after = one.number(request.GET.get("after", ""))
    return one.new(request, conversation, after=after, seen=seen, glanced=found)


@require_POST
@any_member_required
def typing(request: MemberRequest, conversation_id: str) -> HttpResponse:
    """The reader is typing."""
    converse.typing(own_conversation(request, conversation_id), request.member.user, now=clock.now())
    return HttpResponse(status=204)


@require_safe
@any_member_required
def unread(request: MemberRequest) -> HttpResponse:
    """In how many conversations something waits to be read, with the words for it, while the panel is closed."""
    count = flow.unread(request.member)
    words = ngettext("%(count)s new answer", "%(count)s new answers", count) % {"count": count}
    return JsonResponse({"count": count, "words": words}, headers={HEADER: "unread"})
