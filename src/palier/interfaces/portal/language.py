"""The language switch: a cookie for the browser, and for who is logged in the language of their letters too."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from palier.apps.accounts import actions
from palier.apps.accounts.models import User


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Speak the chosen language from here on, on the same page."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return redirect("home")
    if isinstance(request.user, User):
        actions.speak(request.user, chosen)
    response: HttpResponse = set_language(request)
    if "Location" in response.headers:
        response.headers["Location"] = said_in(chosen, response.headers["Location"])
    return response


def said_in(language: str, address: str) -> str:
    """The same page where its address carries the language; any other address as it is."""
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Resolver404:
        return address
    if "language" not in match.kwargs:
        return address
    return urlunsplit(parts._replace(path=reverse(match.view_name, kwargs=match.kwargs | {"language": language})))
