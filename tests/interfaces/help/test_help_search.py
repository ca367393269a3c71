"""GET /help/<language>/search/: what answers, with or without script."""

import pytest
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene


@pytest.mark.parametrize(("language", "typed"), [("en", "invioce"), ("fr", "factrue")])
def test_everybody_finds_what_they_meant(scene: Scene, client_of: ClientOf, language: str, typed: str) -> None:
    for member in scene.everybody().values():
        page = Page(client_of(member, language=language).get(f"/help/{language}/search/", {"q": typed}))
        assert f"/help/{language}/invoices-and-vat/" in page.links
        assert page.value("q") == typed
        assert page.says({"en": "shown for “invoice”", "fr": "résultats pour « facture »"}[language])
        assert page.one("meta", name="robots").get("content") == "noindex"


@pytest.mark.parametrize(("language", "says"), [("en", "Nothing here answers"), ("fr", "Aucun article ne répond")])
def test_where_nothing_answers_there_is_a_person_and_what_answered_others(
    scene: Scene, language: str, says: str
) -> None:
    page = Page(Client().get(f"/help/{language}/search/", {"q": "<b>xyzzy</b>"}))
    assert page.says(says)
    assert page.says("<b>xyzzy</b>")
    assert "/chat/" in page.links
    assert f"/help/{language}/upgrade-your-account/" in page.links


def test_as_one_types_only_the_answer_comes(scene: Scene) -> None:
    part = Client().get("/help/en/search/", {"q": "cancel"}, headers={"HX-Request": "true"})
    page = Page(part)
    assert page.html.lstrip().startswith('<div id="found"')
    assert page.all("h1") == []
    assert "/help/en/cancel-and-export/" in page.links
    assert "HX-Request" in part.headers["Vary"]
    nothing = Page(Client().get("/help/en/search/", {"q": ""}, headers={"HX-Request": "true"}))
    assert nothing.text == ""


def test_the_switch_keeps_the_question(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(None)
    page = Page(client.get("/help/en/search/", {"q": "vat number"}))
    answer = client.post("/i18n/setlang/", {"language": "fr", "next": page.value("next")})
    assert answer.headers["Location"] == "/help/fr/search/?q=vat+number"


def test_it_asks_the_database_little(scene: Scene, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        Client().get("/help/en/search/", {"q": "cancel"})
    with django_assert_num_queries(2):
        Client().get("/help/en/search/", {"q": "xyzzy"})


def test_where_there_is_no_chat_nothing_leads_to_it(scene: Scene) -> None:
    with override_settings(PALIER_CHAT="none"):
        for path in ("/help/en/", "/help/en/seats/", "/help/en/search/?q=xyzzy"):
            assert not [link for link in Page(Client().get(path)).links if link.startswith("/chat/")]
