"""Writes, connections, file descriptors and memory run out under load: refused in words, red in time, and nothing that
anybody was told is lost (F21, F22).
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from tests.faults import exhaustion
from tests.faults.exhaustion import doctor_is_well, health
from tests.faults.stand import Stand
from tests.faults.test_database_kills import next_paid
from tests.faults.witness_load import Load, load
from tests.faults.witness_questions import assert_nothing_lost
from tests.report.happened import happened
from tests.report.size import sized

ROUNDS: Final = sized(1, 20, 100)
PAYERS: Final = 4
PEOPLE: Final = 20
"""Who may begin to buy while something is at an end: nobody's account can be opened then."""

Take = Callable[[], None]
"""Takes what has come back since."""

Exhaustion = Callable[[Stand], AbstractContextManager[Take | None]]

RED: Final[dict[Exhaustion, tuple[str, ...]]] = {
    exhaustion.read_only: ("read-only",),
    exhaustion.no_connections: ("away", "silent"),
    exhaustion.no_descriptors_of_the_web: ("exhausted", "silent"),
    exhaustion.no_memory_of_the_web: ("exhausted", "away", "silent"),
    exhaustion.no_descriptors_of_the_worker: ("ok",),
    exhaustion.no_memory_of_the_worker: ("ok",),
}
"""What the health check of the web server says meanwhile. A worker's end is seen by whoever starts it again."""

ILL: Final = (exhaustion.read_only, exhaustion.no_connections)
"""What ``palier doctor`` cannot miss either."""


PUT_OFF: Final = """
SELECT id FROM procrastinate_jobs WHERE task_name = 'send_mail' AND status = 'todo' AND attempts > 0
UNION ALL SELECT id FROM payments_payment WHERE state = 'unknown'
"""
"""A worker that can open no connection puts a letter off, or does not know what became of a payment."""


def test_what_runs_out_is_refused_and_everything_goes_on_when_it_is_back(stand: Stand) -> None:
    with load(stand, PAYERS) as customers:
        for _ in range(ROUNDS):
            for exhausts, words in RED.items():
                stand.reserve(PAYERS + PEOPLE)
                customers.ask(3)
                with exhausts(stand) as take:
                    _without(customers, exhausts, words, take or (lambda: None))
                next_paid(customers, time.monotonic())
                happened("exhaustions", what=exhausts.__name__)
    assert_nothing_lost(stand)


def _without(customers: Load, exhausts: Exhaustion, words: tuple[str, ...], take: Take) -> None:
    """Until the health check says it, and customers have had answers, or none, since."""
    stand = customers.stand

    def red() -> bool:
        take()
        return health(stand) in words

    def put_off() -> bool:
        take()
        return bool(stand.ours(PUT_OFF))

    stand.until(red, f"the health check to say {words} of {exhausts.__name__}")
    asked = stand.witness.length
    stand.until(lambda: stand.witness.length >= asked + PAYERS, "customers to ask")
    if exhausts is exhaustion.no_descriptors_of_the_worker:
        customers.until(put_off, "a letter or a question that could not be sent")
    customers.assert_well()
    if exhausts in ILL:
        assert not doctor_is_well(stand)
