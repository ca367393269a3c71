"""``/accounts/password/set/``: for a person without a password; the others change theirs."""

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import Cast

PATH = "/accounts/password/set/"


def test_who_has_a_password_changes_it_instead(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.owner).get(PATH).headers["Location"] == "/accounts/password/change/"


def test_who_has_none_sets_one(cast: Cast, client_of: ClientOf) -> None:
    cast.member.user.set_unusable_password()
    cast.member.user.save()
    client = client_of(cast.member, language="fr")
    assert Page(client.get(PATH)).language == "fr"
    assert Page(client.post(PATH, {"password1": "short", "password2": "short"})).error_at("password1")
    new = {"password1": "a-new-long-password", "password2": "a-new-long-password"}
    assert client.post(PATH, new).status_code == 302


def test_nobody_logs_in_first(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(None).get(PATH).headers["Location"].startswith("/accounts/login/")
