"""GET /help/<language>/: every article by collection, in the language of the address."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from palier.apps.help import library
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene

HEADINGS = {"en": "How can we help you?", "fr": "Comment pouvons-nous vous aider ?"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everybody_finds_every_article_under_its_collection(scene: Scene, client_of: ClientOf, language: str) -> None:
    for member in scene.everybody().values():
        page = Page(client_of(member, language=language).get(f"/help/{language}/"))
        assert page.heading == HEADINGS[language]
        for article in library.articles(language):
            assert f"/help/{language}/{article.slug}/" in page.links
            assert article.title in page.words_of(article.collection).replace("'", "’") or page.says(article.title)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_collection_counts_its_articles(scene: Scene, language: str) -> None:
    page = Page(Client().get(f"/help/{language}/"))
    for key in {article.collection for article in library.articles(language)}:
        number = sum(article.collection == key for article in library.articles(language))
        assert f"{number} article" in page.words_of(key)


def test_the_language_of_the_address_speaks_whatever_the_readers_own(scene: Scene, client_of: ClientOf) -> None:
    answer = client_of(scene.cast.owner, language="en").get("/help/fr/")
    page = Page(answer)
    assert (page.language, page.heading) == ("fr", HEADINGS["fr"])
    assert page.says("Membres")
    assert answer.headers["Content-Language"] == "fr"
    assert Page(client_of(None, language="fr").get("/help/en/nothing-of-that-name/")).language == "en"


def test_search_engines_may_read_it_and_know_the_other_language(scene: Scene) -> None:
    page = Page(Client().get("/help/fr/"))
    assert page.all("meta", name="robots") == []
    assert page.one("link", rel="canonical").get("href", "").endswith("/help/fr/")
    alternates = {link.get("hreflang"): link.get("href", "") for link in page.all("link", rel="alternate")}
    assert alternates.keys() == {"en", "fr"}
    assert all(address.startswith("http") for address in alternates.values())


def test_the_switch_leads_to_the_same_page_in_the_other_language(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.member)
    answer = client.post("/i18n/setlang/", {"language": "fr", "next": "/help/en/"})
    assert answer.headers["Location"] == "/help/fr/"
    assert Page(client.get("/")).language == "fr"


def test_it_asks_the_database_nothing_but_who_looks(
    scene: Scene, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        Client().get("/help/en/")
    client = client_of(scene.cast.owner)
    client.get("/help/en/")
    with django_assert_num_queries(2):
        client.get("/help/en/")


@pytest.mark.parametrize("language", ["de", "EN", "e", "fr-CH"])
def test_there_is_no_centre_in_a_language_that_we_do_not_speak(scene: Scene, language: str) -> None:
    assert Client().get(f"/help/{language}/").status_code == 404
