"""The help centre's front page: every article, by collection."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from palier.apps.help import library
from palier.interfaces.help import titles
from palier.interfaces.help.language import alternates, spoken


@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """To the front page in the reader's language."""
    response = redirect("help-centre", language=get_language() or "en")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
@spoken
def page(request: HttpRequest, language: str) -> HttpResponse:
    """Every article, by collection."""
    articles = library.articles(language)
    shelves = [
        (collection, [one for one in articles if one.collection == collection.key]) for collection in titles.IN_ORDER
    ]
    return render(
        request,
        "help/centre.html",
        {
            "language": language,
            "shelves": [(collection, found) for collection, found in shelves if found],
            "alternates": alternates("help-centre"),
        },
    )
