"""``/accounts/email/``: the addresses of the person who is logged in, and of nobody else."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import Cast

PATH = "/accounts/email/"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everybody_sees_their_own(cast: Cast, client_of: ClientOf, language: str) -> None:
    for member in (cast.owner, cast.member, cast.stranger):
        page = Page(client_of(member, language=language).get(PATH))
        assert (page.status, page.language) == (200, language)
        others = {cast.owner, cast.member, cast.stranger} - {member}
        assert not any(page.says(other.user.email) for other in others)


@pytest.mark.parametrize("email", ["nobody", "a\0b@x.example", "x" * 400 + "@x.example", "<script>@x", ""])
def test_what_is_no_address_is_said_at_the_field(cast: Cast, client_of: ClientOf, email: str) -> None:
    page = Page(client_of(cast.owner).post(PATH, {"email": email, "action_add": ""}))
    assert page.error_at("email")


def test_nobody_logs_in_first(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(None).get(PATH).headers["Location"].startswith("/accounts/login/")
