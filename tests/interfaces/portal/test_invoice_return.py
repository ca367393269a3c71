"""``/settings/billing/invoices/inv_…/return/``: back from the bank. What it decided is asked, not read."""

from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.payments.models import Payment
from palier.flows import collect, dun
from palier.kit import clock
from tests import unpaid
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import NEEDS_3DS, Cast


def test_back_from_the_bank_the_page_asks_and_then_knows(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    unpaid.typed_for(sandbox, invoice, cast.owner, NEEDS_3DS)
    payment = dun.pay(invoice, cast.owner, "new", now=clock.now())
    unpaid.collected(now=clock.now())
    sandbox.answer_bank(Payment.objects.get(pk=payment.pk).action_url)
    client, path = client_of(cast.owner), f"/settings/billing/invoices/{invoice.public_id}/"
    answer = client.get(f"{path}return/?status=failed&payment=pay_1")
    assert answer.headers["Location"].startswith(f"{path}?back=")
    asked = ProcrastinateJob.objects.filter(task_name="collect_payment").latest("id")
    assert asked.args == {"payment_id": payment.id}
    assert Page(client.get(answer.headers["Location"])).says("The bank is thinking")
    collect.payment(payment.id, now=clock.now())
    assert Page(client.get(answer.headers["Location"])).says("Paid")


def test_a_paid_invoice_is_simply_shown(scene: Scene, client_of: ClientOf) -> None:
    path = f"/settings/billing/invoices/{scene.invoice.public_id}/"
    assert Page(client_of(scene.cast.owner).get(f"{path}return/", follow=True)).says(scene.invoice.number)
