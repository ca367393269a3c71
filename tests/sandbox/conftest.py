"""A sandbox with a merchant who listens, and the merchant's adapter to speak with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from palier.apps.gateways.sandbox import SandboxGateway
from tests.sandbox.receiver import Receiver
from tests.sandbox_process import SandboxProcess, sandbox

PARENT = "http://127.0.0.1:8000"


@dataclass
class Merchant:
    """One merchant: the service, its adapter and its webhook address."""

    service: SandboxProcess
    gateway: SandboxGateway
    receiver: Receiver
    visitor: httpx.Client
    """Someone with a browser and without the merchant's key."""

    def fields_url(self, reference: str, locale: str = "en", parent_origin: str = PARENT) -> str:
        return self.gateway.card_fields_url(reference, locale=locale, parent_origin=parent_origin)

    def card(self, reference: str, number: str) -> str:
        self.service.type_card(self.fields_url(reference), number)
        card = self.gateway.card_from_fields(reference)
        assert card
        return card.token

    def charge(self, reference: str, number: str, /, **changes: object) -> httpx.Response:
        token = changes.get("payment_method") or self.card(f"card-{reference}", number)
        wish = {
            "reference": reference,
            "amount_minor": 13080,
            "currency": "EUR",
            "payment_method": token,
            "description": "Team, monthly, 1 user",
            "return_url": f"{PARENT}/orders/ord_1/",
            "on_session": True,
        }
        return self.service.ask("POST", "/v1/charges", {**wish, **changes})


@contextmanager
def merchant_in(folder: Path, **options: Any) -> Iterator[Merchant]:
    """A merchant with a running sandbox of their own."""
    receiver = Receiver()
    with sandbox(folder, webhook_url=receiver.url, **options) as service:
        gateway = SandboxGateway(service.url, service.url, service.secret_key, service.webhook_secret)
        with httpx.Client(base_url=service.url, trust_env=False, verify=False) as visitor:
            yield Merchant(service, gateway, receiver, visitor)
        gateway.close()
    receiver.stop()


@pytest.fixture(scope="session")
def shared_merchant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    with merchant_in(tmp_path_factory.mktemp("sandbox")) as merchant:
        yield merchant


@pytest.fixture
def merchant(shared_merchant: Merchant) -> Merchant:
    """For tests to which other tests' charges do not matter. No fault is on."""
    shared_merchant.service.clear_faults()
    return shared_merchant


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Merchant]:
    """For tests that count events, move the clock or end the process."""
    with merchant_in(tmp_path) as merchant:
        yield merchant


_numbers = count(1)


@pytest.fixture
def new_reference() -> Callable[[], str]:
    """References never used before."""
    return lambda: f"pay_{next(_numbers):013d}"


@pytest.fixture
def reference(new_reference: Callable[[], str]) -> str:
    """One such reference."""
    return new_reference()
