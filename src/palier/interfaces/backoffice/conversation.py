"""One conversation: read, answer, note, give to a colleague, mark as solved; the account's billing beside it."""

import secrets
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from palier.apps.chat import actions
from palier.apps.chat.models import LONGEST_MESSAGE, Attachment, Conversation
from palier.flows.conversations import attachments, beside, converse, inbox_open, news
from palier.flows.conversations.inbox_open import Opened
from palier.interfaces.backoffice import account, found
from palier.interfaces.backoffice.access import OperatorRequest, operator_required
from palier.interfaces.backoffice.shown import shown
from palier.interfaces.backoffice.times import day_words, since_words
from palier.interfaces.ui import told
from palier.interfaces.ui.downloads import download
from palier.kit import clock
from palier.kit.refusals import Refusal

NOTHING_NEW: Final = 204
UNPROCESSABLE: Final = 422
LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the box, and for whom: "answer" or "note"."""

    text: str = ""
    kind: str = "answer"


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def page(request: OperatorRequest, conversation_id: str) -> HttpResponse:
    """The conversation; its forms are sent here too, each with its ``action``."""
    if request.method != "POST":
        return show(request, found.conversation_id(conversation_id))
    conversation = found.conversation(conversation_id)
    action = request.POST.get("action", "")
    if action in ("answer", "answer-solve", "note"):
        return _write(request, conversation, action)
    if action == "insert":
        return show(request, conversation.id, _with_canned(request))
    try:
        _carry_out(request, conversation, action)
    except Refusal as refusal:
        told.refused(request, refusal)
    return redirect(reverse("desk-conversation", args=[conversation.public_id]))


def _write(request: OperatorRequest, conversation: Conversation, action: str) -> HttpResponse:
    text, key, now = request.POST.get("text", ""), request.POST.get("key", ""), clock.now()
    seen = _identity(request.POST.get("seen", ""))
    try:
        if action == "note":
            converse.note(request.operator, conversation, text, key=key, now=now)
        else:
            files = attachments.read(request.FILES.getlist("files"))
            converse.answer(request.operator, conversation, text, files=files, key=key, seen=seen, now=now)
    except Refusal as refusal:
        return show(request, conversation.id, Typed(text, action), refusal=refusal)
    if action == "answer-solve":
        try:
            converse.solve(conversation, seen=seen, now=now)
        except Refusal as refusal:
            told.refused(request, refusal)
        else:
            return redirect("inbox")
    return redirect(reverse("desk-conversation", args=[conversation.public_id]))


def _carry_out(request: OperatorRequest, conversation: Conversation, action: str) -> None:
    now = clock.now()
    match action:
        case "solve":
            converse.solve(conversation, seen=_identity(request.POST.get("seen", "")), now=now)
            messages.success(request, _("Marked as solved. The customer is asked whether it was."))
        case "reopen":
            converse.reopen(conversation, now=now)
            messages.success(request, _("The conversation is open again."))
        case "assign":
            colleague = converse.assign(conversation, request.POST.get("to", "").replace("\0", "")[:30])
            who = colleague.user.name if colleague else ""
            text = _("%(name)s has this conversation now.") if who else _("Nobody has this conversation now.")
            messages.success(request, text % {"name": who})


def _with_canned(request: OperatorRequest) -> Typed:
    """The box with a canned answer after what stands in it: what the button does where no script does it."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    chosen = request.POST.get("canned", "")
    said = found.canned_answer(chosen).text if chosen else ""
    kind = "note" if request.POST.get("kind") == "note" else "answer"
    return Typed("\n\n".join(part for part in (text.rstrip(), said) if part), kind)


