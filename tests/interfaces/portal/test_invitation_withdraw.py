"""POST ``/settings/members/invitations/ivt_…/withdraw/``: taking an invitation back."""

import pytest
from django.test import Client

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene


def path_of(scene: Scene) -> str:
    return f"/settings/members/invitations/{scene.invitation.public_id}/withdraw/"


@pytest.mark.parametrize(("who", "language"), [("owner", "en"), ("admin", "fr")])
def test_the_link_leads_nowhere_from_then_on(scene: Scene, client_of: ClientOf, who: str, language: str) -> None:
    client = client_of(getattr(scene.cast, who), language=language)
    page = Page(client.post(path_of(scene), follow=True))
    assert page.language == language
    (said,) = page.all("div", role="status")
    assert "newcomer@lumiere.example" in "".join(said.itertext())
    assert Client().get(f"/invitations/{scene.token}/").status_code == 409


@pytest.mark.parametrize("who", ["billing_admin", "member", "stranger"])
def test_others_take_nothing_back(scene: Scene, client_of: ClientOf, who: str) -> None:
    client_of(getattr(scene.cast, who)).post(path_of(scene))
    assert Client().get(f"/invitations/{scene.token}/").status_code == 200
