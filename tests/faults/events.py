"""The gateway's events as they arrive at our door: signed at the instant of each delivery."""

import json
from datetime import datetime
from typing import Any

from palier.apps.gateways.sandbox import event_signature
from palier.flows import receive
from tests.sandbox_process import SandboxProcess


def signed(secret: str, identity: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """The headers of an event that is sent at an instant."""
    sent_at = str(int(at.timestamp()))
    signature = event_signature(secret, identity, sent_at, body)
    return {"Webhook-Id": identity, "Webhook-Timestamp": sent_at, "Webhook-Signature": signature}


def deliver(sandbox: SandboxProcess, told: dict[str, Any], *, at: datetime) -> None:
    """An event of the service's book is sent, whether it was before or not."""
    body = json.dumps(told["body"]).encode()
    receive.event(signed(sandbox.webhook_secret, told["id"], body, at=at), body, now=at)
