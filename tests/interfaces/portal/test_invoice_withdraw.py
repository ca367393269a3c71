"""POST ``/settings/billing/invoices/inv_…/withdraw/``: another card in place of a payment that waits for the bank."""

import pytest

from palier.apps.payments.models import Payment
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import LATER_ASKS, Cast


def test_a_waiting_payment_gives_way_to_another_card(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    invoice = scenes.owed(sandbox, cast.owner, LATER_ASKS)
    client, path = client_of(cast.billing_admin), f"/settings/billing/invoices/{invoice.public_id}/"
    assert "Pay with another card instead" in Page(client.get(path)).buttons
    page = Page(client.post(f"{path}withdraw/", follow=True))
    assert "Pay now" in page.buttons
    payment = Payment.objects.latest("id")
    assert (payment.state, sandbox.captured(payment.public_id)) == ("failed", 0)
    assert client.post(f"{path}withdraw/").status_code == 302, "once more changes nothing"


def test_what_the_bank_has_already_taken_is_not_given_up(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    invoice = scenes.owed(sandbox, cast.owner, LATER_ASKS)
    sandbox.answer_bank(Payment.objects.latest("id").action_url)
    path = f"/settings/billing/invoices/{invoice.public_id}/"
    assert Page(client_of(cast.owner).post(f"{path}withdraw/", follow=True)).says("Paid")


def test_while_the_payment_service_is_away_nothing_changes(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    invoice = scenes.owed(sandbox, cast.owner, LATER_ASKS)
    sandbox.fault("down", times=None)
    path = f"/settings/billing/invoices/{invoice.public_id}/withdraw/"
    assert Page(client_of(cast.owner).post(path, follow=True)).says("The payment service does not answer")
    assert Payment.objects.latest("id").state == "action_required"


def test_a_paid_invoice_stays_paid(scene: Scene, client_of: ClientOf) -> None:
    client_of(scene.cast.owner).post(f"/settings/billing/invoices/{scene.invoice.public_id}/withdraw/")
    scene.invoice.refresh_from_db()
    assert scene.invoice.state == "paid"


@pytest.mark.parametrize(("who", "status"), [("admin", 403), ("member", 403), ("stranger", 404)])
def test_others_give_nothing_up(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, who: str, status: int
) -> None:
    invoice = scenes.owed(sandbox, cast.owner, LATER_ASKS)
    path = f"/settings/billing/invoices/{invoice.public_id}/withdraw/"
    assert client_of(getattr(cast, who)).post(path).status_code == status
    assert Payment.objects.latest("id").state == "action_required"
