"""Where somebody else's chat is shown, and where ours answers no more."""

from collections.abc import Callable
from typing import Any, Final, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from palier.interfaces.ui.chat.contract import Provider, widened

OURS: Final = "chat/"
"""All addresses of the built-in chat begin so."""


class ChatMiddleware:
    """Opens the policy of exactly the pages that show a provider's chat; keeps the built-in one shut meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        shown: Provider | None = getattr(request, "chat_shown", None)
        if shown is not None:
            policy = widened(cast(dict[str, list[str]], settings.SECURE_CSP), shown.additions)
            response._csp_config = policy  # type: ignore[attr-defined]  # Django's own name: csp_override sets it
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """:raises Http404: for an address of the built-in chat while it is off."""
        found = request.resolver_match
        if settings.PALIER_CHAT == "builtin" or found is None or not found.route.startswith(OURS):
            return None
        if settings.CHAT_PROVIDER is None or found.url_name != "chat":
            raise Http404("The built-in chat is off.")
        return elsewhere(request)


@require_safe
def elsewhere(request: HttpRequest) -> HttpResponse:
    """The page that holds the provider's conversation, for every screen that must not."""
    return render(request, "ui/chat_elsewhere.html", {"provider": settings.CHAT_PROVIDER})
