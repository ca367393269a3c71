"""Forged events (F16): whatever comes without a good signature of ours is refused, changes nothing and is noted once.

Forgeries are generated from a true event: each spoils one thing, and its seed names it.
"""

import json
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from palier.apps.gateways.models import GatewayEvent
from palier.kit import clock
from tests import world
from tests.faults.events import signed
from tests.faults.scenes import first_purchase
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess

SEED: Final = 16
FORGERIES: Final = sized(600, 6_000, 12_000)
HOOK: Final = "/hooks/sandbox/"
SIGNATURE: Final = "Webhook-Signature"
SENT_AT: Final = "Webhook-Timestamp"
OTHER_SECRET: Final = "whsec_YW5vdGhlci1zZWNyZXQtYWx0b2dldGhlcg=="


@dataclass(frozen=True)
class Forgery:
    """What is sent: a body with its headers."""

    body: bytes
    headers: dict[str, str]

    def told(self, **headers: str | None) -> "Forgery":
        """With other headers; None leaves one out."""
        changed = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return replace(self, headers={name: value for name, value in changed.items() if value is not None})


@dataclass(frozen=True)
class Forger:
    """Somebody who has seen a true event, and has not our secret."""

    secret: str
    event: bytes
    chance: random.Random

    def true(self, *, at: datetime | None = None, body: bytes | None = None, secret: str = "") -> Forgery:
        """As the gateway would send it."""
        content = self.event if body is None else body
        identity = f"evt_{self.chance.randrange(10**12)}"
        return Forgery(content, signed(secret or self.secret, identity, content, at=at or clock.now()))

    def without_a_header(self) -> Forgery:
        """One of the three headers is missing."""
        return self.true().told(**{self.chance.choice(["Webhook_Id", SENT_AT, SIGNATURE]).replace("-", "_"): None})

    def with_an_empty_header(self) -> Forgery:
        """One of them says nothing."""
        return self.true().told(**{self.chance.choice(["Webhook_Id", SENT_AT, SIGNATURE]).replace("-", "_"): ""})

    def with_random_letters(self) -> Forgery:
        """A signature of the right form, made up."""
        letters = "".join(self.chance.choices("abcdefghijkLMNOPQRS0123456789+/", k=43))
        return self.true().told(Webhook_Signature=f"v1,{letters}=")

    def with_a_changed_letter(self) -> Forgery:
        """A good signature with one letter changed."""
        true = self.true()
        good = true.headers[SIGNATURE]
        place = self.chance.randrange(3, len(good) - 2)  # the last letter before = holds bits that mean nothing
        other = "A" if good[place] != "A" else "B"
        return true.told(Webhook_Signature=good[:place] + other + good[place + 1 :])

    def with_a_part(self) -> Forgery:
        """A good signature cut short, or without its version."""
        true = self.true()
        good = true.headers[SIGNATURE]
        cut = self.chance.choice([good[: self.chance.randrange(1, len(good))], good[3:], good.replace("v1,", "v2,")])
        return true.told(Webhook_Signature=cut)

    def with_several_bad_ones(self) -> Forgery:
        """Many signatures in one header, none of them good."""
        bad = [self.true(secret=OTHER_SECRET).headers[SIGNATURE] for _ in range(self.chance.randrange(2, 12))]
        return self.true().told(Webhook_Signature=" ".join(bad))

    def with_another_secret(self) -> Forgery:
        """Another merchant's events."""
        return self.true(secret=self.chance.choice([OTHER_SECRET, "plain", "whsec_", self.secret[:-4]]))

    def too_old(self) -> Forgery:
        """A true event, sent again long after."""
        return self.true(at=clock.now() - timedelta(seconds=self.chance.randrange(400, 10**8)))

    def from_the_future(self) -> Forgery:
        """Signed for later."""
        return self.true(at=clock.now() + timedelta(seconds=self.chance.randrange(400, 10**8)))

    def with_a_moved_time(self) -> Forgery:
        """Old, and its time header made new; or no time at all."""
        moved = str(int(clock.now().timestamp()) - self.chance.randrange(1, 200))
        words = [moved, "-1", "now", "1e9", "9" * 40, " " + moved, "²", "0x10"]
        old = self.true(at=clock.now() - timedelta(hours=1))
        return old.told(Webhook_Timestamp=self.chance.choice(words).encode("utf-8").decode("latin-1"))

    def with_another_id(self) -> Forgery:
        """A true event under another id, so that it would count again."""
        return self.true().told(Webhook_Id=f"evt_{self.chance.randrange(10**9)}x")

    def with_a_changed_byte(self) -> Forgery:
        """The body differs in one byte from what was signed."""
        true = self.true()
        place = self.chance.randrange(len(true.body))
        other = bytes([true.body[place] ^ (1 << self.chance.randrange(8))])
        return replace(true, body=true.body[:place] + other + true.body[place + 1 :])

    def with_a_longer_body(self) -> Forgery:
        """Something is added, or the end is missing."""
        true = self.true()
        cut = true.body[: self.chance.randrange(len(true.body))]
        return replace(true, body=self.chance.choice([cut, true.body + b" ", true.body * 2, b""]))

    def of_another_payment(self) -> Forgery:
        """The body speaks of another payment than the one that was signed."""
        return replace(self.true(), body=self.event.replace(b"pay_", b"pay_0"))

    def huge(self) -> Forgery:
        """Larger than any event, though signed as if by the gateway."""
        return self.true(body=self.event + b" " * self.chance.randrange(65_537, 400_000))

    def not_an_event(self) -> Forgery:
        """Signed with the right secret, and no event: nothing that we ever keep."""
        shapes: list[bytes] = [
            b"",
            b"\xff\xfe{}",
            b"{",
            b"[]",
            b"null",
            b"17",
            b'"words"',
            b"{}",
            b'{"type": "charge.succeeded"}',
            b'{"type": "charge.succeeded", "data": []}',
            b'{"type": "charge.succeeded", "data": null}',
            b'{"type": "charge.succeeded", "data": {"reference": "a\\u0000b"}}',
            json.dumps({"type": "x", "data": {"reference": "pay_" * 40}}).encode(),
            json.dumps({"type": "x" * 200, "data": {"reference": "pay_1"}}).encode(),
            b"[" * self.chance.randrange(5_000, 60_000),
        ]
        return self.true(body=self.chance.choice(shapes))


