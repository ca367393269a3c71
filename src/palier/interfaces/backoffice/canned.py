"""Canned answers: the list by language, a new one, one anew, one less."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from palier.apps.chat import canned
from palier.apps.chat.models import LONGEST_MESSAGE, CannedAnswer
from palier.interfaces.backoffice import found
from palier.interfaces.backoffice.access import OperatorRequest, operator_required
from palier.interfaces.ui import told
from palier.kit import clock
from palier.kit.refusals import Refusal

UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    name: str
    language: str
    text: str


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def listing(request: OperatorRequest) -> HttpResponse:
    """All of them, by language and name; the form adds one."""
    if request.method != "POST":
        return _list(request, Typed("", get_language() or "en", ""))
    typed = _typed(request)
    try:
        canned.keep(None, name=typed.name, language=typed.language, text=typed.text, now=clock.now())
    except Refusal as refusal:
        return _list(request, typed, refusal)
    messages.success(request, _("The answer is saved."))
    told.hidden(request, typed.name, typed.text)
    return redirect("desk-answers")


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def page(request: OperatorRequest, answer_id: str) -> HttpResponse:
    """One of them, to be written anew or removed."""
    answer = found.canned_answer(answer_id)
    if request.method != "POST":
        return _one(request, answer, Typed(answer.name, answer.language, answer.text))
    if request.POST.get("action") == "remove":
        canned.remove(answer)
        messages.success(request, _("The answer is removed."))
        return redirect("desk-answers")
    typed = _typed(request)
    try:
        canned.keep(answer, name=typed.name, language=typed.language, text=typed.text, now=clock.now())
    except Refusal as refusal:
        return _one(request, answer, typed, refusal)
    messages.success(request, _("The answer is saved."))
    told.hidden(request, typed.name, typed.text)
    return redirect("desk-answers")


def _typed(request: OperatorRequest) -> Typed:
    return Typed(
        request.POST.get("name", "").replace("\0", ""),
        request.POST.get("language", "").replace("\0", "")[:5],
        request.POST.get("text", "").replace("\0", "").replace("\r\n", "\n"),
    )


def _list(request: OperatorRequest, typed: Typed, refusal: Refusal | None = None) -> HttpResponse:
    answers = list(CannedAnswer.objects.order_by("name", "id"))
    by_language = [
        (code, name, [answer for answer in answers if answer.language == code]) for code, name in settings.LANGUAGES
    ]
    context = {"by_language": by_language, **_form(typed, refusal)}
    return render(request, "backoffice/answers.html", context, status=UNPROCESSABLE if refusal else 200)


def _one(request: OperatorRequest, answer: CannedAnswer, typed: Typed, refusal: Refusal | None = None) -> HttpResponse:
    context = {"answer": answer, **_form(typed, refusal)}
    return render(request, "backoffice/answer.html", context, status=UNPROCESSABLE if refusal else 200)


def _form(typed: Typed, refusal: Refusal | None) -> dict[str, object]:
    return {
        "typed": typed,
        "longest": LONGEST_MESSAGE,
        "longest_name": canned.LONGEST_NAME,
        "error": refusal.text(get_language() or "en") if refusal else "",
        "error_field": refusal.field if refusal else "",
    }
