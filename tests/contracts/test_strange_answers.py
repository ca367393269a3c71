"""A gateway's answer that does not fit where we keep it is no answer: it breaks nothing, and it settles nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from palier.apps.gateways.contract import ActionRequired, GatewayUnreachable, Succeeded, Unknown
from palier.apps.gateways.sandbox import SandboxGateway
from tests.contracts.stages import charge_of

Answering = Callable[[dict[str, Any]], SandboxGateway]
CARD = {
    "reference": "acc_1.payment.1",
    "token": "card_1",
    "brand": "visa",
    "last4": "4242",
    "expiry_month": 12,
    "expiry_year": 2034,
    "fingerprint": "f" * 32,
}
PAID = {
    "reference": "pay_1",
    "id": "ch_1",
    "state": "succeeded",
    "amount_minor": 13080,
    "currency": "EUR",
    "payment_method": "card_1",
}
ASKS = {"reference": "pay_1", "id": "ch_1", "state": "action_required", "action_url": "https://bank.example/3ds?c=1"}


@contextmanager
def _service(body: dict[str, Any]) -> Iterator[str]:
    """A payment service that knows one answer."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def answering() -> Iterator[Answering]:
    """The adapter of a service that gives the answer it is told."""
    services: list[Any] = []

    def start(body: dict[str, Any]) -> SandboxGateway:
        service = _service(body)
        url = service.__enter__()
        adapter = SandboxGateway(url=url, public_url=url, secret_key="sk", webhook_secret="s")
        services.append((service, adapter))
        return adapter

    yield start
    for service, adapter in services:
        adapter.close()
        service.__exit__(None, None, None)


def test_answers_that_fit_are_taken(answering: Answering) -> None:
    assert answering(CARD).card_from_fields("acc_1.payment.1") is not None
    assert isinstance(answering(PAID).charge(charge_of("pay_1", "card_1")), Succeeded)
    assert isinstance(answering(ASKS).find("pay_1"), ActionRequired)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", ""),
        ("token", "x" * 101),
        ("token", None),
        ("brand", "a brand that nobody has ever heard of"),
        ("brand", "vi\x00sa"),
        ("last4", "42424242"),
        ("last4", "424"),
        ("last4", "٤٢٤٢"),
        ("last4", 4242),
        ("expiry_month", 13),
        ("expiry_year", 10**9),
        ("fingerprint", ["f"]),
    ],
)
def test_a_card_that_does_not_fit_is_not_kept(answering: Answering, name: str, value: object) -> None:
    with pytest.raises(GatewayUnreachable):
        answering({**CARD, name: value}).card_from_fields("acc_1.payment.1")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//bank.example", "", "https://", "https://b/" + "x" * 491, 5])
def test_a_bank_page_that_is_no_web_address_is_unknown(answering: Answering, url: object) -> None:
    gateway = answering({**ASKS, "action_url": url})
    assert isinstance(gateway.charge(charge_of("pay_1", "card_1")), Unknown)
    assert isinstance(gateway.find("pay_1"), Unknown)


@pytest.mark.parametrize("identity", ["", "c" * 101, "ch\n1", "ch\x001", 5, None])
@pytest.mark.parametrize("state", ["succeeded", "failed", "canceled", "action_required"])
def test_an_identity_that_does_not_fit_is_unknown(answering: Answering, state: str, identity: object) -> None:
    gateway = answering({**PAID, **ASKS, "reason": "declined", "state": state, "id": identity})
    assert isinstance(gateway.charge(charge_of("pay_1", "card_1")), Unknown)


def test_a_refund_whose_identity_does_not_fit_is_unknown(answering: Answering) -> None:
    gateway = answering({**PAID, "id": "r" * 101})
    assert isinstance(gateway.refund("pay_1", amount_minor=13080, key="k"), Unknown)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"refunds": None},
        {"refunds": 5},
        {"refunds": {"id": "re_1"}},
        {"refunds": [{}]},
        {"refunds": [{**PAID, "amount_minor": "13080"}]},
        {"refunds": [{**PAID, "id": 5}]},
        {"refunds": [{**PAID, "reference": "pay_2"}]},
    ],
)
def test_a_list_of_refunds_that_does_not_fit_is_no_answer(answering: Answering, body: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnreachable):
        answering(body).refunds("pay_1")


@pytest.mark.parametrize("body", [{}, PAID, {"charges": None}, {"charges": {}}, {"charges": 5}])
def test_what_is_no_book_is_not_taken_for_an_empty_one(answering: Answering, body: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnreachable):
        list(answering(body).charges())
