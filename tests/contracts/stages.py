"""Where a gateway is put to the test: the adapter, the service behind it, and the strings to pull on that service.

A new gateway joins the suite by bringing a stage.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from palier.apps.gateways.contract import Charge, Gateway
from palier.apps.gateways.sandbox import SandboxGateway
from tests.sandbox_process import SandboxProcess

PARENT = "http://127.0.0.1:8000"

SANDBOX_CARDS = {
    "good": "4242 4242 4242 4242",
    "mastercard": "5555 5555 5555 4444",
    "amex": "3782 822463 10005",
    "declined": "4000 0000 0000 0002",
    "insufficient_funds": "4000 0000 0000 9995",
    "lost_card": "4000 0000 0000 9987",
    "stolen_card": "4000 0000 0000 9979",
    "expired_card": "4000 0000 0000 0069",
    "incorrect_cvc": "4000 0000 0000 0127",
    "processing_error": "4000 0000 0000 0119",
    "asks": "4000 0027 6000 3184",
    "asks_once": "4000 0025 0000 3155",
    "asks_then_fails": "4000 0084 0000 1629",
    "asks_then_declines": "4000 0082 6000 3178",
    "asks_in_vain": "4000 0000 0000 3063",
    "slow": "4000 0000 0000 6603",
}


class Stage(Protocol):
    """What the suite needs of a service."""

    @property
    def gateway(self) -> Gateway:
        """The adapter."""
        ...

    @property
    def impatient(self) -> Gateway:
        """The same with a time-out of half a second."""
        ...

    def apart(self) -> AbstractContextManager[Gateway]:
        """The adapter with connections of its own, for faults that spoil a connection."""
        ...

    def card(self, kind: str) -> str:
        """The token of a newly saved card that behaves as ``kind`` says."""
        ...

    def captured(self, reference: str) -> int:
        """How often money was really taken under a reference, by the service's own book."""
        ...

    def refunded_minor(self, reference: str) -> int:
        """How much was really given back."""
        ...

    def fault(self, kind: str, **parameters: Any) -> None:
        """Switch a fault on."""
        ...

    def clear_faults(self) -> None:
        """Switch all faults off."""
        ...

    def all_faults_met(self) -> bool:
        """Whether each fault that was switched on has met the request that it was meant for."""
        ...

    def has_read(self, reference: str) -> bool:
        """Whether a charge under this reference has arrived, whatever became of it."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the service's clock."""
        ...

    def bank(self, url: str, answer: str) -> None:
        """Answer on the bank's page: "confirm" or "refuse"."""
        ...

    def sign(self, event_id: str, sent_at: int, body: bytes) -> dict[str, str]:
        """The headers that the service sends with an event."""
        ...


@dataclass
class SandboxStage:
    """The sandbox as a real process."""

    service: SandboxProcess
    sign_with: Callable[[str, str, str, bytes], str]
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.gateway = self._adapter(timeout_seconds=10)
        self.impatient = self._adapter(timeout_seconds=0.5)

    def _adapter(self, timeout_seconds: float) -> SandboxGateway:
        return SandboxGateway(
            url=self.service.url,
            public_url=self.service.url,
            secret_key=self.service.secret_key,
            webhook_secret=self.service.webhook_secret,
            timeout_seconds=timeout_seconds,
        )

    @contextmanager
    def apart(self) -> Iterator[Gateway]:
        adapter = self._adapter(timeout_seconds=10)
        yield adapter
        adapter.close()

    def close(self) -> None:
        self.gateway.close()
        self.impatient.close()

    def card(self, kind: str) -> str:
        reference = f"quo_{next(self._numbers)}"
        address = self.gateway.card_fields_url(reference, locale="en", parent_origin=PARENT)
        answer = self.service.type_card(address, SANDBOX_CARDS[kind])
        assert answer.status_code == 303, answer.text
        card = self.gateway.card_from_fields(reference)
        assert card
        return card.token

    def captured(self, reference: str) -> int:
        return self.service.captured(reference)

    def refunded_minor(self, reference: str) -> int:
        refunds = self.service.book()["refunds"]
        return sum(row["amount_minor"] for row in refunds if row["reference"] == reference)

    def fault(self, kind: str, **parameters: Any) -> None:
        self.service.fault(kind, **parameters)

    def clear_faults(self) -> None:
        self.service.clear_faults()

    def all_faults_met(self) -> bool:
        return not self.service.ask("GET", "/v1/faults").json()["on"]

    def has_read(self, reference: str) -> bool:
        return any(charge["reference"] == reference for charge in self.service.book()["charges"])

    def advance(self, seconds: float) -> None:
        self.service.advance(seconds)

    def bank(self, url: str, answer: str) -> None:
        assert self.service.answer_bank(url, answer).status_code in (200, 303)

    def sign(self, event_id: str, sent_at: int, body: bytes) -> dict[str, str]:
        signature = self.sign_with(self.service.webhook_secret, event_id, str(sent_at), body)
        return {"Webhook-Id": event_id, "Webhook-Timestamp": str(sent_at), "Webhook-Signature": signature}


def charge_of(reference: str, token: str, amount_minor: int = 13080, currency: str = "EUR") -> Charge:
    """A wish to charge, made by a customer in front of the screen."""
    return Charge(
        reference=reference,
        amount_minor=amount_minor,
        currency=currency,
        token=token,
        description="Team, monthly, 1 user",
        return_url=f"{PARENT}/orders/ord_1/",
        on_session=True,
    )
