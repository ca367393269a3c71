"""The search of the help centre: a page, and as one types the part of it that changes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from palier.apps.help.opinions import most_helpful
from palier.apps.help.search import LONGEST_QUERY, search
from palier.interfaces.help.language import alternates, spoken


@require_safe
@spoken
def page(request: HttpRequest, language: str) -> HttpResponse:
    """What answers ``q``; where nothing does, what answered others, and the way to the team."""
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST_QUERY]
    answer = search(query, language)
    name = "help/search.html#found" if request.headers.get("HX-Request") == "true" else "help/search.html"
    response = render(
        request,
        name,
        {
            "language": language,
            "query": query,
            "answer": answer,
            "helpful": [] if answer.found else most_helpful(language),
            "alternates": alternates("help-search"),
        },
    )
    response.headers["Vary"] = "HX-Request, Cookie"
    return response
