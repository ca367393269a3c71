"""GET /help/<language>/<slug>/: one article."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from palier.apps.help import library
from palier.kit import formats
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene

EVERY = [
    pytest.param(article, id=f"{article.slug}-{code}") for code in ("en", "fr") for article in library.articles(code)
]
UPGRADE = {"en": "Upgrade your account", "fr": "Mettre à niveau votre compte"}


@pytest.mark.parametrize("article", EVERY)
def test_anybody_reads_every_article(scene: Scene, article: library.Article) -> None:
    page = Page(Client().get(f"/help/{article.language}/{article.slug}/"))
    assert (page.status, page.language) == (200, article.language)
    for words in (
        article.title,
        article.summary,
        article.author,
        formats.long_day(article.updated_on, article.language, ""),
    ):
        assert page.says(words)
    assert page.one("meta", name="description").get("content") == article.summary


@pytest.mark.parametrize("language", ["en", "fr"])
def test_neighbours_lead_through_the_whole_centre(scene: Scene, language: str) -> None:
    articles = library.articles(language)
    walked, address = [], f"/help/{language}/{articles[0].slug}/"
    while address:
        walked.append(address)
        following = Page(Client().get(address)).all("a", rel="next")
        address = following[0].get("href", "") if following else ""
    assert walked == [f"/help/{language}/{article.slug}/" for article in articles]


def test_the_screens_that_it_explains_are_links_for_those_who_may_open_them(scene: Scene, client_of: ClientOf) -> None:
    for name, member in scene.everybody().items():
        page = Page(client_of(member).get("/help/en/upgrade-your-account/"))
        assert page.says("Go there now") == (name != "nobody")
        assert ("/settings/billing/plans/" in page.links) == (name != "nobody")


def test_the_switch_leads_to_the_same_article_in_the_other_language(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(None)
    page = Page(client.get("/help/en/upgrade-your-account/"))
    sent = {"language": "fr", "next": page.values("next")[0]}
    there = Page(client.post("/i18n/setlang/", sent, follow=True))
    assert (there.language, there.heading) == ("fr", UPGRADE["fr"])


def test_an_article_that_does_not_exist_is_not_found_in_the_language_of_the_address(scene: Scene) -> None:
    page = Page(Client().get("/help/fr/no-such-article/"))
    assert (page.status, page.heading) == (404, "Cette page n'existe pas")


def test_prices_are_in_the_readers_currency(scene: Scene, client_of: ClientOf) -> None:
    """That of their account; for whoever has none, the catalogue's first."""
    page = "/help/en/upgrade-your-account/"
    for member, sum_of_a_month in ((scene.cast.owner, "€109.00"), (None, "US$109.00")):
        assert Page(client_of(member).get(page)).says(sum_of_a_month)


def test_the_parts_lead_to_the_headings(scene: Scene) -> None:
    page = Page(Client().get("/help/en/change-plan/"))
    anchors = {link[1:] for link in page.links if link.startswith("#") and link != "#content"}
    assert anchors
    assert anchors <= {heading.get("id") for tag in ("h2", "h3") for heading in page.all(tag)} | {"main"}


def test_every_article_costs_the_same_few_statements(
    scene: Scene, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The session, the reader with their account, the catalogue's number, what they said today."""
    client = client_of(scene.cast.owner)
    for slug in ("trial", "proration", "upgrade-your-account"):
        with django_assert_num_queries(4):
            client.get(f"/help/en/{slug}/")
