"""``/accounts/password/reset/key/done/``: the password is changed."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import Cast


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_says_so_and_leads_to_log_in(cast: Cast, client_of: ClientOf, language: str) -> None:
    page = Page(client_of(None, language=language).get("/accounts/password/reset/key/done/"))
    assert page.says({"en": "Your password is changed", "fr": "Votre mot de passe est changé"}[language])
    assert "/accounts/login/" in page.links
