"""POST ``/hooks/sandbox/``: what the payment service tells, believed only when it signed it; stored once."""

import json

import pytest
from django.test import Client

from palier.apps.gateways.models import GatewayEvent
from palier.apps.gateways.sandbox import event_signature
from palier.kit import clock
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess

HOOK = "/hooks/sandbox/"


def signed(body: bytes, *, secret: str, identity: str = "evt_1") -> dict[str, str]:
    sent_at = str(int(clock.now().timestamp()))
    signature = event_signature(secret, identity, sent_at, body)
    return {"webhook-id": identity, "webhook-timestamp": sent_at, "webhook-signature": signature}


def told(client: Client, body: bytes, headers: dict[str, str]) -> int:
    return client.generic("POST", HOOK, body, "application/json", headers=headers).status_code


def event(**more: object) -> bytes:
    return json.dumps({"type": "charge.succeeded", "data": {"reference": "pay_0000000000001"}, **more}).encode()


def test_a_signed_event_is_stored_once(db: None, sandbox: SandboxProcess) -> None:
    body = event()
    headers = signed(body, secret=sandbox.webhook_secret)
    for client in (Client(), Client(enforce_csrf_checks=True)):
        assert told(client, body, headers) == 204, "a machine has no token of a form"
    assert GatewayEvent.objects.get().external_id == "evt_1"


@pytest.mark.parametrize(
    "headers", [{}, {"webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}]
)
def test_a_forgery_changes_nothing(db: None, sandbox: SandboxProcess, headers: dict[str, str]) -> None:
    assert told(Client(), event(), headers) == 400
    assert not GatewayEvent.objects.exists()


def test_a_signature_of_other_bytes_is_a_forgery(db: None, sandbox: SandboxProcess) -> None:
    headers = signed(event(), secret=sandbox.webhook_secret)
    assert told(Client(), event(amount=1), headers) == 400
    assert told(Client(), event(), signed(event(), secret="whsec_b3RoZXI=")) == 400


DEEP = pytest.param(b"[" * 60_000, id="too deep to be read")
LONG = event(data={"reference": "pay_" * 100})


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b"null", b"{}", b'{"type": 1}', event(note="a\0b"), event(note="\ud800"), LONG, DEEP]
)
def test_signed_nonsense_breaks_nothing(db: None, sandbox: SandboxProcess, body: bytes) -> None:
    status = told(Client(raise_request_exception=False), body, signed(body, secret=sandbox.webhook_secret))
    assert status in (204, 400)


def test_a_body_too_large_is_not_read(db: None, sandbox: SandboxProcess) -> None:
    body = b"x" * 70_000
    assert told(Client(), body, signed(body, secret=sandbox.webhook_secret)) in (400, 413)


@pytest.mark.parametrize("length", ["", "many", "-1", "1e9"])
def test_a_length_that_is_no_number_breaks_nothing(db: None, sandbox: SandboxProcess, length: str) -> None:
    client = Client(raise_request_exception=False)
    answer = client.generic("POST", HOOK, event(), "application/json", CONTENT_LENGTH=length)
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("name", ["stripe", "Sandbox", "nobody"])
def test_another_service_is_not_known_here(db: None, sandbox: SandboxProcess, name: str) -> None:
    assert Client().post(f"/hooks/{name}/").status_code == 404


def test_no_member_speaks_for_the_payment_service(scene: Scene, client_of: object) -> None:
    for member in scene.everybody().values():
        assert client_of(member).post(HOOK, {}).status_code == 400  # type: ignore[operator]
