"""Articles written for a test, and the repository's catalogue with something changed."""

import re
from datetime import date
from html import unescape

from palier.apps.catalogue import Catalogue, parse
from palier.apps.help.library import Article
from tests.catalogue import toml


def written(body: str, language: str = "en") -> Article:
    """An article that says this."""
    return Article(
        slug="one",
        language=language,
        title="One",
        summary="",
        collection="upgrade",
        order=1,
        author="",
        screens=(),
        answers=(),
        keywords="",
        body=body,
        sha256="0" * 64,
        updated_on=date(2026, 11, 25),
    )


def catalogue(*edits: tuple[str, str]) -> Catalogue:
    """The repository's catalogue; each edit takes the place of all that it names."""
    text = toml.TEXT
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return parse.toml(text, folder=toml.ROOT).catalogue


def said(html: str) -> str:
    """All words of some HTML in one line with ordinary spaces, blocks apart from each other."""
    sums = html.replace('<span class="cents">', "").replace("</span>", "")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", sums)).split())
