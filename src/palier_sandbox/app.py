"""All routes together, and what is true of every request: a service that is down, and an answer for every mistake."""

import logging
from collections.abc import Callable
from typing import Final

from palier_sandbox.account import AccountPage
from palier_sandbox.api import Api
from palier_sandbox.bank import Bank
from palier_sandbox.charges import Refused
from palier_sandbox.fields import Fields
from palier_sandbox.pages import Html, page, static
from palier_sandbox.service import Service
from palier_sandbox.web import Request, Response, Route, dispatch, json_response, refusal
from palier_sandbox.words import language_of, preferred_language, words

NEVER_DOWN: Final = ("/v1/faults", "/v1/book", "/v1/clock", "/static/", "/account/")
"""What tests and people need while the service plays dead."""

logger = logging.getLogger(__name__)


def answering(service: Service) -> Callable[[Request], Response]:
    """The function that answers every request of this service."""
    routes = [
        *Api(service).routes(),
        *Fields(service).routes(),
        *Bank(service).routes(),
        *AccountPage(service).routes(),
        Route.of("GET /healthz", _health),
        Route.of("GET /static/{name}", _static),
    ]

    def answer(request: Request) -> Response:
        try:
            if request.path != "/" and not request.path.startswith(NEVER_DOWN) and service.faults.take("down"):
                return _down(request)
            return dispatch(routes, request)
        except Refused as error:
            return refusal(error)
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            return refusal(Refused(500, "internal", "something went wrong"))

    return answer


def _health(request: Request) -> Response:
    return json_response({"state": "ready"})


def _static(request: Request, name: str) -> Response:
    return static(name) or refusal(Refused(404, "not_found", "there is no such file"))


def _down(request: Request) -> Response:
    if request.path.startswith("/v1/") or request.path == "/healthz":
        return refusal(Refused(503, "unavailable", "the service is not available"))
    language = language_of(
        request.query.get("locale", "") or preferred_language(request.headers.get("accept-language", ""))
    )
    sentences = words(language)
    return page(
        "notice",
        status=503,
        frame="*",
        language=language,
        title=sentences["unavailable"],
        sentence=sentences["unavailable_why"],
        after=Html(""),
    )
