"""Finding articles by what people type: without accents, half a word, or with a slip of the finger.

Each word that is asked for is first heard: as it is where the articles know it (by its stem), else as the words that
begin with it, else as the nearest word by its letters. One statement does all that and ranks the articles: those with
every word first, the title counting more than the summary and the keywords, these more than headings, these more than
the rest.
"""

import json
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from palier.apps.help.texts import plain, words_in

LONGEST_QUERY: Final = 200
MOST_WORDS: Final = 24
MOST_FOUND: Final = 12
CONFIGURATIONS: Final = {"en": "palier_en", "fr": "palier_fr"}
"""By language; each forgives accents and knows the stems of words (migration 0001)."""

_OPEN, _CLOSE = "\x02", "\x03"
_EXTRACT: Final = (
    f'StartSel="{_OPEN}", StopSel="{_CLOSE}", MaxFragments=2, MinWords=8, MaxWords=22, FragmentDelimiter=" … "'
)
_WHOLE: Final = f'StartSel="{_OPEN}", StopSel="{_CLOSE}", HighlightAll=true'
_NOTHING: Final = SafeString()
_WORTH_A_SUGGESTION: Final = 0.02
"""More than one word somewhere in a text."""

_FOUND: Final = """
WITH asked AS (
    SELECT word, place, plainto_tsquery(%(how)s::regconfig, word) AS stem
      FROM unnest(%(words)s::text[]) WITH ORDINALITY AS given (word, place)
), kept AS (
    SELECT asked.*, EXISTS (
               SELECT FROM help_articletext t WHERE t.language = %(language)s AND t.words @@ asked.stem
           ) AS known
      FROM asked WHERE numnode(stem) > 0
), begun AS (
    SELECT kept.place, kept.word, longer.word AS said
      FROM kept CROSS JOIN LATERAL (
               SELECT v.word FROM help_articleword v
                WHERE v.language = %(language)s AND v.plain LIKE kept.word || '%%'
                ORDER BY v.times DESC LIMIT 12
           ) AS longer
     WHERE NOT kept.known OR kept.place = (SELECT max(place) FROM asked)
), corrected AS (
    SELECT kept.place, kept.word, near.word AS said
      FROM kept CROSS JOIN LATERAL (
               SELECT v.word FROM help_articleword v
                WHERE v.language = %(language)s
                  AND levenshtein_less_equal(v.plain, kept.word, %(slips)s)
                      <= least(%(slips)s, CASE WHEN length(kept.word) < 4 THEN 0 WHEN length(kept.word) = 4 THEN 1
                                               ELSE 2 END)
                ORDER BY levenshtein(v.plain, kept.word) - (  -- two letters that changed places are one slip
                             ARRAY(SELECT unnest(string_to_array(v.plain, NULL)) ORDER BY 1)
                             = ARRAY(SELECT unnest(string_to_array(kept.word, NULL)) ORDER BY 1)
                         )::int,
                         similarity(v.plain, kept.word) DESC, v.times DESC
                LIMIT 1
           ) AS near
     WHERE NOT kept.known AND kept.place NOT IN (SELECT place FROM begun)
), heard AS (
    SELECT place, word AS said FROM kept WHERE known
     UNION SELECT place, said FROM begun
     UNION SELECT place, said FROM corrected
), stems AS (
    SELECT place, string_agg(DISTINCT plainto_tsquery(%(how)s::regconfig, said)::text, ' | ') AS either
      FROM heard WHERE numnode(plainto_tsquery(%(how)s::regconfig, said)) > 0 GROUP BY place
), query AS (
    SELECT string_agg('(' || either || ')', ' & ')::tsquery AS every,
           string_agg('(' || either || ')', ' | ')::tsquery AS partly
      FROM stems
), ranked AS (
    SELECT t.*, query.partly, %(every)s AND t.words @@ query.every AS complete,
           ts_rank(t.words, query.partly, 1) * (SELECT count(*) FROM stems) AS rank
      FROM help_articletext t CROSS JOIN query
     WHERE t.language = %(language)s AND t.words @@ query.partly
     ORDER BY complete DESC, rank DESC, t.slug LIMIT %(most)s
)
SELECT slug, title, summary, rank, complete,
       ts_headline(%(how)s::regconfig, title, partly, %(whole)s),
       ts_headline(%(how)s::regconfig, text, partly, %(extract)s),
       (SELECT jsonb_object_agg(word, said) FROM corrected)
  FROM ranked ORDER BY complete DESC, rank DESC, slug
"""


@dataclass(frozen=True, slots=True)
class Found:
    """An article that answers; ``marked_title`` and ``extract`` are safe HTML in which what was asked is marked."""

    slug: str
    title: str
    summary: str
    marked_title: SafeString = _NOTHING
    extract: SafeString = _NOTHING


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, the best first, and, where a word was heard as another one, the query in those words."""

    found: tuple[Found, ...]
    meant: str = ""


def search(query: str, language: str) -> Answer:
    """The articles that have all that is asked for, or else some of it. One statement."""
    query = unicodedata.normalize("NFC", query[:LONGEST_QUERY])
    written = words_in(query)
    rows = _rows(written, language, most=MOST_FOUND, slips=2, every=True)
    complete = [row for row in rows if row.complete]
    return Answer(
        tuple(
            Found(row.slug, row.title, row.summary, _marked(row.title_marked), row.shown) for row in complete or rows
        ),
        _meant(query, written, json.loads((rows and rows[0].corrected) or "{}")),
    )


def suggest(text: str, language: str, limit: int = 3) -> list[Found]:
    """The articles that a message which is being written is most likely about. One statement."""
    rows = _rows(words_in(text)[-MOST_WORDS:], language, most=limit, slips=1, every=False)
    return [Found(row.slug, row.title, row.summary) for row in rows if row.rank > _WORTH_A_SUGGESTION]


@dataclass(frozen=True, slots=True)
class _Row:
    slug: str
    title: str
    summary: str
    rank: float
    complete: bool
    title_marked: str
    extract: str
    corrected: str | None

    @property
    def shown(self) -> SafeString:
        """Where the words stand in the text; the summary where they stand only in the title or the keywords."""
        if _OPEN not in self.extract:
            return SafeString(escape(self.summary))
        extract = " ".join(self.extract.split())
        begins, ends = extract.lstrip(_OPEN)[0], extract.rstrip(_CLOSE)[-1]
        return _marked(f"{'' if begins.isupper() else '… '}{extract}{'' if ends in '.?!' else ' …'}")


def _rows(written: list[str], language: str, *, most: int, slips: int, every: bool) -> list[_Row]:
    words = list(dict.fromkeys(plain(word) for word in written))[:MOST_WORDS]
    if not words:
        return []
    values: dict[str, Any] = {
        "words": words,
        "language": language,
        "how": CONFIGURATIONS[language],
        "most": most,
        "slips": slips,
        "every": every,  # whether an article with every word goes before one that has some of them more often
        "whole": _WHOLE,
        "extract": _EXTRACT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, values)
        return [_Row(*row) for row in cursor.fetchall()]


def _meant(query: str, written: list[str], corrected: dict[str, str]) -> str:
    """The query in the words in which it was heard; "" where these are its own."""
    for word in written if corrected else ():
        query = query.replace(word, corrected.get(plain(word), word))
    return query if corrected else ""


def _marked(text: str) -> SafeString:
    marked = escape(text.replace("\n", "")).replace(_OPEN, "<mark>").replace(_CLOSE, "</mark>")
    return mark_safe(marked)  # noqa: S308 (escaped, and then only our own marks)
