"""The gateway's events, each three times, in any order, three days late or never (F15, F17): one end, whatever came.

The same night is played several times from the same rows, and undone each time: once with the clock's own questions
alone, then with the events, in other orders. What is written in the end has to be the same, row by row.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from django.db import connection, transaction

from palier.apps.gateways.models import GatewayEvent
from palier.apps.payments.models import Payment
from tests.faults.inbound import AT, Night, Picture, a_night, deliveries, heard, picture, pulled
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess

SEED: Final = 15
NIGHTS: Final = sized(2, 48, 285)
HEARINGS: Final = 4
"""How often one night's events are heard, each time from the same rows and in another order."""

SUBSCRIBERS: Final = 66
BUYERS: Final = 4


@pytest.mark.parametrize("number", range(NIGHTS))
def test_events_thrice_shuffled_late_or_never_end_as_the_questions_alone_do(
    sandbox: SandboxProcess, number: int
) -> None:
    chance = random.Random(f"{SEED} {number}")
    with undone():
        night = a_night(sandbox, chance, subscribers=SUBSCRIBERS, buyers=BUYERS)
        with undone():
            pulled(night, since=AT)
            by_questions = picture()
        for _ in range(HEARINGS):
            with undone():
                _heard_as_asked(night, by_questions, sandbox, chance)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


@contextmanager
def undone() -> Iterator[None]:
    """What the block wrote is taken back at its end; what the gateway has done stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _heard_as_asked(night: Night, by_questions: Picture, sandbox: SandboxProcess, chance: random.Random) -> None:
    """Everything that the gateway tells is delivered, and it ends as the questions alone did."""
    knocks = deliveries(night.events(sandbox), chance)
    handled = heard(sandbox, knocks, chance)
    happened("inbound_deliveries", len(knocks), seed=SEED)
    pulled(night, since=knocks[-1].at)
    by_events = picture()
    assert by_events == by_questions, _difference(by_events, by_questions)
    assert set(handled.values()) == {1}, "an event was handled more than once"
    assert GatewayEvent.objects.count() == len(handled) == len({knock.told["id"] for knock in knocks})
    assert not GatewayEvent.objects.filter(handled_at=None).exists()
    _assert_taken_once(night, sandbox)


def _difference(one: Picture, other: Picture) -> str:
    only = [sorted((one - other).elements())[:6], sorted((other - one).elements())[:6]]
    return f"only with events: {only[0]}\nonly with questions: {only[1]}"


def _assert_taken_once(night: Night, sandbox: SandboxProcess) -> None:
    """In the gateway's own book: what succeeded here was taken once, and nothing else was."""
    taken = [row["reference"] for row in sandbox.book_of(night.cards)["charges"] if row["state"] == "succeeded"]
    paid = [payment.public_id for payment in Payment.objects.filter(pk__in=night.payments, state="succeeded")]
    assert sorted(taken) == sorted(paid)
