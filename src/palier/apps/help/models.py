from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from palier.apps.accounts.models import Account
from palier.kit.fields import Identified


class ArticleText(models.Model):
    """An article in one language as the search knows it: its words without marks and figures.

    The article itself is a file (``library``); ``palier migrate`` brings these rows in line with the files.
    """

    slug = models.CharField(max_length=60)
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    words = SearchVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "language"], name="article_text_once")]
        indexes = [
            GinIndex(fields=["words"], name="article_words"),
            GinIndex(OpClass(F("title"), name="gin_trgm_ops"), name="article_title_letters"),
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"


class ArticleWord(models.Model):
    """A word that the articles of a language use: ``plain`` without accents, ``word`` as it is mostly spelled.

    By it the search understands half a word and a slip of the finger.
    """

    language = models.CharField(max_length=5)
    plain = models.CharField(max_length=80)
    word = models.CharField(max_length=80)
    times = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "plain"], name="article_word_once")]
        indexes = [GinIndex(OpClass(F("plain"), name="gin_trgm_ops"), name="article_word_letters")]

    def __str__(self) -> str:
        return f"{self.word} ({self.language})"


class Opinion(Identified):
    """A reader's answer to *Did this answer your question?*, with an optional word, about one text of an article.

    ``sha256`` names the text that they read; ``visitor`` tells readers apart for a day and says nothing about them:
    its first half stands for where they came from, so that one place cannot give opinions without end.
    """

    id_prefix = "opi"

    slug = models.CharField(max_length=60)
    language = models.CharField(max_length=5)
    sha256 = models.CharField(max_length=64)
    answered = models.BooleanField()
    word = models.CharField(max_length=500, blank=True, default="")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visitor = models.CharField(max_length=64)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "language", "visitor"], name="opinion_once_a_day"),
            models.CheckConstraint(condition=~Q(visitor=""), name="opinion_has_a_visitor"),
        ]
        indexes = [
            models.Index(fields=["slug", "language"], name="opinion_of_article"),
            models.Index(fields=["visitor"], name="opinion_of_visitor", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language}): {self.answered}"
