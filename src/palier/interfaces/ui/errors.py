"""Pages for what went wrong: not found, forbidden, malformed, broken, closed for the moment."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from palier.apps.gateways.contract import GatewayUnreachable

UNAVAILABLE = (OperationalError, InterfaceError, GatewayUnreachable)
RETRY_AFTER_SECONDS = "15"


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
    if isinstance(sys.exception(), UNAVAILABLE):
        return unavailable(request)
    return _page(request, "500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token, with the way back."""
    return _page(request, "403.html", 403)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database or the payment service does not answer; nothing was lost."""
    response = _page(request, "503.html", 503)
    response["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _page(request: HttpRequest, name: str, status: int) -> HttpResponse:
    response = HttpResponse(render_to_string(name, request=request), status=status)
    response["Cache-Control"] = "no-store"
    return response
