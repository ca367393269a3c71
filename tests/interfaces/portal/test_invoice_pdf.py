"""``/settings/billing/invoices/inv_….pdf``: the document, byte for byte what was handed out."""

from io import BytesIO

from pypdf import PdfReader

from tests.interfaces.conftest import ClientOf
from tests.interfaces.handed_out import assert_only_kept
from tests.interfaces.scenes import Scene


def test_the_document_is_made_once_and_then_kept(scene: Scene, client_of: ClientOf) -> None:
    path = f"/settings/billing/invoices/{scene.invoice.public_id}.pdf"
    first, second = client_of(scene.cast.owner).get(path), client_of(scene.cast.billing_admin, language="fr").get(path)
    assert first.content == second.content
    assert_only_kept(first, kind="application/pdf", name=f"{scene.invoice.number}.pdf")
    text = PdfReader(BytesIO(first.content)).pages[0].extract_text()
    assert scene.invoice.number in text
    assert "654.00" in text
