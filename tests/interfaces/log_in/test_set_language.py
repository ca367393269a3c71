"""POST ``/i18n/setlang/``: the language of the pages, and back to where one was."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import Cast

PATH = "/i18n/setlang/"


def test_the_pages_change_and_stay_changed(cast: Cast, client_of: ClientOf) -> None:
    for visitor, page in ((None, "/accounts/login/"), (cast.owner, "/settings/")):
        client = client_of(visitor)
        for language in ("fr", "en"):
            answer = client.post(PATH, {"language": language, "next": page})
            assert answer.headers["Location"] == page
            assert Page(client.get(page)).language == language


@pytest.mark.parametrize("language", ["", "fr\0", "x" * 5000, "../fr"])
def test_an_unknown_language_changes_nothing(cast: Cast, client_of: ClientOf, language: str) -> None:
    client = client_of(None, language="fr")
    assert client.post(PATH, {"language": language, "next": "/accounts/login/"}).status_code == 302
    assert Page(client.get("/accounts/login/")).language == "fr"


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_leads_nowhere_else(cast: Cast, client_of: ClientOf, there: str) -> None:
    assert "evil" not in client_of(None).post(PATH, {"language": "fr", "next": there}).headers["Location"]


def test_a_link_alone_changes_nothing(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(None)
    client.get(PATH, {"language": "fr"})
    assert Page(client.get("/accounts/login/")).language == "en"
