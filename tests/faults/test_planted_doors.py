"""Planted bugs of the ways in: events of the gateway, and addresses that name what belongs to somebody."""

import json
from contextlib import suppress
from datetime import datetime

import pytest

from palier.apps.gateways.contract import ForgedEvent
from palier.apps.gateways.models import GatewayEvent
from palier.apps.gateways.sandbox import event_signature
from palier.apps.payments.models import Payment
from palier.flows import receive
from palier.kit import clock
from tests import world
from tests.faults.planted.trials import Scenario, Stand, assert_caught
from tests.faults.scenes import an_owner
from tests.faults.theatre import Theatre
from tests.flows.test_webhooks import deliver, events_of
from tests.interfaces import scenes, test_every_url
from tests.interfaces.conftest import ClientOf, client_of
from tests.sandbox_process import SandboxProcess

__all__ = ["client_of"]


def unanswered(stand: Stand, at: datetime) -> Payment:
    """The money was taken and the answer lost: the gateway's event tells."""
    accepted = world.placed(stand.sandbox, world.quoted(an_owner(), now=at), now=at)
    stand.sandbox.fault("timeout_after_capture")
    return world.collected(accepted, now=at)


def handled(payment: Payment, at: datetime) -> None:
    """What the worker does with the events that have come about a payment."""
    for stored in GatewayEvent.objects.filter(reference=payment.public_id, handled_at=None).order_by("id"):
        receive.handled(stored.id, now=at)


def told_three_times(stand: Stand) -> list[str]:
    """The gateway sends its event until it is sure that it was heard."""
    at = clock.now()
    payment = unanswered(stand, at)
    (told,) = events_of(stand.sandbox, payment)
    for _ in range(3):
        deliver(stand.sandbox, told)
    handled(payment, at)
    return stand.findings(payment.account, quiet_at=at)


def told_backwards(stand: Stand) -> list[str]:
    """The customer has confirmed at their bank, and the news of that overtakes the news that they shall."""
    at = clock.now()
    accepted = world.placed(stand.sandbox, world.quoted(an_owner(), now=at), world.NEEDS_3DS, now=at)
    payment = world.collected(accepted, now=at)
    stand.sandbox.answer_bank(payment.action_url)
    for told in reversed(events_of(stand.sandbox, payment)):
        deliver(stand.sandbox, told)
        handled(payment, at)
    return stand.findings(accepted.account, quiet_at=at)


def told_in_other_words(stand: Stand) -> list[str]:
    """Bytes that mean what the gateway has signed, and are not those: a name in them comes twice."""
    at = clock.now()
    payment = unanswered(stand, at)
    (told,) = events_of(stand.sandbox, payment)
    body, sent_at = json.dumps(told["body"]), str(int(at.timestamp()))
    signature = event_signature(stand.sandbox.webhook_secret, told["id"], sent_at, body.encode())
    headers = {"Webhook-Id": told["id"], "Webhook-Timestamp": sent_at, "Webhook-Signature": signature}
    first = next(iter(told["body"]))
    other = f'{{"{first}": "something else", {body[1:]}'
    assert json.loads(other) == told["body"]
    with suppress(ForgedEvent):
        receive.event(headers, other.encode(), now=at)
    return [
        f"test_webhooks a forged event was stored: {stored.external_id}"
        for stored in GatewayEvent.objects.filter(reference=payment.public_id)
    ]


OF_AN_ADDRESS = "tenant_filter_missing_on_one_route"

SCENARIOS: dict[str, Scenario] = {
    "webhook_not_deduplicated": told_three_times,
    "webhook_order_trusted": told_backwards,
    "signature_compared_after_parsing": told_in_other_words,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_planted_bug_of_the_gateways_door_is_caught_by_its_named_check(
    name: str, stage: Theatre, sandbox: SandboxProcess
) -> None:
    assert_caught(name, SCENARIOS[name], stage, sandbox)


def test_a_planted_bug_of_an_address_is_caught_by_the_test_of_every_address(
    client_of: ClientOf, stage: Theatre, sandbox: SandboxProcess
) -> None:
    scene = scenes.paying(world.cast(), sandbox)
    (address,) = (each for each in test_every_url.NAMING if each.name == "invoice")

    def a_stranger_knocks(stand: Stand) -> list[str]:
        question = test_every_url.test_what_belongs_to_another_account_is_not_found_like_what_does_not_exist
        try:
            question(scene, client_of, address, "en")
        except AssertionError:
            return [f"test_every_url {question.__name__}"]
        return []

    assert_caught(OF_AN_ADDRESS, a_stranger_knocks, stage, sandbox)
