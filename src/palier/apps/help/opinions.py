"""What readers said about the articles: counted per article and language, and their latest words."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from palier.apps.help import library
from palier.apps.help.library import Article
from palier.apps.help.models import Opinion


@dataclass(frozen=True, slots=True)
class Tally:
    """How many readers an article has answered, and how many not."""

    article: Article
    yes: int
    no: int

    @property
    def given(self) -> int:
        return self.yes + self.no

    @property
    def answered_ppm(self) -> int:
        """The share of those whom it answered, in whole percents, as parts per million."""
        return (200 * self.yes + self.given) // (2 * self.given) * 10_000 if self.given else 0


def of_visitor(article: Article, visitor: str) -> Opinion | None:
    """What this reader has said today."""
    return Opinion.objects.filter(slug=article.slug, language=article.language, visitor=visitor).first()


def tallies(*languages: str) -> list[Tally]:
    """Every article of those languages, in the order of the help centre. One statement."""
    rows = Opinion.objects.filter(language__in=languages).values_list("slug", "language")
    counted = rows.annotate(yes=Count("pk", filter=Q(answered=True)), no=Count("pk", filter=Q(answered=False)))
    known = {(slug, language): (yes, no) for slug, language, yes, no in counted}
    return [
        Tally(article, *known.get((article.slug, article.language), (0, 0)))
        for language in languages
        for article in library.articles(language)
    ]


def most_helpful(language: str, limit: int = 5) -> list[Article]:
    """The articles that answered most readers; before anybody has said so, those that stand first."""
    return [tally.article for tally in sorted(tallies(language), key=lambda tally: -tally.yes)[:limit]]


def words(*languages: str) -> QuerySet[Opinion]:
    """Opinions with a word, the latest first."""
    return Opinion.objects.filter(language__in=languages).exclude(word="").order_by("-given_at", "-id")
