"""Small writes of the help centre: readers' opinions, and the rows that the search reads.

``suggest`` stands here for the chat.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q

from palier.apps.accounts.models import Account
from palier.apps.help import library
from palier.apps.help.library import Article
from palier.apps.help.models import ArticleText, ArticleWord, Opinion
from palier.apps.help.search import CONFIGURATIONS, Found, suggest
from palier.apps.help.texts import Text, text_of, vocabulary
from palier.kit import card_numbers
from palier.kit.refusals import Refusal

__all__ = ["Found", "index", "opine", "suggest"]

LONGEST_WORD: Final = 500
MOST_A_DAY: Final = 60
"""Opinions from one place: more than there are articles, fewer than a machine would give."""
WHERE: Final = 32
"""So many first letters of a visitor's name say where they came from."""

_TEXT: Final = """
INSERT INTO help_articletext (slug, language, title, summary, text, sha256, words)
VALUES (%(slug)s, %(language)s, %(title)s, %(summary)s, %(text)s, %(sha256)s,
        setweight(to_tsvector(%(how)s::regconfig, %(title)s), 'A')
        || setweight(to_tsvector(%(how)s::regconfig, %(summary)s || ' ' || %(keywords)s), 'B')
        || setweight(to_tsvector(%(how)s::regconfig, %(headings)s), 'C')
        || setweight(to_tsvector(%(how)s::regconfig, %(text)s), 'D'))
ON CONFLICT (slug, language) DO UPDATE
   SET title = excluded.title, summary = excluded.summary, text = excluded.text, sha256 = excluded.sha256,
       words = excluded.words
"""
_WORDS: Final = """
INSERT INTO help_articleword (language, plain, word, times)
SELECT %(language)s, plain, word, times
  FROM unnest(%(plain)s::text[], %(word)s::text[], %(times)s::int[]) AS given (plain, word, times)
 WHERE to_tsvector(%(how)s::regconfig, plain) <> ''
"""


class NeitherYesNorNo(Refusal):
    code = "opinion.neither"
    en = "Please choose Yes or No. Nothing was noted yet."
    fr = "Choisissez Oui ou Non. Rien n’a encore été noté."


class OpinionTooLong(Refusal):
    code = "opinion.too_long"
    en = "Your words are longer than {most} characters. They were not kept; please shorten them, or write to the team."
    fr = "Votre texte dépasse {most} caractères. Il n’a pas été gardé\u202f; raccourcissez-le ou écrivez à l’équipe."
    field = "word"


class TooManyOpinions(Refusal):
    code = "opinion.too_many"
    en = "Many answers came from where you are today, so this one was not counted. Please write to the team instead."
    fr = (
        "Beaucoup de réponses sont venues d’où vous êtes aujourd’hui\u202f; celle-ci n’a pas été comptée. "
        "Écrivez plutôt à l’équipe."
    )


def opine(
    article: Article, *, answered: bool | None, word: str, visitor: str, account: Account | None, now: datetime
) -> Opinion:
    """A reader says whether an article answered their question; saying it again the same day replaces it.

    ``visitor`` names them for that day; its first ``WHERE`` letters are those of everybody from the same place.
    """
    if answered is None:
        raise NeitherYesNorNo
    if len(word) > LONGEST_WORD:
        raise OpinionTooLong(most=LONGEST_WORD)
    opinion = Opinion(
        slug=article.slug,
        language=article.language,
        sha256=article.sha256,
        answered=answered,
        word=card_numbers.mask(word)[0],
        account=account,
        visitor=visitor,
        given_at=now,
    )
    others = Opinion.objects.filter(visitor__startswith=visitor[:WHERE])
    if others.exclude(slug=article.slug, language=article.language, visitor=visitor).count() >= MOST_A_DAY:
        raise TooManyOpinions
    said = ["sha256", "answered", "given_at", *(["word"] if word else [])]
    Opinion.objects.bulk_create(
        [opinion], update_conflicts=True, unique_fields=["slug", "language", "visitor"], update_fields=said
    )
    return opinion


def index() -> int:
    """Bring the search in line with the articles; returns how many had changed, come or gone. Repeatable."""
    texts = [text_of(article) for language in CONFIGURATIONS for article in library.articles(language)]
    with transaction.atomic():
        known = {(row.slug, row.language): row.sha256 for row in ArticleText.objects.defer("text", "words")}
        changed = [text for text in texts if known.pop((text.slug, text.language), "") != text.sha256]
        for text in changed:
            _keep(text)
        for slug, language in known:
            ArticleText.objects.filter(slug=slug, language=language).delete()
        for language in {text.language for text in changed} | {language for _, language in known}:
            _learn(language, [text for text in texts if text.language == language])
    return len(changed) + len(known)


def _keep(text: Text) -> None:
    values = {name: getattr(text, name) for name in Text.__slots__}
    with connection.cursor() as cursor:
        cursor.execute(_TEXT, values | {"how": CONFIGURATIONS[text.language]})


def _learn(language: str, texts: Sequence[Text]) -> None:
    """The words of a language that the articles use, but for those that every text has."""
    words = vocabulary(texts)
    ArticleWord.objects.filter(Q(language=language)).delete()
    values: dict[str, Any] = {
        "language": language,
        "how": CONFIGURATIONS[language],
        "plain": list(words),
        "word": [word for word, _ in words.values()],
        "times": [times for _, times in words.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, values)