WAYS: Final[tuple[Callable[[Forger], Forgery], ...]] = (
    Forger.without_a_header,
    Forger.with_an_empty_header,
    Forger.with_random_letters,
    Forger.with_a_changed_letter,
    Forger.with_a_part,
    Forger.with_several_bad_ones,
    Forger.with_another_secret,
    Forger.too_old,
    Forger.from_the_future,
    Forger.with_a_moved_time,
    Forger.with_another_id,
    Forger.with_a_changed_byte,
    Forger.with_a_longer_body,
    Forger.of_another_payment,
    Forger.huge,
    Forger.not_an_event,
)


@pytest.fixture
def forger(sandbox: SandboxProcess) -> Forger:
    """A payment whose answer was lost, so that a believed event would change something, and what is told about it."""
    scene = first_purchase(sandbox)
    accepted = world.placed(sandbox, scene.quote, now=clock.now())
    sandbox.fault("timeout_after_capture")
    payment = world.collected(accepted, now=clock.now())
    (told,) = sandbox.book_of((), [payment.public_id])["events"]
    return Forger(sandbox.webhook_secret, json.dumps(told["body"]).encode(), random.Random(SEED))


def test_no_forgery_is_believed_or_changes_a_row_and_each_is_noted_once(
    forger: Forger, caplog: pytest.LogCaptureFixture
) -> None:
    before, client, believed = rows_of_every_table(), Client(), []
    for turn in range(FORGERIES):
        way = WAYS[turn % len(WAYS)]
        forgery = way(forger)
        with caplog.at_level(logging.WARNING):
            caplog.clear()
            status = posted(client, forgery)
        noted = [record.getMessage() for record in caplog.records]
        if status not in (400, 413) or len(noted) != 1:
            believed.append(f"{way.__name__}, {status}, noted {noted}: {forgery.headers} {forgery.body[:80]!r}")
        else:
            happened("forged_events", seed=SEED)
    assert not believed, "\n".join(believed[:20])
    assert rows_of_every_table() == before


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_the_true_event_is_believed_however_its_headers_are_written(forger: Forger, case: Callable[[str], str]) -> None:
    true = forger.true()
    assert posted(Client(), replace(true, headers={case(name): value for name, value in true.headers.items()})) == 204
    assert GatewayEvent.objects.count() == 1


def test_a_good_signature_among_others_is_enough(forger: Forger) -> None:
    """While a secret is being replaced the gateway signs with both."""
    true, other = forger.true(), forger.true(secret=OTHER_SECRET)
    both = f"{other.headers[SIGNATURE]} {true.headers[SIGNATURE]}"
    assert posted(Client(), true.told(Webhook_Signature=both)) == 204


def posted(client: Client, forgery: Forgery) -> int:
    """What our door answers."""
    answer = client.generic("POST", HOOK, forgery.body, "application/json", headers=forgery.headers)
    return answer.status_code


def rows_of_every_table() -> dict[str, int]:
    """How many rows there are, the queue's included."""
    with connection.cursor() as cursor:
        counted = {}
        for table in sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)}):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counted[table] = cursor.fetchone()[0]
    return counted
