"""``/orders/ord_…/status/``: what the order's page asks while it waits."""

import pytest

from palier.kit import clock
from tests import world
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, GOOD, NEEDS_3DS, Cast


@pytest.mark.parametrize(("number", "ending"), [(GOOD, "done"), (DECLINED, "declined"), (NEEDS_3DS, "waiting")])
def test_the_page_is_loaded_again_once_it_no_longer_tells_the_truth(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, number: str, ending: str
) -> None:
    order = scenes.ordered(sandbox, scenes.quoted(cast.owner), number)
    client, path = client_of(cast.owner), f"/orders/{order.public_id}/status/"
    still = client.get(path, {"seen": "thinking"})
    assert (still.status_code, still.content) == (204, b"")
    world.collected(order, now=clock.now())
    assert client.get(path, {"seen": "thinking"}).headers["HX-Refresh"] == "true"
    assert client.get(path, {"seen": ending}).status_code == 204


def test_a_page_that_does_not_say_what_it_shows_is_loaded_again(scene: Scene, client_of: ClientOf) -> None:
    path = f"/orders/{scene.order.public_id}/status/"
    for seen in ("", "nonsense", "DONE"):
        assert client_of(scene.cast.owner).get(path, {"seen": seen}).headers["HX-Refresh"] == "true"
