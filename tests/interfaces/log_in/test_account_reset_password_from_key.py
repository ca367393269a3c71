"""``/accounts/password/reset/key/…/``: the link of the mail, good for one new password."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import Cast

NEW = {"password1": "a-new-long-password", "password2": "a-new-long-password"}


@pytest.fixture
def link(cast: Cast) -> str:
    Client().post("/accounts/password/reset/", {"email": "owner@lumiere.example"})
    found = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert found
    return found[0]


def test_it_sets_one_new_password_and_no_second(link: str, client_of: ClientOf) -> None:
    client = client_of(None)
    form = client.get(link, follow=True).redirect_chain[-1][0]
    wrong = Page(client.post(form, {**NEW, "password2": "another"}))
    assert wrong.error_at("password2")
    assert client.post(form, NEW).status_code == 302
    assert Client().login(email="owner@lumiere.example", password=NEW["password1"])
    assert Page(client_of(None).get(link, follow=True)).says("This link no longer works")


@pytest.mark.parametrize("key", ["1-abc", "zzzzzzzzzzzzzz-abc", "0-" + "x" * 3000, "1-set-password", "1-%00"])
def test_a_wrong_link_says_so_in_both_languages(cast: Cast, client_of: ClientOf, key: str) -> None:
    for language, words in (("en", "This link no longer works"), ("fr", "Ce lien ne fonctionne plus")):
        page = Page(client_of(None, language=language).get(f"/accounts/password/reset/key/{key}/"))
        assert page.says(words)
