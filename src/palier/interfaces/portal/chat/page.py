"""The chat as a page of its own, which works without JavaScript, and the first view of the open panel."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from palier.apps.accounts.models import Operator, User
from palier.apps.catalogue import current
from palier.apps.chat.models import Conversation, ConversationState, Message, Participant
from palier.flows.conversations import readers
from palier.interfaces.portal.access import MemberRequest, any_member_required
from palier.interfaces.portal.chat import answers, conversation, hours, writing
from palier.interfaces.ui import to_login
from palier.interfaces.ui.context import member_of
from palier.kit import ids
from palier.kit.refusals import Refusal

MOST: Final = 20
"""As many conversations are listed at a time."""

FIRST_WORDS: Final = 90


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in the list: its first words, whether it is the reader's own, and has something new for them."""

    conversation: Conversation
    words: str
    own: bool
    unread: bool


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponseBase:
    """Write to the team; who has no place in an account is told how to reach it otherwise."""
    return _of_member(request) if member_of(request) else _nobody(request)


@any_member_required
def _of_member(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request)
    try:
        message = writing.written(request, None)
    except Refusal as refusal:
        return conversation.refused(request, refusal) if answers.in_panel(request) else _show(request, refusal)
    if answers.in_panel(request):
        return conversation.show(request, message.conversation)
    return redirect("chat-conversation", message.conversation.public_id)


def _show(request: MemberRequest, refusal: Refusal | None = None) -> HttpResponse:
    known = readers.of_member(request.member)
    if answers.in_panel(request) and "new" not in request.GET:
        going_on = known.filter(member=request.member).exclude(state=ConversationState.CLOSED).first()
        if going_on is not None:
            return conversation.show(request, going_on)
    listed = list(_before(known, request.GET.get("before", ""))[: MOST + 1])
    context = {
        **hours.shown(),
        **writing.form(request, refusal),
        "conversations": _listed(listed[:MOST], request),
        "more": listed[MOST - 1].public_id if len(listed) > MOST else "",
    }
    return answers.view(request, "new", context, status=422 if refusal else 200)


def _before(known: QuerySet[Conversation], public_id: str) -> QuerySet[Conversation]:
    """The conversations after that one in the list; all of them where it is none of them."""
    try:
        last = known.filter(pk=ids.parse(Conversation.id_prefix, public_id)).first()
    except ids.UnknownId:
        last = None
    if last is None:
        return known
    return known.filter(Q(changed_at__lt=last.changed_at) | Q(changed_at=last.changed_at, id__lt=last.id))


def _listed(conversations: list[Conversation], request: MemberRequest) -> list[Listed]:
    """Two statements, however many there are."""
    if not conversations:
        return []
    those = [one.id for one in conversations]
    first = Message.objects.filter(conversation__in=those, note=False).order_by("conversation", "id")
    words = dict(first.distinct("conversation").values_list("conversation", "text"))
    looked = Participant.objects.filter(conversation__in=those, user=request.member.user_id)
    read = dict(looked.values_list("conversation", "read_up_to"))
    return [
        Listed(
            one,
            Truncator(" ".join(words.get(one.id, "").split())).chars(FIRST_WORDS) or _("A file"),
            one.member_id == request.member.id,
            one.newest > read.get(one.id, one.newest),
        )
        for one in conversations
    ]


def _nobody(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return redirect(to_login.address(request, request.path))
    user = request.user
    context: dict[str, Any] = {
        **hours.shown(),
        "email": current().seller.email,
        "login_query": urlencode({REDIRECT_FIELD_NAME: request.get_full_path()}),
        "operator": isinstance(user, User) and Operator.objects.filter(user=user, ended_at=None).exists(),
    }
    return render(request, "portal/chat/nobody.html", context)
