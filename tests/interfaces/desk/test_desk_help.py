"""GET /desk/help/: what readers say about the help centre, for the operator's team."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from palier.apps.help import actions, library
from palier.kit import clock
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene


def said(slug: str, language: str, yes: int, no: int, word: str = "") -> None:
    """So many readers answer."""
    article = library.article(slug, language)
    assert article is not None
    for number in range(yes + no):
        visitor = f"{language}{slug}{number}".ljust(64, "0")
        answered = number < yes
        kept = "" if answered else word
        actions.opine(article, answered=answered, word=kept, visitor=visitor, account=None, now=clock.now())


def test_nobody_else_finds_it(scene: Scene, client_of: ClientOf) -> None:
    for name, member in scene.everybody().items():
        assert client_of(member).get("/desk/help/").status_code == (302 if name == "nobody" else 404)


@pytest.mark.parametrize(("language", "heading"), [("en", "Opinions about the help"), ("fr", "Avis sur l'aide")])
def test_opinions_are_counted_for_each_article_and_language(
    scene: Scene, client_of: ClientOf, language: str, heading: str
) -> None:
    said("seats", "en", 3, 1, "Where is <b>the</b> button?")
    said("seats", "fr", 0, 2)
    page = Page(client_of(scene.operator, language=language).get("/desk/help/"))
    assert page.heading == heading
    assert page.says({"en": "6 answers", "fr": "6 réponses"}[language])
    assert page.says({"en": "75%", "fr": "75 %"}[language])
    bars = [element.get("aria-label") for element in page.elements if element.get("class") == "parts"]
    assert bars == {"en": ["0 yes, 2 no", "3 yes, 1 no"], "fr": ["0 oui, 2 non", "3 oui, 1 non"]}[language]
    assert page.says("Where is <b>the</b> button?")
    for code in ("en", "fr"):
        assert {f"/help/{code}/{article.slug}/" for article in library.articles(code)} <= set(page.links)


def test_one_language_can_be_looked_at_alone(scene: Scene, client_of: ClientOf) -> None:
    said("seats", "en", 1, 1, "English words")
    said("seats", "fr", 1, 1, "Des mots français")
    page = Page(client_of(scene.operator).get("/desk/help/?language=fr"))
    assert page.says("Des mots français")
    assert not page.says("English words")
    assert "/help/en/seats/" not in page.links


def test_it_asks_the_database_little_whatever_was_said(
    scene: Scene, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(scene.operator)
    said("seats", "en", 1, 1, "One")
    client.get("/desk/help/")
    with django_assert_num_queries(5):
        client.get("/desk/help/")
    said("trial", "fr", 5, 9, "More")
    with django_assert_num_queries(5):
        client.get("/desk/help/")
    assert Client().get("/desk/help/").status_code == 302
