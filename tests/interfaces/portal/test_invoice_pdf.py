"""``/settings/billing/invoices/inv_….pdf``: the document, byte for byte what was handed out."""

from io import BytesIO

from pypdf import PdfReader

from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene


def test_the_document_is_made_once_and_then_kept(scene: Scene, client_of: ClientOf) -> None:
    path = f"/settings/billing/invoices/{scene.invoice.public_id}.pdf"
    first, second = client_of(scene.cast.owner).get(path), client_of(scene.cast.billing_admin, language="fr").get(path)
    assert first.content == second.content
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.headers["Content-Disposition"] == f'attachment; filename="{scene.invoice.number}.pdf"'
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    text = PdfReader(BytesIO(first.content)).pages[0].extract_text()
    assert scene.invoice.number in text
    assert "654.00" in text
