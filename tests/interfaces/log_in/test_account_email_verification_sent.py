"""``/accounts/confirm-email/``: a mail is on its way."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import Cast


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_says_so_to_everybody(cast: Cast, client_of: ClientOf, language: str) -> None:
    for visitor in (None, cast.owner, cast.stranger):
        page = Page(client_of(visitor, language=language).get("/accounts/confirm-email/"))
        assert (page.status, page.language) == (200, language)
        assert page.heading
