"""``/accounts/signup/``: a free account and its owner, together or not at all."""

import pytest

from palier.apps.accounts.models import Account, Member, User
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import PASSWORD, Cast

SIGNUP = "/accounts/signup/"
NEW = {
    "name": "Nora New",
    "company": "Nouvelle Agence",
    "country": "FR",
    "email": "nora@agence.example",
    "password1": PASSWORD,
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_account_is_open_at_once(cast: Cast, client_of: ClientOf, language: str) -> None:
    client = client_of(None, language=language)
    assert Page(client.get(SIGNUP)).heading == {"en": "Sign up", "fr": "Créer un compte"}[language]
    page = Page(client.post(SIGNUP, NEW, follow=True))
    assert page.heading == {"en": "Hello Nora New", "fr": "Bonjour Nora New"}[language]
    assert Member.objects.get(user__email=NEW["email"]).role == "owner"


WRONG = [
    ("name", ""),
    ("name", "N" * 10_000),
    ("name", "a\0b"),
    ("name", "\u202eeman"),
    ("name", "a\x07b"),
    ("company", ""),
    ("company", "C" * 10_000),
    ("company", "a\0b"),
    ("company", "\u202eynapmoc"),
    ("country", ""),
    ("country", "ZZ"),
    ("email", ""),
    ("email", "nobody"),
    ("email", "n@" + "a" * 300 + ".example"),
    ("email", "a\0b@agence.example"),
    ("password1", ""),
    ("password1", "short"),
    ("password1", "password123"),
    ("password1", "1234567890"),
]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("field", "typed"), WRONG, ids=[f"{field}-{typed[:8]!a}" for field, typed in WRONG])
def test_what_is_wrong_is_said_at_its_field(
    cast: Cast, client_of: ClientOf, field: str, typed: str, language: str
) -> None:
    page = Page(client_of(None, language=language).post(SIGNUP, {**NEW, field: typed}))
    assert page.error_at(field)
    for name in NEW.keys() - {field, "password1", "country"}:
        assert page.value(name) == NEW[name]
    assert page.value("password1") == ""
    assert not User.objects.filter(email=NEW["email"]).exists()
    assert Account.objects.count() == 2


def test_an_address_that_is_known_opens_no_second_account(cast: Cast, client_of: ClientOf) -> None:
    for email in ("owner@lumiere.example", "OWNER@lumiere.example"):
        client_of(None).post(SIGNUP, {**NEW, "email": email})
    assert (User.objects.count(), Account.objects.count()) == (5, 2)


def test_a_strange_name_is_only_text(cast: Cast, client_of: ClientOf) -> None:
    name = "<script>alert(1)</script>"
    page = Page(client_of(None).post(SIGNUP, {**NEW, "name": name, "company": name}, follow=True))
    assert page.says(f"Hello {name}")
    assert "alert(1)" not in [script.text for script in page.tree.iter("script")]
