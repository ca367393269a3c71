"""Pages for what went wrong: not found, forbidden, malformed, broken, closed for the moment."""

import errno
import sys
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from palier.apps.gateways.contract import GatewayUnreachable
from palier.kit import database

RETRY_AFTER_SECONDS = "15"

EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT)
"""No file descriptor, no memory, no room in the folder for temporary files."""

BARE: Final = (
    "We will be back in a moment. No payment is made twice; reload this page in a minute.\n"
    "Nous revenons dans un instant. Aucun paiement n’est effectué deux fois\u202f; rechargez cette page dans une "
    "minute.\n"
)
"""What is said where there is not even a page left."""


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the database, the payment service or this machine cannot serve just now."""
    return error is not None and (
        isinstance(error, GatewayUnreachable | MemoryError)
        or (isinstance(error, OSError) and error.errno in EXHAUSTED)
        or database.is_away(error)
    )


def prepare() -> None:
    """Draw the pages for what goes wrong once in each language: whoever has no file left cannot open theirs."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for name in ("500.html", "503.html"):
                render_to_string(name)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: also for what belongs to another account."""
    return _page(request, "404.html", 404)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: also for a form that came without its token."""
    return _page(request, "403.html", 403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, "400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database or the payment service does not answer."""
    if is_unavailable(sys.exception()):
        return unavailable(request)
    return _page(request, "500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token, with the way back."""
    return _page(request, "403.html", 403)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database or the payment service does not answer, or this process is at an end; nothing was lost."""
    try:
        response = _page(request, "503.html", 503)
    except (OSError, MemoryError):
        response = HttpResponse(BARE, status=503, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _page(request: HttpRequest, name: str, status: int) -> HttpResponse:
    response = HttpResponse(render_to_string(name, request=request), status=status)
    response["Cache-Control"] = "no-store"
    return response
