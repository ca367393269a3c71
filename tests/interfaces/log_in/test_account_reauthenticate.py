"""``/accounts/reauthenticate/``: the password once more, before something sensitive."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import PASSWORD, Cast

PATH = "/accounts/reauthenticate/"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_password_leads_on(cast: Cast, client_of: ClientOf, language: str) -> None:
    client = client_of(cast.owner, language=language)
    assert Page(client.get(f"{PATH}?next=/settings/")).language == language
    wrong = Page(client.post(PATH, {"password": "wrong", "next": "/settings/"}))
    assert wrong.error_at("password")
    assert client.post(PATH, {"password": PASSWORD, "next": "/settings/"}).headers["Location"] == "/settings/"
    assert client.post(PATH, {"password": PASSWORD, "next": "//evil.example"}).headers["Location"] == "/"


def test_nobody_logs_in_first(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(None).get(PATH).headers["Location"].startswith("/accounts/login/")
