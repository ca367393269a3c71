"""``/pay/<token>/return/``: the bank sends the person of the link back here; what it decided is asked."""

from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.payments.models import Payment
from palier.flows import confirm
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.sandbox_process import SandboxProcess
from tests.world import LATER_ASKS, Cast


def test_it_asks_and_goes_on_to_the_page(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    scenes.owed(sandbox, cast.owner, LATER_ASKS)
    payment = Payment.objects.latest("id")
    path = f"/pay/{confirm.token_of(payment)}/"
    answer = client_of(None).get(f"{path}return/?status=succeeded")
    assert answer.headers["Location"].startswith(f"{path}?back=")
    asked = ProcrastinateJob.objects.filter(task_name="collect_payment").latest("id")
    assert asked.args == {"payment_id": payment.id}
    payment.refresh_from_db()
    assert payment.state == "action_required", "the address decides nothing"


def test_it_is_where_the_bank_was_told_to_send_people(cast: Cast, sandbox: SandboxProcess) -> None:
    scenes.owed(sandbox, cast.owner, LATER_ASKS)
    payment = Payment.objects.latest("id")
    (charge,) = [row for row in sandbox.book()["charges"] if row["reference"] == payment.public_id]
    assert charge.get("return_url", "").endswith(f"/pay/{confirm.token_of(payment)}/return/")


def test_a_forged_link_asks_nothing(client_of: ClientOf, db: None) -> None:
    assert client_of(None).get("/pay/forged/return/").status_code == 404
