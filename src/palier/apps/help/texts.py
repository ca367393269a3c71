"""What the search knows of an article: its words, without Markdown and without any figure that may change."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils import translation

from palier.apps.help import library
from palier.apps.help.library import Article

SHORTEST_WORD: Final = 2
LONGEST_WORD: Final = 40
FIGURE: Final = "…"
"""Stands where an article shows a price, a limit or a date: the page has the figure of the day."""

_TAG: Final = re.compile(r"{%\s*(\w+)(.*?)%}", re.DOTALL)
_QUOTED: Final = re.compile(r'"([^"]*)"')
_OTHERWISE: Final = re.compile(r"{%\s*else\s*%}.*?(?={%\s*end)", re.DOTALL)
_HEADING: Final = re.compile(r"^#+\s+(.+)$", re.MULTILINE)
_TABLE_LINE: Final = re.compile(r"^[|:\-\s]+$", re.MULTILINE)
_CELL: Final = re.compile(r"(?<=\S) *\| *(?=\S)")
_MARKS: Final = re.compile(r"^\s*(?:#+|>|[-*+]|\d+\.)\s+|[*_`|]+|\]\([^)]*\)|!?\[", re.MULTILINE)
_WORD: Final = re.compile(r"[^\W_]+")
_SPELLED: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l"})

_LABELS: Final = frozenset({"control", "path"})
_SILENT: Final = frozenset({"if", "else", "endif", "comment", "endcomment", "example", "limits_table", "shot"})


@dataclass(frozen=True, slots=True)
class Text:
    """An article in one language as the search keeps it; ``sha256`` is that of all the rest."""

    slug: str
    language: str
    title: str
    summary: str
    keywords: str
    headings: str
    text: str
    sha256: str


def text_of(article: Article) -> Text:
    """The words of an article, those of its labels in its language."""
    with translation.override(article.language):
        words = _TAG.sub(_said, _OTHERWISE.sub("", article.body))
    headings = " ".join(_HEADING.findall(words))
    text = re.sub(r"\s*\n\s*", " \n", _MARKS.sub("", _CELL.sub(" · ", _TABLE_LINE.sub("", words)))).strip()
    kept = (article.title, article.summary, article.keywords, headings, text)
    sha256 = hashlib.sha256("\x1f".join(kept).encode()).hexdigest()
    return Text(article.slug, article.language, *kept, sha256)


def _said(tag: re.Match[str]) -> str:
    """A tag in words: a label as the screen says it, a plan by its first name; a figure is left open."""
    name, told = tag[1], _QUOTED.findall(tag[2])
    if name in _LABELS:
        return " › ".join(translation.gettext(label) for label in told)
    if name == "article" and told:
        named = library.article(told[0], translation.get_language() or "en")
        return named.title if named else ""
    if name == "screen":
        return str(told[-1]) if told else ""
    if name == "plan" and told:
        return str(told[0]).title()
    if name in _SILENT or name.startswith(("if_", "end_")):
        return ""
    return FIGURE


def plain(word: str) -> str:
    """Without case and accents: ``Résilier`` is ``resilier``."""
    apart = unicodedata.normalize("NFKD", word.lower().translate(_SPELLED))
    # One letter may come apart into eighteen, and half a thousand of them is no word.
    return "".join(letter for letter in apart if not unicodedata.combining(letter))[:LONGEST_WORD]


def words_in(text: str) -> list[str]:
    """The words of a text as they are written, long enough to be looked for."""
    whole = unicodedata.normalize("NFC", text)  # a letter and its accent apart, as some systems paste them, are one
    return [word[:LONGEST_WORD] for word in _WORD.findall(whole) if len(word) >= SHORTEST_WORD]


def vocabulary(texts: Iterable[Text]) -> dict[str, tuple[str, int]]:
    """Every word of some texts without accents, with its usual spelling and how often it is there."""
    spelled: dict[str, Counter[str]] = {}
    for each in texts:
        for word in words_in(f"{each.title} {each.summary} {each.keywords} {each.text}".lower()):
            spelled.setdefault(plain(word), Counter())[word] += 1
    return {bare: (found.most_common(1)[0][0], found.total()) for bare, found in spelled.items()}
