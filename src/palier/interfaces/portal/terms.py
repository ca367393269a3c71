"""The terms of service, every published version on its own page."""

import re
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from palier.apps import catalogue
from palier.apps.catalogue import Terms
from palier.apps.catalogue.models import CatalogueVersion

BOLD = re.compile(r"\*\*(.+?)\*\*")
ITALIC = re.compile(r"(?<!\*)\*([^*]+?)\*(?!\*)")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the text: ``kind`` is "h2", "h3", "p" or "li"."""

    kind: str
    html: SafeString


@require_safe
def page(request: HttpRequest, version: str) -> HttpResponse:
    """One version in the reader's language, with the hash that an order keeps as evidence."""
    terms = published(version)
    if terms is None:
        raise Http404
    language = translation.get_language() or "en"
    context = {
        "terms": terms,
        "title": terms.title(language),
        "blocks": blocks_of(terms.text(language)),
        "sha256": terms.sha256(language),
        "is_current": catalogue.current().terms.version == version,
    }
    return render(request, "portal/terms.html", context)


def published(version: str) -> Terms | None:
    """The terms of that version, from the newest catalogue that carried them."""
    if not version.isprintable():  # PostgreSQL takes no text with a NUL, and no version holds control characters
        return None
    carried = CatalogueVersion.objects.filter(content__terms__version=version).order_by("-number")
    number = carried.values_list("number", flat=True).first()
    return None if number is None else catalogue.at(number).terms


def blocks_of(text: str) -> list[Block]:
    """The part of Markdown that terms are written in: headings, paragraphs, lists, bold, italic; all else is text."""
    blocks = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        if all(line.startswith("- ") for line in lines):
            blocks += [Block("li", _inline(line[2:])) for line in lines]
        elif paragraph.startswith("#"):
            level = len(lines[0]) - len(lines[0].lstrip("#"))
            blocks.append(Block("h1" if level == 1 else "h2" if level == 2 else "h3", _inline(lines[0].lstrip("# "))))
        else:
            blocks.append(Block("p", _inline(" ".join(lines))))
    return blocks


def _inline(text: str) -> SafeString:
    escaped = str(conditional_escape(text))
    return mark_safe(ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", escaped)))  # noqa: S308 (escaped above)
