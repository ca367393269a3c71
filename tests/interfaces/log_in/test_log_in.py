"""/accounts/…: sign-up opens a free account; log-in, log-out, password reset and the language, in our own frame."""

import re

import pytest
from django.core import mail
from django.test import Client

from palier.apps.accounts.models import Member, Role, User
from tests.interfaces.portal.reading import words
from tests.world import PASSWORD, Cast

NEW = {
    "name": "Nora New",
    "company": "Nouvelle Agence",
    "country": "FR",
    "email": "nora@agence.example",
    "password1": "a-good-long-password",
}

pytestmark = pytest.mark.django_db


def test_sign_up_opens_a_free_account_for_its_owner(cast: Cast) -> None:
    client = Client(headers={"Accept-Language": "fr"})
    answer = client.post("/accounts/signup/", NEW, follow=True)
    said = words(answer.content.decode())
    assert "Bonjour Nora New" in said
    assert "Mettre à niveau votre compte" in said
    owner = Member.objects.get(user__email=NEW["email"])
    assert (owner.role, owner.user.language) == (Role.OWNER, "fr")
    assert (owner.account.name, owner.account.country, owner.account.language) == ("Nouvelle Agence", "FR", "fr")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("company", "x" * 10_000),
        ("country", "ZZ"),
        ("email", "nowhere"),
        ("password1", "short"),
    ],
)
def test_bad_input_opens_nothing(cast: Cast, client: Client, field: str, value: str) -> None:
    answer = client.post("/accounts/signup/", NEW | {field: value})
    assert answer.status_code == 200
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_log_in_leads_back_to_the_page_that_asked_for_it(cast: Cast, client: Client) -> None:
    typed = {"login": "OWNER@lumiere.example", "password": PASSWORD, "next": "/settings/billing/plans/?plan=team"}
    assert client.post("/accounts/login/", typed)["Location"] == "/settings/billing/plans/?plan=team"


def test_log_in_speaks_the_persons_language_unless_another_was_chosen_here(cast: Cast) -> None:
    User.objects.filter(pk=cast.owner.user_id).update(language="fr")
    typed = {"login": "owner@lumiere.example", "password": PASSWORD}
    fresh, chosen = Client(), Client()
    assert "Bonjour Odile Owner" in words(fresh.post("/accounts/login/", typed, follow=True).content.decode())
    chosen.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert "Hello Odile Owner" in words(chosen.post("/accounts/login/", typed, follow=True).content.decode())


def test_a_wrong_password_is_said_without_telling_which_part_was_wrong(cast: Cast, client: Client) -> None:
    for login in ("owner@lumiere.example", "nobody@lumiere.example"):
        answer = client.post("/accounts/login/", {"login": login, "password": "not-the-password"})
        assert 'role="alert"' in answer.content.decode()


def test_log_out_asks_and_then_ends_the_session(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner.user)
    assert "Do you want to log out?" in words(client.get("/accounts/logout/").content.decode())
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(cast: Cast, client: Client) -> None:
    answer = client.post("/accounts/password/reset/", {"email": "owner@lumiere.example"}, follow=True)
    assert "Look into your mailbox" in words(answer.content.decode())
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert link
    form = client.get(link[0], follow=True)
    assert "Choose a new password" in words(form.content.decode())
    new = {"password1": "another-long-password", "password2": "another-long-password"}
    done = client.post(form.redirect_chain[-1][0], new, follow=True)
    assert "Your password is changed" in words(done.content.decode())
    assert client.login(email="owner@lumiere.example", password="another-long-password")


def test_an_old_link_says_so(cast: Cast, client: Client) -> None:
    said = words(client.get("/accounts/password/reset/key/1-abc/").content.decode())
    assert "This link no longer works" in said


def test_the_language_switch_keeps_the_page(cast: Cast, client: Client) -> None:
    answer = client.post("/i18n/setlang/", {"language": "fr", "next": "/accounts/login/"}, follow=True)
    assert "Se connecter" in words(answer.content.decode())
