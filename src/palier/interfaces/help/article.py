"""One article: its text with live figures, its parts, its neighbours, and where to go from here."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from palier.apps.help import library, opinions
from palier.apps.help.library import Article
from palier.interfaces.help import titles
from palier.interfaces.help.language import alternates, spoken
from palier.interfaces.help.rendering import currency_of, rendered
from palier.interfaces.help.visitors import visitor_of
from palier.interfaces.ui.context import member_of
from palier.kit import clock
from palier.kit.refusals import Refusal

_REFUSED = 422


@require_safe
@spoken
def page(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Read an article."""
    return shown(request, found(slug, language))


def shown(request: HttpRequest, article: Article, *, refusal: Refusal | None = None) -> HttpResponse:
    """The article, or for a part of the page what the reader said about it."""
    context = {
        "language": article.language,
        "article": article,
        "opinion": opinions.of_visitor(article, visitor_of(request, now=clock.now())),
        "refusal": refusal.text(article.language) if refusal else "",
        "word": request.POST.get("word", ""),
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "help/article.html#opinion", context | {"replaced": True})
    before, after = neighbours(article)
    reader = member_of(request)
    text = rendered(article, currency=currency_of(reader.account if reader else None))
    context |= {
        "collection": titles.BY_KEY[article.collection],
        "html": text.html,
        "headings": text.headings,
        "before": before,
        "after": after,
        "screens": titles.screens(article.screens, reader),
        "alternates": alternates("help-article", slug=article.slug),
    }
    return render(request, "help/article.html", context, status=_REFUSED if refusal else None)


def found(slug: str, language: str) -> Article:
    """The article of that name, or no such page."""
    article = library.article(slug, language)
    if article is None:
        raise Http404
    return article


def neighbours(article: Article) -> tuple[Article | None, Article | None]:
    """The articles before and after, in the order of the help centre."""
    shelf = library.articles(article.language)
    place = shelf.index(article)
    return (shelf[place - 1] if place else None, shelf[place + 1] if place + 1 < len(shelf) else None)
