"""``/accounts/login/``."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import PASSWORD, Cast

LOGIN = "/accounts/login/"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nobody_sees_the_form_in_either_language(client_of: ClientOf, cast: Cast, language: str) -> None:
    page = Page(client_of(None, language=language).get(LOGIN))
    assert page.heading == {"en": "Log in", "fr": "Se connecter"}[language]
    assert page.heading in page.buttons


def test_each_of_the_cast_logs_in(client_of: ClientOf, cast: Cast) -> None:
    for member in (cast.owner, cast.billing_admin, cast.admin, cast.member, cast.stranger):
        typed = {"login": member.user.email, "password": PASSWORD}
        assert Page(client_of(None).post(LOGIN, typed, follow=True)).heading == f"Hello {member.user.name}"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_wrong_password_keeps_the_address_and_never_the_password(
    client_of: ClientOf, cast: Cast, language: str
) -> None:
    texts = set()
    for login in ("owner@lumiere.example", "nobody@lumiere.example"):
        page = Page(client_of(None, language=language).post(LOGIN, {"login": login, "password": "wrong-password"}))
        assert page.value("login") == login
        assert page.value("password") == ""
        (alert,) = [element for element in page.elements if element.get("role") == "alert"]
        texts.add("".join(alert.itertext()))
    assert len(texts) == 1, "nobody learns which addresses are known"


UNSENT = {
    "en": "Your session had ended, so what you sent did not reach us. Nothing was changed; log in and enter it again.",
    "fr": "Votre session avait pris fin : ce que vous avez envoyé ne nous est pas parvenu. Rien n'a changé ; "
    "connectez-vous et saisissez-le à nouveau.",
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", ["/chat/", "/settings/members/seats/ask/", "/desk/answers/"])
def test_what_was_sent_without_a_session_is_said_not_to_have_arrived(
    client_of: ClientOf, cast: Cast, path: str, language: str
) -> None:
    client = client_of(None, language=language)
    assert Page(client.post(path, {"text": "Hello"}, follow=True)).says(UNSENT[language])
    assert not Page(client.get(LOGIN, {"next": path})).says(UNSENT[language])


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_it_leads_nowhere_else(client_of: ClientOf, cast: Cast, there: str) -> None:
    typed = {"login": "owner@lumiere.example", "password": PASSWORD, "next": there}
    assert client_of(None).post(LOGIN, typed).headers["Location"] == "/"


def test_who_is_in_already_goes_home(client_of: ClientOf, cast: Cast) -> None:
    assert client_of(cast.member).get(LOGIN).headers["Location"] == "/"
