"""``/settings/billing/invoices/``: every invoice, the newest first."""

import pytest

from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.world import Cast

INVOICES = "/settings/billing/invoices/"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_without_invoices_the_page_says_what_will_be_here(cast: Cast, client_of: ClientOf, language: str) -> None:
    page = Page(client_of(cast.owner, language=language).get(INVOICES))
    assert page.heading == {"en": "Invoices", "fr": "Factures"}[language]
    assert page.says({"en": "No invoice yet", "fr": "Aucune facture pour l'instant"}[language])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_newest_stands_first_with_its_document(scene: Scene, client_of: ClientOf, language: str) -> None:
    newest = scenes.bought(scene.sandbox, scene.cast.owner, 6).invoice
    assert newest is not None
    page = Page(client_of(scene.cast.billing_admin, language=language).get(INVOICES))
    numbers = ["".join(row.itertext()).strip() for row in page.all("th", scope="row")]
    assert [number[:12] for number in numbers] == [newest.number, scene.invoice.number]
    assert page.says({"en": "€654.00", "fr": "654,00 €"}[language])
    assert f"{INVOICES}{newest.public_id}.pdf" in page.links


def test_another_account_sees_none_of_them(scene: Scene, client_of: ClientOf) -> None:
    page = Page(client_of(scene.cast.stranger).get(INVOICES))
    assert page.says("No invoice yet")
    assert scene.invoice.number not in page.html


@pytest.mark.parametrize("number", ["0", "-1", "9" * 50, "last", "1.5", "", "\0"])
def test_a_page_that_there_is_not_is_the_nearest(scene: Scene, client_of: ClientOf, number: str) -> None:
    assert Page(client_of(scene.cast.owner).get(INVOICES, {"page": number})).says(scene.invoice.number)
