"""``/settings/billing/invoices/inv_…/``: one invoice, in the language that it was issued in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.flows import renew
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


WHY = {
    "en": "The price of Team is €109.00 per user and month.",
    "fr": "Le prix du plan Team est de 109,00 € par utilisateur et par mois.",
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("renewed", [False, True])
def test_each_line_explains_itself(scene: Scene, client_of: ClientOf, language: str, renewed: bool) -> None:
    """As at the checkout; also what no order stands behind. The chat is told which line stands open."""
    invoice = scene.invoice
    if renewed:
        for row in Due.objects.filter(account_id=scene.account.pk, kind="renewal"):
            renew.due(row, now=row.due_at)
        invoice = Invoice.objects.latest("id")
        assert invoice.pk != scene.invoice.pk
    client = client_of(scene.cast.owner, language=language)
    with CaptureQueriesContext(connection) as captured:
        page = Page(client.get(f"/settings/billing/invoices/{invoice.public_id}/"))
    assert len(captured) <= 8
    explained = page.one("details", **{"data-line": "1"})
    assert WHY[language] in " ".join("".join(explained.itertext()).split())


def sheet(page: Page) -> str:
    return "".join(page.one("div", class_="invoice-sheet").itertext())


def path_of(scene: Scene) -> str:
    return f"/settings/billing/invoices/{scene.invoice.public_id}/"
