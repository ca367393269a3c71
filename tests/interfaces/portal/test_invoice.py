"""``/settings/billing/invoices/inv_…/``: one invoice, in the language that it was issued in."""

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.world import GERMAN


def test_it_shows_both_parties_the_lines_and_the_tax(scene: Scene, client_of: ClientOf) -> None:
    for language in ("en", "fr"):
        page = Page(client_of(scene.cast.billing_admin, language=language).get(path_of(scene)))
        for words in (scene.invoice.number, "Talentea SAS", "FR44732829320", "Cabinet Lumière", "PO-7", "€654.00"):
            assert page.says(words), words
        assert page.one("div", class_="invoice-sheet").get("lang") == scene.invoice.language == "en"
        assert {"en": "Download the invoice", "fr": "Télécharger la facture"}[language] in page.buttons


def test_it_keeps_the_buyer_of_its_day(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    before = sheet(Page(client.get(path_of(scene))))
    client.post("/settings/billing/details/", GERMAN)
    assert sheet(Page(client.get(path_of(scene)))) == before


def sheet(page: Page) -> str:
    return "".join(page.one("div", class_="invoice-sheet").itertext())


def path_of(scene: Scene) -> str:
    return f"/settings/billing/invoices/{scene.invoice.public_id}/"
