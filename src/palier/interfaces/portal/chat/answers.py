"""Answers of the chat: a whole page, or for the script of an open panel the part of it that changes.

The script asks with ``X-Chat: panel`` and is told by the same header what it got: a ``view``, ``news`` of the
conversation, or ``errors``. An answer without it is a page that the script has no use for, such as the log-in.
"""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

HEADER: Final = "X-Chat"


def in_panel(request: HttpRequest) -> bool:
    """Whether the script asks."""
    return request.headers.get(HEADER) == "panel"


def part(request: HttpRequest, kind: str, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A part of a page for the script."""
    response = render(request, f"portal/chat/_{template}.html", context, status=status)
    response.headers[HEADER] = kind
    return response


def view(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A view of the chat: in the panel, or as a page."""
    if in_panel(request):
        response = part(request, "view", template, {**context, "panel": True}, status=status)
    else:
        response = render(request, f"portal/chat/{template}.html", context, status=status)
    response.headers["Vary"] = f"{HEADER}, Cookie, Accept-Language"
    return response
