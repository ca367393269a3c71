"""POST ``/orders/ord_…/withdraw/``: giving up a payment that waits for the customer."""

import pytest

from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import NEEDS_3DS, Cast


def test_a_waiting_payment_is_given_up_and_another_card_can_be_tried(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    client = client_of(cast.billing_admin)
    page = Page(client.post(f"/orders/{order.public_id}/withdraw/", follow=True))
    assert page.heading == "Checkout"
    assert page.says("Nothing was taken")
    payment = Payment.objects.get()
    assert payment.state == "failed"
    assert sandbox.captured(payment.public_id) == 0
    assert client.post(f"/orders/{order.public_id}/withdraw/").status_code == 302, "once more changes nothing"


def test_what_the_bank_has_already_taken_is_not_given_up(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    sandbox.answer_bank(Payment.objects.get().action_url)
    page = Page(client_of(cast.owner).post(f"/orders/{order.public_id}/withdraw/", follow=True))
    assert page.heading == "Your account is now on Team"


def test_a_settled_order_stays_settled(scene: Scene, client_of: ClientOf) -> None:
    client_of(scene.cast.owner).post(f"/orders/{scene.order.public_id}/withdraw/")
    assert Order.objects.get(pk=scene.order.pk).state == "settled"


@pytest.mark.parametrize(("who", "status"), [("admin", 403), ("member", 403), ("stranger", 404)])
def test_others_give_nothing_up(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, who: str, status: int
) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    answer = client_of(getattr(cast, who)).post(f"/orders/{order.public_id}/withdraw/")
    assert answer.status_code == status
    assert Payment.objects.get().state == "action_required"
