"""An article as its reader sees it, with today's prices, names and limits: what the pages of the help centre show.

``rendered(article, currency=currency_of(account))`` gives safe HTML without an ``h1``, and the headings for a table of
contents. The tags are explained in ``templatetags/help.py``. It costs one statement, which asks for the newest
catalogue, and none inside a request, where the catalogue is remembered.

Where an operator's catalogue lacks what an article names (a plan, an add-on, a limit, a price in the reader's
currency), the sentence that names it is left out with what then stands alone (``markdown``), and ``Rendered.lacking``
says what; so a reader sees a shorter article, never an error. ``gaps`` tells the operator.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.template import Context, Engine, Template
from django.utils import translation
from django.utils.safestring import SafeString

from palier.apps.accounts.models import Account
from palier.apps.catalogue import Catalogue, current
from palier.apps.catalogue.versions import CatalogueUnreadable, NoCatalogue
from palier.apps.help import library
from palier.apps.help.library import Article
from palier.interfaces.help.markdown import Heading, html_of
from palier.interfaces.help.policies import Rules
from palier.interfaces.help.reading import Reading

__all__ = ["Gap", "Heading", "Rendered", "currency_of", "gaps", "rendered"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """An article for one reader. ``lacking`` names what the catalogue has not: "plan business", "catalogue"."""

    html: SafeString
    headings: tuple[Heading, ...]
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """An article that names something that a catalogue lacks, and is therefore shown without it."""

    slug: str
    language: str
    lacking: tuple[str, ...]


def rendered(article: Article, *, currency: str = "") -> Rendered:
    """The article with the published catalogue; ``currency`` "" is the catalogue's first."""
    return with_catalogue(article, _published(), currency=currency)


def with_catalogue(article: Article, catalogue: Catalogue | None, *, currency: str = "") -> Rendered:
    """The article with any catalogue, or without one, as before the first is published."""
    first = catalogue.default_currency if catalogue else ""
    reading = Reading(article.language, catalogue, currency or first)
    context = {"reading": reading, "policy": Rules(catalogue, article.language) if catalogue else {}}
    with translation.override(article.language):
        text = _template(article.body).render(Context(context))
        html, headings = html_of(text, reading.pieces)
    return Rendered(html, headings, tuple(dict.fromkeys(reading.lacking)))


def currency_of(account: Account | None) -> str:
    """The currency that a reader thinks in: their account's, or that of its country; else the catalogue's first."""
    catalogue = _published()
    if catalogue is None:
        return account.currency if account else ""
    if account is None:
        return catalogue.default_currency
    return account.currency or catalogue.currency_for(account.country)


def gaps(catalogue: Catalogue) -> Iterator[Gap]:
    """The articles that a catalogue cannot fill, in every currency that it sells in."""
    for language in ("en", "fr"):
        for article in library.articles(language):
            lacking: dict[str, None] = {}
            for currency in catalogue.currencies:
                lacking |= dict.fromkeys(with_catalogue(article, catalogue, currency=currency).lacking)
            if lacking:
                yield Gap(article.slug, language, tuple(lacking))


def _published() -> Catalogue | None:
    try:
        return current()
    except (NoCatalogue, CatalogueUnreadable):
        return None


@cache
def _engine() -> Engine:
    # Only our tags and Django's own: an article loads nothing and reads no other file.
    return Engine(builtins=["palier.interfaces.help.templatetags.help"], autoescape=True)


@cache
def _template(body: str) -> Template:
    return _engine().from_string(body)
