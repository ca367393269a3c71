"""A webhook is believed only when the gateway signed exactly these bytes a moment ago (fault F16)."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from palier.apps.gateways.contract import ForgedEvent, Notice
from tests.contracts.stages import Stage

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SENT_AT = int(NOW.timestamp())
BODY = json.dumps({"type": "charge.succeeded", "data": {"reference": "pay_1", "amount_minor": 1}}).encode()


def test_an_event_of_the_gateway_is_read(stage: Stage) -> None:
    notice = stage.gateway.verify(stage.sign("evt_1", SENT_AT, BODY), BODY, now=NOW)
    assert notice == Notice("evt_1", "charge.succeeded", "pay_1")


def test_one_good_signature_among_several_is_enough(stage: Stage) -> None:
    """As while a secret is being changed."""
    headers = stage.sign("evt_1", SENT_AT, BODY)
    headers["Webhook-Signature"] = f"v1,AAAA {headers['Webhook-Signature']}"
    assert stage.gateway.verify(headers, BODY, now=NOW).event_id == "evt_1"


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24, -60 * 24])
def test_an_old_or_future_signature_is_refused(stage: Stage, minutes: int) -> None:
    with pytest.raises(ForgedEvent):
        stage.gateway.verify(stage.sign("evt_1", SENT_AT, BODY), BODY, now=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("missing", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_every_header_is_needed(stage: Stage, missing: str) -> None:
    headers = stage.sign("evt_1", SENT_AT, BODY)
    del headers[missing]
    with pytest.raises(ForgedEvent):
        stage.gateway.verify(headers, BODY, now=NOW)


@pytest.mark.parametrize("sent_at", ["", "now", "-1", "1e9", "٣", "9" * 400, f"{SENT_AT}.5", f"{SENT_AT + 1}"])
def test_a_time_that_was_not_signed_is_refused(stage: Stage, sent_at: str) -> None:
    headers = {**stage.sign("evt_1", SENT_AT, BODY), "Webhook-Timestamp": sent_at}
    with pytest.raises(ForgedEvent):
        stage.gateway.verify(headers, BODY, now=NOW)


@pytest.mark.parametrize("signature", ["", "v1,", "v1", "v2,AAAA", "é", "v1,é", "v1,AAAA" * 100])
def test_a_wrong_signature_is_refused(stage: Stage, signature: str) -> None:
    headers = {**stage.sign("evt_1", SENT_AT, BODY), "Webhook-Signature": signature}
    with pytest.raises(ForgedEvent):
        stage.gateway.verify(headers, BODY, now=NOW)


def test_ten_thousand_changed_bodies_and_signatures_are_refused(stage: Stage) -> None:
    chance = random.Random(2026)
    headers = stage.sign("evt_1", SENT_AT, BODY)
    for _ in range(10_000):
        forged, body = dict(headers), bytearray(BODY)
        match chance.randrange(4):
            case 0:
                body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
            case 1:
                del body[chance.randrange(len(body)) :]
            case 2:
                forged["Webhook-Id"] = f"evt_{chance.random()}"
            case _:
                place = chance.randrange(3, len(headers["Webhook-Signature"]) - 2)
                text = list(headers["Webhook-Signature"])
                text[place] = "A" if text[place] != "A" else "B"
                forged["Webhook-Signature"] = "".join(text)
        with pytest.raises(ForgedEvent):
            stage.gateway.verify(forged, bytes(body), now=NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"type":"x"}', b'{"type":"x","data":[]}', b"\xff\xfe"])
def test_signed_nonsense_is_refused_and_never_crashes(stage: Stage, body: bytes) -> None:
    with pytest.raises(ForgedEvent):
        stage.gateway.verify(stage.sign("evt_1", SENT_AT, body), body, now=NOW)


def test_a_huge_body_is_refused(stage: Stage) -> None:
    body = BODY + b" " * 1_000_000
    with pytest.raises(ForgedEvent):
        stage.gateway.verify(stage.sign("evt_1", SENT_AT, body), body, now=NOW)
