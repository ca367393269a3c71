"""``/accounts/password/reset/``: a link by mail, and no word on who has an account."""

import pytest
from django.core import mail

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import Cast

PATH = "/accounts/password/reset/"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_known_and_unknown_addresses_are_answered_alike(cast: Cast, client_of: ClientOf, language: str) -> None:
    pages = [
        Page(client_of(None, language=language).post(PATH, {"email": email}, follow=True))
        for email in ("owner@lumiere.example", "nobody@lumiere.example")
    ]
    assert pages[0].text == pages[1].text
    assert any("/accounts/password/reset/key/" in str(letter.body) for letter in mail.outbox)


@pytest.mark.parametrize("email", ["", "nobody", "a\0b@x.example", "x" * 10_000, "<script>@x"])
def test_what_is_no_address_is_said_at_the_field(cast: Cast, client_of: ClientOf, email: str) -> None:
    for language in ("en", "fr"):
        assert Page(client_of(None, language=language).post(PATH, {"email": email})).error_at("email")
    assert not mail.outbox
