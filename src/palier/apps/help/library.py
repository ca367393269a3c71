"""The articles of the help centre: Markdown files, one for each language, with a few lines of TOML at their head.

    +++
    title = "Upgrade your account"
    summary = "From the free account to Team, Business or Enterprise, in five steps."
    collection = "upgrade"
    order = 10
    author = "The customer care team"
    screens = ["plans", "quote-create", "checkout"]
    answers = ["quote.", "order.terms_not_accepted"]
    keywords = "buy, subscribe, paid plan"
    +++
    Text, with live figures: {% price "team" "month" %}.

``screens`` are URL names that this article explains, ``answers`` codes of refusals and of declined payments, or what
they begin with; the longest wins. The text is a Django template that is rendered to Markdown, then to HTML; its tags
(``interfaces/help/templatetags/help.py``) ask the catalogue and the engine, so that no figure is written in an article.
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "articles"
COLLECTIONS: Final = ("upgrade", "seats", "money", "leaving", "operators")
"""In the order in which they are shown; their titles are in ``interfaces/help``."""

_FENCE: Final = "+++\n"


@dataclass(frozen=True, slots=True)
class Article:
    """One article in one language. ``body`` is the template, ``sha256`` that of the file."""

    slug: str
    language: str
    title: str
    summary: str
    collection: str
    order: int
    author: str
    screens: tuple[str, ...]
    answers: tuple[str, ...]
    keywords: str
    body: str
    sha256: str
    updated_on: date

    @property
    def path(self) -> str:
        """Its address below the host's, for letters and documents too."""
        return f"/help/{self.language}/{self.slug}/"


@cache
def articles(language: str) -> tuple[Article, ...]:
    """All of a language (``"en"`` or ``"fr"``), in the order of the help centre."""
    found = [_read(path, language) for path in sorted((FOLDER / language).glob("*.md"))]
    return tuple(sorted(found, key=lambda one: (COLLECTIONS.index(one.collection), one.order, one.slug)))


def article(slug: str, language: str) -> Article | None:
    """The article of this name, or None."""
    return next((one for one in articles(language) if one.slug == slug), None)


def for_screen(url_name: str, language: str) -> Article | None:
    """The article that explains a screen, by the name of its URL."""
    return next((one for one in articles(language) if url_name in one.screens), None)


def for_code(code: str, language: str) -> Article | None:
    """The article that explains a refusal or a declined payment: the one whose ``answers`` name it most exactly."""
    told = [
        (len(answer), one)
        for one in articles(language)
        for answer in one.answers
        if code == answer or (answer.endswith(".") and code.startswith(answer))
    ]
    return max(told, key=lambda pair: pair[0])[1] if told else None


def _read(path: Path, language: str) -> Article:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    _, head, body = content.decode().split(_FENCE, 2)
    told = tomllib.loads(head)
    return Article(
        slug=path.stem,
        language=language,
        title=told["title"],
        summary=told["summary"],
        collection=told["collection"],
        order=told["order"],
        author=told["author"],
        screens=tuple(told.get("screens", ())),
        answers=tuple(told.get("answers", ())),
        keywords=told.get("keywords", ""),
        body=body.strip(),
        sha256=sha256,
        updated_on=date.fromisoformat(_dates()[f"{language}/{path.name}"]["updated_on"]),
    )


@cache
def _dates() -> dict[str, dict[str, str]]:
    """When each file was last changed, as ``make articles`` keeps it: ``{path: {updated_on, sha256}}``."""
    told: dict[str, dict[str, str]] = json.loads((FOLDER / "dates.json").read_text(encoding="utf-8"))
    return told
