"""``/accounts/logout/``: asked first, then done."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import Cast


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_link_alone_logs_nobody_out(cast: Cast, client_of: ClientOf, language: str) -> None:
    client = client_of(cast.owner, language=language)
    assert Page(client.get("/accounts/logout/")).heading == {"en": "Log out", "fr": "Se déconnecter"}[language]
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_nobody_is_sent_home(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(None).get("/accounts/logout/").status_code == 302
