"""``/pay/<token>/status/``: what the page of the link asks while it waits."""

from palier.apps.payments.models import Payment
from palier.flows import collect, confirm
from palier.kit import clock
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.sandbox_process import SandboxProcess
from tests.world import LATER_ASKS, Cast


def test_the_page_is_loaded_again_once_it_no_longer_tells_the_truth(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    scenes.owed(sandbox, cast.owner, LATER_ASKS)
    payment = Payment.objects.latest("id")
    client, path = client_of(None), f"/pay/{confirm.token_of(payment)}/status/"
    assert client.get(path, {"seen": "waiting"}).status_code == 204
    assert client.get(path, {"seen": "nonsense"}).headers["HX-Refresh"] == "true"
    sandbox.answer_bank(payment.action_url)
    collect.payment(payment.id, now=clock.now())
    assert client.get(path, {"seen": "waiting"}).headers["HX-Refresh"] == "true"
    assert client.get(path, {"seen": "done"}).status_code == 204


def test_a_forged_link_says_nothing(client_of: ClientOf, db: None) -> None:
    assert client_of(None).get("/pay/forged/status/").status_code == 404
