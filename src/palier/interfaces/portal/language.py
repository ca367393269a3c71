"""The language switch: a cookie for the browser, and for who is logged in the language of their letters too."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
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
    return response
