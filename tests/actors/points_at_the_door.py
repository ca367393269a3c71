"""The points at the program's two doors: what is said to a mail server, and the pages that it answers with."""

import re
import smtplib
from collections.abc import Callable
from typing import Any, Final

from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase

Point = Callable[[str], None]
"""Told each point as it is passed."""

_ID: Final = re.compile(r"/[a-z]+_[a-z0-9]+/")

_LINE: Final = 200
"""The bytes that a line of the mail protocol stays below, and a letter does not."""


def watch_letters(point: Point) -> None:
    """Make points of each word to a mail server and of each of its answers."""
    send, hear = smtplib.SMTP.send, smtplib.SMTP.getreply

    def watched_send(server: smtplib.SMTP, content: Any) -> None:
        said = content if isinstance(content, str) else bytes(content).decode("ascii", "replace")
        name = "the letter" if len(said) > _LINE else said.split()[0]
        point(f"before SMTP: {name}")
        send(server, content)
        point(f"after SMTP: {name}")

    def watched_hear(server: smtplib.SMTP) -> tuple[int, bytes]:
        point("before SMTP: an answer")
        answer = hear(server)
        point("after SMTP: an answer")
        return answer

    setattr(smtplib.SMTP, "send", watched_send)  # noqa: B010
    setattr(smtplib.SMTP, "getreply", watched_hear)  # noqa: B010


def watch_pages(point: Point) -> None:
    """Make points of the moments before a request is read and after its answer is ready."""
    respond = BaseHandler.get_response

    def watched_response(handler: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        name = f"page {request.method} {_ID.sub('/…/', request.path)}"
        point(f"before {name}")
        response = respond(handler, request)
        point(f"after {name}")
        return response

    setattr(BaseHandler, "get_response", watched_response)  # noqa: B010
