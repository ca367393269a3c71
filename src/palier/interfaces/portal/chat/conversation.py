"""One conversation: what was said, and a form to go on."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from palier.apps.chat import actions
from palier.apps.chat.models import Conversation, ConversationState
from palier.flows.conversations import news as flow
from palier.flows.conversations.news import Glance, News
from palier.interfaces.portal.access import MemberRequest, any_member_required
from palier.interfaces.portal.chat import answers, hours, writing
from palier.interfaces.portal.chat.found import own_conversation
from palier.interfaces.portal.chat.shown import by_day
from palier.kit import clock
from palier.kit.refusals import Refusal

MOST_SHOWN: Final = 5000
"""As many messages are shown at the most; what is older is in the export."""


@require_http_methods(["GET", "HEAD", "POST"])
@any_member_required
def page(request: MemberRequest, conversation_id: str) -> HttpResponse:
    """Read and write; an answer to the script is what is new after the message that it has."""
    conversation = own_conversation(request, conversation_id)
    if request.method != "POST":
        return show(request, conversation)
    try:
        writing.written(request, conversation)
    except Refusal as refusal:
        return refused(request, refusal) if answers.in_panel(request) else show(request, conversation, refusal)
    if answers.in_panel(request):
        return new(request, own_conversation(request, conversation_id), after=number(request.POST.get("after", "")))
    return redirect("chat-conversation", conversation.public_id)


def refused(request: MemberRequest, refusal: Refusal) -> HttpResponse:
    """What is refused, for the script, which keeps what was typed."""
    errors = writing.errors(refusal, get_language() or "en")
    return answers.part(request, "errors", "errors", {"errors": errors}, status=422)


def show(request: MemberRequest, conversation: Conversation, refusal: Refusal | None = None) -> HttpResponse:
    """The whole conversation, which the reader has read then."""
    now = clock.now()
    most = max(flow.MOST_MESSAGES, min(number(request.GET.get("shown", "")), MOST_SHOWN))
    found = flow.news(conversation, request.member.user, after=0, most=most, now=now)
    read(request, conversation, found, now=now)
    context = {
        **hours.shown(),
        **writing.form(request, refusal),
        **context_of(request, conversation, found, now=now),
        "more": most + flow.MOST_MESSAGES if found.earlier and most < MOST_SHOWN else 0,
    }
    return answers.view(request, "conversation", context, status=422 if refusal else 200)


def new(
    request: MemberRequest,
    conversation: Conversation,
    *,
    after: int,
    seen: bool = True,
    glanced: Glance | None = None,
) -> HttpResponse:
    """What came after a message, for the script; ``seen`` says that the reader has it before them."""
    now = clock.now()
    found = flow.news(conversation, request.member.user, after=after, now=now, glanced=glanced)
    if seen:
        read(request, conversation, found, now=now)
    return answers.part(request, "news", "news", context_of(request, conversation, found, now=now))


def read(request: MemberRequest, conversation: Conversation, found: News, *, now: datetime) -> None:
    """Note how far the reader has read, where that is news."""
    if found.newest > (getattr(conversation, "reader_read_up_to", None) or 0):
        actions.read(conversation, request.member.user, up_to=found.newest, now=now)


def context_of(request: MemberRequest, conversation: Conversation, found: News, *, now: datetime) -> dict[str, Any]:
    """What the templates of a conversation need."""
    return {
        "conversation": conversation,
        "days": by_day(found.messages, request.member, now=now),
        "news": found,
        "mark": found.mark,
        "typing": _typing(found.typing),
        "read": _read(found),
        "satisfied": conversation.satisfied,
    }


def number(text: str) -> int:
    """A message's id as the script sends it back; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _typing(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    if len(names) == 1:
        return _("%(name)s is typing…") % {"name": names[0]}
    return _("Several people are typing…")


def _read(found: News) -> bool:
    """Whether the team has read what the customer said last."""
    by_team = found.messages[-1].operator_id is not None if found.messages else found.state != ConversationState.OPEN
    return not by_team and found.read_up_to >= found.newest
