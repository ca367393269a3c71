"""``/settings/``: the entry to everything that an account can set."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.world import Cast


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everybody_finds_the_way(cast: Cast, client_of: ClientOf, language: str) -> None:
    for member in (cast.owner, cast.billing_admin, cast.admin, cast.member, cast.stranger):
        page = Page(client_of(member, language=language).get("/settings/"))
        assert page.heading == {"en": "Admin settings", "fr": "Paramètres d'administration"}[language]
        assert page.says({"en": "Plans & billing", "fr": "Plans et facturation"}[language])
        assert page.says(member.account.name)
        for place in ("", "plans/", "payment-method/", "invoices/", "details/"):
            assert f"/settings/billing/{place}" in page.links


def test_a_paying_account_is_not_asked_to_upgrade(scene: Scene, client_of: ClientOf) -> None:
    assert not Page(client_of(scene.cast.owner).get("/settings/")).says("Upgrade your account")
