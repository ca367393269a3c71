"""The search of the help centre: accents, half words and slips of the finger are forgiven, in both languages."""

import unicodedata

import pytest
from pytest_django import DjangoAssertNumQueries

from palier.apps.help import actions, library
from palier.apps.help.models import ArticleText, ArticleWord
from palier.apps.help.search import search
from palier.apps.help.texts import FIGURE, text_of

pytestmark = pytest.mark.django_db

SEARCHES = [
    # language, what is typed, the article that comes first, what was meant
    ("en", "cancel", "cancel-and-export", ""),
    ("en", "CANCELLING", "cancel-and-export", ""),
    ("en", "invioce", "invoices-and-vat", "invoice"),
    ("en", "my invioce", "invoices-and-vat", "my invoice"),
    ("en", "prorat", "proration", ""),
    ("en", "3d secure", "cards-3d-secure-declined", ""),
    ("en", "declined card", "cards-3d-secure-declined", ""),
    ("en", "saets", "seats", "seats"),
    ("en", "transfer ownership", "who-may-do-what", ""),
    ("en", "how can I get my money back?", "cancel-and-export", ""),
    ("fr", "résilier", "cancel-and-export", ""),
    ("fr", "resilier", "cancel-and-export", ""),
    ("fr", "résillier", "cancel-and-export", "résilier"),
    ("fr", "résil", "cancel-and-export", ""),
    ("fr", "facture", "invoices-and-vat", ""),
    ("fr", "factrue", "invoices-and-vat", "facture"),
    ("fr", "prorata", "proration", ""),
    ("fr", "numero de tva", "invoices-and-vat", ""),
    ("fr", "carte refusee", "cards-3d-secure-declined", ""),
    ("fr", "Comment résilier mon abonnement ?", "cancel-and-export", ""),
    ("fr", "L’ÉCHÉANCE", "monthly-annual-mixed", ""),
]


@pytest.mark.parametrize(("language", "typed", "slug", "meant"), SEARCHES, ids=lambda value: value or "-")
def test_what_people_type_finds_the_article(language: str, typed: str, slug: str, meant: str) -> None:
    answer = search(typed, language)
    assert [one.slug for one in answer.found][:1] == [slug]
    assert answer.meant == meant


@pytest.mark.parametrize(
    "typed", ["résilier", "L’échéance", "numéro de TVA", "carte refusée", "résillier", "télécharger"]
)
def test_letters_and_accents_apart_find_the_same(typed: str) -> None:
    """As some systems and documents paste them."""
    apart = unicodedata.normalize("NFD", typed)
    assert apart != typed
    assert search(apart, "fr") == search(typed, "fr")


@pytest.mark.parametrize(
    "typed", ["", " ", "the", "xyzzy qwfp", "a", "%", "'", "!:*&|()", "\\", "<->", "_" * 50, "ﷺ" * 60]
)
def test_what_says_nothing_finds_nothing(typed: str) -> None:
    assert search(typed, "en").found == ()


def test_what_was_asked_is_marked_and_nothing_else_is_markup() -> None:
    first = search("resilier", "fr").found[0]
    assert first.marked_title.startswith("<mark>Résilier</mark>")
    assert "<mark>résilier</mark>" in first.extract
    assert "<" not in first.extract.replace("<mark>", "").replace("</mark>", "")


def test_one_statement_answers(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        search("how do I canecl my subscription", "en")
    with django_assert_num_queries(1):
        actions.suggest("how do I canecl my subscription", "en")
    with django_assert_num_queries(0):
        search("?", "en")


@pytest.mark.parametrize(
    ("language", "message", "slug"),
    [
        ("en", "Hello, my card was declined yesterday and I cannot pay, what can I do?", "cards-3d-secure-declined"),
        ("en", "I would like to canc", "cancel-and-export"),
        ("fr", "Bonjour, je ne comprends pas comment le prorata est calculé", "proration"),
    ],
)
def test_a_message_that_is_being_written_has_articles(language: str, message: str, slug: str) -> None:
    found = actions.suggest(message, language)
    assert slug in [one.slug for one in found]
    assert len(found) <= 3


@pytest.mark.parametrize("message", ["Bonjour", "Merci beaucoup !", "", "…"])
def test_a_greeting_suggests_nothing(message: str) -> None:
    assert actions.suggest(message, "fr") == []


def test_the_index_is_repeatable_and_writes_only_what_changed() -> None:
    assert actions.index() == 0, "the database of the tests was indexed when it was made"
    untouched = ArticleText.objects.get(slug="seats", language="en").pk
    ArticleText.objects.filter(slug="proration", language="en").update(sha256="old", title="Of old")
    ArticleText.objects.filter(slug="trial", language="fr").delete()
    ArticleText.objects.create(slug="gone", language="fr", title="Gone", summary="", text="", sha256="", words="")
    ArticleWord.objects.filter(language="fr", plain="facture").delete()
    assert actions.index() == 3
    assert actions.index() == 0
    rows = set(ArticleText.objects.values_list("slug", "language", "title"))
    assert rows == {(one.slug, one.language, one.title) for code in ("en", "fr") for one in library.articles(code)}
    assert ArticleText.objects.get(slug="seats", language="en").pk == untouched
    assert ArticleWord.objects.filter(language="fr", plain="facture").exists()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_search_keeps_labels_as_screens_say_them_and_no_figure(language: str) -> None:
    label = {"en": "Upgrade your account", "fr": "Mettre à niveau votre compte"}[language]
    texts = [text_of(article) for article in library.articles(language)]
    assert label in next(text.text for text in texts if text.slug == "upgrade-your-account")
    assert any(FIGURE in text.text for text in texts)
    for text in texts:
        assert not any(mark in text.text for mark in ("{%", "%}")), text.slug
