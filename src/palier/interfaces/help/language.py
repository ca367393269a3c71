"""The language of a help page is that of its address, for all that stands on it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def spoken[**P](view: View[P]) -> View[P]:
    """Speak the ``language`` of the address, whatever the reader's own; an error page does so too."""

    @wraps(view)
    def speaking(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        language = str(kwargs["language"])
        # Not undone afterwards: the page of a failure is made outside, and the next request sets its own.
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = view(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        return response

    return speaking


def alternates(name: str, **arguments: str) -> list[tuple[str, str]]:
    """The same page in each language, as search engines want to know it: ``(language, whole address)``."""
    return [
        (code, f"{settings.BASE_URL}{reverse(name, kwargs={'language': code, **arguments})}")
        for code, _ in settings.LANGUAGES
    ]
