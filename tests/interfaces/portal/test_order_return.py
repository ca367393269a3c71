"""``/orders/ord_…/return/``: back from the bank. What it decided is asked, not read from the address."""

from palier.apps.payments.models import Payment
from palier.kit import clock
from tests import world
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.sandbox_process import SandboxProcess
from tests.world import NEEDS_3DS, Cast


def test_back_from_the_bank_the_page_asks_and_then_knows(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    sandbox.answer_bank(Payment.objects.get().action_url)
    client = client_of(cast.owner)
    answer = client.get(f"/orders/{order.public_id}/return/")
    assert answer.headers["Location"].startswith(f"/orders/{order.public_id}/?back=")
    assert Page(client.get(answer.headers["Location"])).heading == "The bank is thinking"
    world.collected(order, now=clock.now())
    assert Page(client.get(answer.headers["Location"])).heading == "Your account is now on Team"


def test_the_address_decides_nothing(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    client_of(cast.owner).get(f"/orders/{order.public_id}/return/?status=succeeded&amount=0&payment=pay_1")
    world.collected(order, now=clock.now())
    assert Payment.objects.get().state == "action_required"


def test_a_settled_order_is_simply_shown(scene: scenes.Scene, client_of: ClientOf) -> None:
    answer = client_of(scene.cast.owner).get(f"/orders/{scene.order.public_id}/return/", follow=True)
    assert Page(answer).heading == "Your account is now on Team"
