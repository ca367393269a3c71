"""``/accounts/inactive/``: a log-in that was closed."""

import pytest

from palier.apps.accounts.models import User
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import PASSWORD, Cast


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_was_closed_out_is_told_so(cast: Cast, client_of: ClientOf, language: str) -> None:
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    typed = {"login": "member@lumiere.example", "password": PASSWORD}
    page = Page(client_of(None, language=language).post("/accounts/login/", typed, follow=True))
    assert page.status == 200
    shown = Page(client_of(None, language=language).get("/accounts/inactive/"))
    assert shown.language == language
    assert shown.heading
    assert client_of(None).get("/").status_code == 302
