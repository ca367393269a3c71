"""The merchant's API on the wire: keys, refusals, the clock and the switches of faults."""

import socket
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import PARENT, Merchant

GOOD = "4242 4242 4242 4242"


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer wrong", "Basic c2s6", "Bearer é"])
def test_without_the_right_key_nothing_is_told(merchant: Merchant, key: str) -> None:
    for method, path in (("GET", "/v1/book"), ("POST", "/v1/charges"), ("POST", "/v1/faults"), ("GET", "/v1/fields/x")):
        answer = merchant.visitor.request(method, path, headers={b"Authorization": key.encode()})
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount_minor", 0),
        ("amount_minor", -1),
        ("amount_minor", 1.5),
        ("amount_minor", "100"),
        ("amount_minor", True),
        ("amount_minor", 10**13),
        ("amount_minor", None),
        ("currency", "eur"),
        ("currency", "EURO"),
        ("currency", ""),
        ("payment_method", "card_unknown"),
        ("payment_method", "'; drop table cards --"),
        ("reference", ""),
        ("reference", "x" * 81),
        ("reference", "a b"),
        ("reference", "a\n"),
        ("return_url", "javascript:alert(1)"),
        ("return_url", "http://x; script-src *"),
        ("return_url", "//x"),
        ("on_session", 1),
        ("description", "x" * 501),
        ("extra", 1),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_before_anything_is_charged(
    merchant: Merchant, reference: str, name: str, value: object
) -> None:
    answer = merchant.charge(reference, GOOD, **{name: value})

    assert answer.status_code == 422
    assert answer.json()["error"]["code"]
    assert merchant.gateway.find(reference) is None


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b'"x"'])
def test_a_body_that_is_not_an_object_is_refused(merchant: Merchant, body: bytes) -> None:
    answer = merchant.visitor.post(
        "/v1/charges", content=body, headers={"Authorization": f"Bearer {merchant.service.secret_key}"}
    )
    assert answer.status_code == 400


def test_the_same_wish_is_answered_again_and_another_one_under_its_reference_is_refused(
    merchant: Merchant, reference: str
) -> None:
    wish: dict[str, Any] = {
        "reference": reference,
        "amount_minor": 100,
        "currency": "EUR",
        "payment_method": merchant.card(reference, GOOD),
        "description": "",
        "return_url": f"{PARENT}/",
        "on_session": True,
    }
    first = merchant.service.ask("POST", "/v1/charges", wish)
    again = merchant.service.ask("POST", "/v1/charges", wish)
    assert (again.status_code, again.json()) == (200, first.json())

    for change in ({"amount_minor": 101}, {"currency": "USD"}, {"on_session": False}, {"description": "x"}):
        other = merchant.service.ask("POST", "/v1/charges", {**wish, **change})
        assert (other.status_code, other.json()["error"]["code"]) == (409, "other_parameters")
    assert merchant.service.captured(reference) == 1


def test_a_detached_card_cannot_be_charged(merchant: Merchant, reference: str) -> None:
    token = merchant.card(reference, GOOD)
    assert merchant.service.ask("GET", f"/v1/payment_methods/{token}").json()["last4"] == "4242"
    merchant.service.ask("DELETE", f"/v1/payment_methods/{token}")

    assert merchant.service.ask("GET", f"/v1/payment_methods/{token}").status_code == 404
    assert merchant.gateway.card_from_fields(reference) is None
    assert merchant.charge(f"{reference}-2", GOOD, payment_method=token).status_code == 422


def test_the_clock_can_be_set_and_moved_and_goes_on(alone: Merchant) -> None:
    at = datetime(2031, 2, 28, 23, 59, tzinfo=UTC)
    began = time.monotonic()
    alone.service.ask("POST", "/v1/clock", {"set": at.isoformat()})
    now = datetime.fromisoformat(alone.service.ask("GET", "/v1/clock").json()["now"])
    assert timedelta(0) <= now - at <= timedelta(seconds=time.monotonic() - began + 1)

    later = alone.service.ask("POST", "/v1/clock", {"advance_seconds": 3600}).json()["now"]
    assert datetime.fromisoformat(later) - now >= timedelta(hours=1)


def test_a_card_expires_by_the_clock_of_the_service(alone: Merchant) -> None:
    token = alone.card("quo_1", GOOD)  # valid until the end of 2034
    alone.service.ask("POST", "/v1/clock", {"set": "2035-01-01T00:00:00+00:00"})
    answer = alone.charge("pay_1", GOOD, payment_method=token)
    assert (answer.json()["state"], answer.json()["reason"]) == ("failed", "expired_card")


@pytest.mark.parametrize(
    "body",
    [{}, {"set": "tomorrow"}, {"set": "2030-01-01T00:00:00"}, {"advance_seconds": "x"}, {"advance_seconds": 1e30}],
)
def test_the_clock_refuses_what_no_calendar_has(merchant: Merchant, body: dict[str, Any]) -> None:
    assert merchant.service.ask("POST", "/v1/clock", body).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "lie"},
        {"kind": "lie", "parameters": {"field": "customer"}},
        {"kind": "down", "times": 0},
        {"kind": "down", "times": "x"},
        {"kind": "slow", "parameters": {"seconds": -1}},
        {"kind": "slow", "parameters": {"seconds": "x"}},
        {"kind": "slow", "parameters": {"second": 1}},
        {"kind": "slow", "parameters": {"operation": "sing"}},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_by_name(merchant: Merchant, body: dict[str, Any]) -> None:
    assert merchant.service.ask("POST", "/v1/faults", body).status_code == 422
    assert merchant.service.ask("GET", "/v1/faults").json()["on"] == []


def test_a_fault_lasts_as_often_as_told_or_until_it_is_cleared(merchant: Merchant, reference: str) -> None:
    merchant.service.fault("rate_limited", times=2)
    answers = [merchant.charge(reference, GOOD).status_code for _ in range(2)]
    merchant.service.fault("rate_limited", times=None)
    answers += [merchant.charge(reference, GOOD).status_code for _ in range(2)]
    assert answers == [429] * 4

    merchant.service.ask("DELETE", "/v1/faults/rate_limited")
    assert merchant.charge(reference, GOOD).status_code == 200


def test_a_service_that_is_down_says_so_in_both_languages_and_can_be_brought_back(merchant: Merchant) -> None:
    merchant.service.fault("down", times=None)
    page = merchant.visitor.get(merchant.fields_url("quo_1", "fr"))
    assert page.status_code == 503
    assert "Le service de paiement est indisponible." in page.text
    assert merchant.visitor.get(merchant.fields_url("quo_1", "en")).status_code == 503
    assert merchant.visitor.get("/healthz").status_code == 503

    merchant.service.clear_faults()

    assert merchant.visitor.get(merchant.fields_url("quo_1")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v2/charges", "/static/../book.sqlite3", "/static/..%2fapp.py", "/static/x", "/fields/x"]
)
def test_there_is_nothing_at_other_addresses(merchant: Merchant, path: str) -> None:
    assert merchant.visitor.get(path).status_code == 404


def test_another_method_is_refused(merchant: Merchant) -> None:
    assert merchant.service.ask("DELETE", "/v1/charges").status_code == 405


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"POST /v1/charges HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
        b"POST /v1/charges HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/charges HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_a_body_of_no_honest_length_is_refused_at_once(merchant: Merchant, bytes_sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", merchant.service.port), timeout=5) as connection:
        connection.sendall(bytes_sent)
        assert connection.recv(64).startswith(b"HTTP/1.1 413")
