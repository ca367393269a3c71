"""Telling the merchant: events are written with the change that they report, then sent, signed and repeated.

The signature is the Standard Webhooks scheme. Its time is the machine's own, not the service's travelled clock, because
the receiver compares it with its own clock.
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
from typing import Final

import httpx

from palier_sandbox.book import Book, Row
from palier_sandbox.clock import Clock, iso
from palier_sandbox.settings import Settings

RETRY_DELAYS_SECONDS: Final = (1, 5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
FINAL_KINDS: Final = ("charge.succeeded", "charge.failed", "charge.canceled")
REVERSED_GAP_SECONDS: Final = 0.3
TIMEOUT_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)


class Events:
    """The outbox and the thread that empties it."""

    def __init__(self, book: Book, clock: Clock, settings: Settings) -> None:
        self._book = book
        self._clock = clock
        self._url = settings.webhook_url
        self._secret = settings.webhook_secret
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
        self._sending = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._deliver_for_ever, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send, starting with what an earlier process left."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the delivery in hand and end."""
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout=TIMEOUT_SECONDS + 1)
        self._client.close()

    def wake(self) -> None:
        """Look at the outbox now: something was written, or the clock has moved."""
        self._wake.set()

    def emit(self, charge: Row, kind: str, data: Row) -> None:
        """Write one event in the caller's transaction, as the charge's fault (if any) wants it sent."""
        now = self._clock.now()
        fault = json.loads(charge["webhooks"])
        mode = fault.get("mode", "")
        state = {"webhooks_never": "withheld", "webhooks_reversed": "held"}.get(mode, "waiting")
        body = {"type": kind, "timestamp": iso(now), "data": data}
        self._book.add(
            "events",
            {
                "id": f"evt_{secrets.token_hex(12)}",
                "charge": charge["id"],
                "kind": kind,
                "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
                "state": state if self._url else "withheld",
                "copies": 2 if mode in ("webhooks_doubled", "answer_twice") else 1,
                "due_at": now + (float(fault.get("seconds", 5)) if mode == "webhooks_late" else 0),
                "created_at": now,
            },
        )
        if state == "held" and kind in FINAL_KINDS:
            self._release_backwards(charge["id"], now)

    def deliver_now(self, charge_id: str) -> None:
        """Send the waiting events of one charge before this returns."""
        for event in self._book.all("select * from events where charge = ? and state = 'waiting'", charge_id):
            self._send(event)

    def _release_backwards(self, charge_id: str, now: float) -> None:
        held = self._book.all(
            "select number from events where charge = ? and state = 'held' order by number desc", charge_id
        )
        for place, event in enumerate(held):
            due_at = now + place * REVERSED_GAP_SECONDS
            self._book.run("update events set state = 'waiting', due_at = ? where number = ?", due_at, event["number"])

    def _deliver_for_ever(self) -> None:
        while not self._stopped:
            self._wake.clear()
            event = self._book.one("select * from events where state = 'waiting' order by due_at, number limit 1")
            wait = event["due_at"] - self._clock.now() if event else None
            if event and wait is not None and wait <= 0:
                self._send(event)
            else:
                self._wake.wait(wait)

    def _send(self, event: Row) -> None:
        with self._sending:  # the outbox thread and a request that sends before its answer never send one event at once
            if not self._book.one("select 1 from events where number = ? and state = 'waiting'", event["number"]):
                return
            sent_at = self._clock.now()
            answers = [self._post(event) for _ in range(event["copies"])]
            delivered = any(200 <= status < 300 for status, _ in answers)
            self._note(event, sent_at=sent_at, delivered=delivered, answer=answers[-1][1])

    def _post(self, event: Row) -> tuple[int, str]:
        body = event["body"].encode()
        sent_at = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "webhook-id": event["id"],
            "webhook-timestamp": sent_at,
            "webhook-signature": signature(self._secret, event["id"], sent_at, body),
        }
        try:
            response = self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return 0, type(error).__name__
        return response.status_code, str(response.status_code)

    def _note(self, event: Row, *, sent_at: float, delivered: bool, answer: str) -> None:
        """The delay counts from the sending: a clock that travels while the merchant answers takes the event along."""
        tries = event["tries"] + 1
        if delivered:
            state, due_at = "delivered", event["due_at"]
        elif tries > len(RETRY_DELAYS_SECONDS):
            state, due_at = "given_up", event["due_at"]
        else:
            state, due_at = "waiting", sent_at + RETRY_DELAYS_SECONDS[tries - 1]
        if not delivered:
            logger.warning("event %s not delivered (%s), try %d", event["id"], answer, tries)
        self._book.run(
            "update events set state = ?, due_at = ?, tries = ?, answer = ?, delivered_at = ? where number = ?",
            state,
            due_at,
            tries,
            answer,
            sent_at if delivered else None,
            event["number"],
        )


def signature(secret: str, event_id: str, sent_at: str, body: bytes) -> str:
    """``v1,`` and the base64 HMAC-SHA256 of id, time and body; ``secret`` is ``whsec_`` and base64, or plain text."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(key, f"{event_id}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
