"""``/settings/billing/invoices/inv_…/status/``: what the invoice's page asks while it waits."""

import pytest

from palier.flows import dun
from palier.kit import clock
from tests import unpaid
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, GOOD, NEEDS_3DS, Cast


@pytest.mark.parametrize(("number", "ending"), [(GOOD, "done"), (DECLINED, "owed"), (NEEDS_3DS, "waiting")])
def test_the_page_is_loaded_again_once_it_no_longer_tells_the_truth(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, number: str, ending: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    unpaid.typed_for(sandbox, invoice, cast.owner, number)
    dun.pay(invoice, cast.owner, "new", now=clock.now())
    client, path = client_of(cast.owner), f"/settings/billing/invoices/{invoice.public_id}/status/"
    still = client.get(path, {"seen": "thinking"})
    assert (still.status_code, still.content) == (204, b"")
    unpaid.collected(now=clock.now())
    assert client.get(path, {"seen": "thinking"}).headers["HX-Refresh"] == "true"
    assert client.get(path, {"seen": ending}).status_code == 204


def test_a_page_that_does_not_say_what_it_shows_is_loaded_again(scene: Scene, client_of: ClientOf) -> None:
    path = f"/settings/billing/invoices/{scene.invoice.public_id}/status/"
    for seen in ("", "nonsense", "DONE"):
        assert client_of(scene.cast.owner).get(path, {"seen": seen}).headers["HX-Refresh"] == "true"
