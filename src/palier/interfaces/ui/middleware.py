"""A refusal that no view turned into a field message becomes a page; a service that does not answer, a 503."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from palier.apps.catalogue.versions import remembered
from palier.interfaces.ui.errors import is_unavailable, unavailable
from palier.kit.refusals import Refusal

REFUSED = 409


class CatalogueMiddleware:
    """One catalogue for the whole of a request, asked for once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with remembered():
            return self.get_response(request)


class RefusalMiddleware:
    """Never a 500 for an expected "no"."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            text = exception.text(get_language() or "en")
            return render(request, "ui/refusal.html", {"text": text, "code": exception.code}, status=REFUSED)
        if is_unavailable(exception):
            return unavailable(request)
        return None
