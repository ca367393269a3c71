"""``/accounts/confirm-email/<key>/``: the link that proves an address."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests.interfaces.conftest import ClientOf
from tests.interfaces.log_in.test_account_signup import NEW, SIGNUP
from tests.interfaces.pages import Page
from tests.world import Cast


def test_looking_proves_nothing_and_pressing_does(cast: Cast, client_of: ClientOf) -> None:
    Client().post(SIGNUP, NEW)
    found = re.search(r"/accounts/confirm-email/\S+", str(mail.outbox[0].body))
    assert found
    page = Page(client_of(None).get(found[0]))
    assert page.says(NEW["email"])
    assert not EmailAddress.objects.get(email=NEW["email"]).verified
    client_of(None).post(found[0])
    assert EmailAddress.objects.get(email=NEW["email"]).verified


@pytest.mark.parametrize("key", ["unknown", "1:abc", "-" * 500])
def test_an_unknown_link_says_so(cast: Cast, client_of: ClientOf, key: str) -> None:
    for language in ("en", "fr"):
        page = Page(client_of(None, language=language).get(f"/accounts/confirm-email/{key}/"))
        assert page.language == language
        assert page.heading
    assert client_of(None).post(f"/accounts/confirm-email/{key}/").status_code == 404
