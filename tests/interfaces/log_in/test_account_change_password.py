"""``/accounts/password/change/``."""

import pytest
from django.test import Client

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import PASSWORD, Cast

PATH = "/accounts/password/change/"
NEW = {"oldpassword": PASSWORD, "password1": "a-new-long-password", "password2": "a-new-long-password"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [("oldpassword", "wrong"), ("password1", "short"), ("password2", "another-one"), ("password1", "")],
)
def test_what_is_wrong_is_said_at_its_field(cast: Cast, client_of: ClientOf, field: str, typed: str) -> None:
    for language in ("en", "fr"):
        page = Page(client_of(cast.member, language=language).post(PATH, {**NEW, field: typed}))
        assert page.error_at(field)
        assert not any(page.value(name) for name in NEW), "no password is sent back"
    assert Client().login(email="member@lumiere.example", password=PASSWORD)


def test_the_new_one_counts_from_now_on(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.member)
    assert client.post(PATH, NEW).status_code == 302
    assert client.get("/").status_code == 200, "still logged in here"
    assert not Client().login(email="member@lumiere.example", password=PASSWORD)
    assert Client().login(email="member@lumiere.example", password="a-new-long-password")


def test_nobody_logs_in_first(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(None).get(PATH).headers["Location"].startswith("/accounts/login/")