def show(
    request: OperatorRequest, conversation_id: int, typed: Typed | None = None, *, refusal: Refusal | None = None
) -> HttpResponse:
    """The whole page, with what was typed and what was refused."""
    now = clock.now()
    before = _identity(request.GET.get("before", "")) or 0
    opened = inbox_open.opened(conversation_id, before=before)
    if opened is None:
        raise Http404
    inbox_open.read(opened, request.operator, now=now)
    context = {
        "opened": opened,
        "conversation": opened.conversation,
        "said": shown(opened.messages, language=opened.conversation.language, now=now),
        "before": before,
        "side": account.side_of(beside.of(opened.conversation.account, now=now)),
        "state": state_of(opened),
        "since": since_words(opened.conversation.changed_at, now),
        "typed": typed or Typed(),
        "key": secrets.token_urlsafe(16),
        "longest": LONGEST_MESSAGE,
        "accept": ",".join(Attachment.TYPES),
        "error": refusal.text(get_language() or "en") if refusal else "",
        "error_field": (refusal.field or "page") if refusal else "",
        "language_name": dict(settings.LANGUAGES).get(opened.conversation.language, opened.conversation.language),
        "earliest": opened.messages[0].id if opened.earlier else 0,
        "last_day": day_words(opened.messages[-1].written_at, now) if opened.messages else "",
    }
    return render(request, "backoffice/conversation.html", context, status=UNPROCESSABLE if refusal else 200)


def state_of(opened: Opened) -> dict[str, object]:
    """What the poll brings anew: whose turn it is, and whether the customer has read the last answer."""
    last = next((each for each in reversed(opened.messages) if each.operator_id and not each.note), None)
    return {"read": last is not None and opened.read_up_to >= last.id, "typing": "", "newest": opened.newest}


@require_safe
@operator_required
def poll(request: OperatorRequest, conversation_id: str) -> HttpResponse:
    """What was said since (``after``), who is typing; nothing where all is as when ``mark`` was given.

    A tab that nobody sees asks with ``seen=0``, and later without a mark for what came meanwhile to be read.
    """
    now = clock.now()
    mark, seen = request.GET.get("mark", ""), request.GET.get("seen") != "0"
    identity = found.conversation_id(conversation_id)
    try:
        glance = news.anything_new(identity, request.operator.user_id, mark, looking=seen, now=now)
    except news.NotYours:
        raise Http404 from None
    if glance is None:
        return HttpResponse(status=NOTHING_NEW)
    conversation = found.conversation(conversation_id)
    after = _identity(request.GET.get("after", "")) or 0
    fresh = list(inbox_open.messages_of(conversation).filter(id__gt=after).order_by("id")[: inbox_open.MOST_MESSAGES])
    cut = len(fresh) == inbox_open.MOST_MESSAGES  # there may be more: the next question brings them
    newest = fresh[-1].id if cut else glance.newest
    if seen and (fresh or not mark):
        actions.read(conversation, request.operator.user, up_to=newest, now=now)
    context = {
        "conversation": conversation,
        "said": shown(fresh, language=conversation.language, after=request.GET.get("day", ""), now=now),
        "state": {
            "read": 0 < inbox_open.last_answer(conversation) <= glance.read_up_to,
            "typing": _typing(glance.typing),
            "newest": newest,
        },
        "last_day": day_words(fresh[-1].written_at, now) if fresh else request.GET.get("day", "")[:40],
    }
    response = render(request, "backoffice/_news.html", context)
    response["X-Mark"] = "" if cut else glance.mark
    return response


@require_POST
@operator_required
def typing(request: OperatorRequest, conversation_id: str) -> HttpResponse:
    """Somebody of the team is typing an answer; notes are typed unseen."""
    converse.typing(found.conversation(conversation_id), request.operator.user, now=clock.now())
    return HttpResponse(status=NOTHING_NEW)


@require_safe
@operator_required
def attachment(request: OperatorRequest, attachment_id: str) -> HttpResponse:
    """A file as it came, to be kept and not to be opened in the place of a page."""
    file = found.attachment(attachment_id)
    return download(file.content, file.content_type, file.name)


def _typing(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    return _("%(names)s is typing…") % {"names": ", ".join(names)}


def _identity(text: str) -> int | None:
    """An id of a message as the page carries it."""
    whole = text.isascii() and text.isdecimal() and len(text) <= 19
    return int(text) if whole and int(text) <= LARGEST_ID else None
