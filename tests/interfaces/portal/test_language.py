"""POST /i18n/setlang/: the language of the pages, and of the letters of who is logged in."""

import pytest
from django.test import Client

from palier.apps.accounts.models import User
from tests.world import Cast

ADDRESS = "/i18n/setlang/"


@pytest.mark.parametrize(
    ("language", "kept"), [("fr", "fr"), ("en", "en"), ("xx", "en"), ("de", "en"), ("", "en"), ("fr\0", "en")]
)
def test_a_member_is_written_to_in_the_language_chosen(cast: Cast, client: Client, language: str, kept: str) -> None:
    client.force_login(cast.member.user)
    assert client.post(ADDRESS, {"language": language, "next": "/"}).status_code == 302
    assert User.objects.get(pk=cast.member.user.pk).language == kept


def test_nobody_logged_in_gets_the_pages_in_it(cast: Cast, client: Client) -> None:
    client.post(ADDRESS, {"language": "fr", "next": "/"})
    assert "Se connecter" in client.get("/accounts/login/").text


def test_the_way_back_stays_on_this_site(cast: Cast, client: Client) -> None:
    answer = client.post(ADDRESS, {"language": "fr", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
