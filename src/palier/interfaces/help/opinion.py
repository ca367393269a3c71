"""*Did this answer your question?*: counted once a day for each reader."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from palier.apps.help import actions
from palier.interfaces.help import article
from palier.interfaces.help.language import spoken
from palier.interfaces.help.visitors import visitor_of
from palier.interfaces.ui.context import member_of
from palier.kit import clock
from palier.kit.refusals import Refusal

_ANSWERS: Final = {"yes": True, "no": False}


@require_POST
@spoken
def give(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Note a Yes or a No, or the word that follows it."""
    read = article.found(slug, language)
    now, member = clock.now(), member_of(request)
    try:
        actions.opine(
            read,
            answered=_ANSWERS.get(request.POST.get("answered", "")),
            word=" ".join(request.POST.get("word", "").replace("\0", "").split()),
            visitor=visitor_of(request, now=now),
            account=member.account if member else None,
            now=now,
        )
    except Refusal as refusal:
        return article.shown(request, read, refusal=refusal)
    if request.headers.get("HX-Request") == "true":
        return article.shown(request, read)
    return redirect(f"{reverse('help-article', args=[language, slug])}#opinion")
