"""PostgreSQL is killed under load, again and again: nothing that a customer was told is lost (F18)."""

import random
import time
from typing import Final

from tests.faults.stand import Stand
from tests.faults.witness_load import Load, load
from tests.faults.witness_questions import assert_nothing_lost
from tests.report.happened import happened, measured
from tests.report.size import sized

KILLS: Final = sized(3, 100, 500)
PAYERS: Final = 4
SEED: Final = 18


def test_postgresql_killed_under_load_loses_nothing_that_was_acknowledged(stand: Stand) -> None:
    chance = random.Random(SEED)
    worker = stand.stack.programs["worker"].process
    with load(stand, PAYERS) as customers:
        for _ in range(KILLS):
            customers.ask(chance.randint(3, 40))
            killed_at = time.monotonic()
            stand.kill_database()
            happened("database_kills", seed=SEED)
            stand.start_database()
            measured("database_started", time.monotonic() - killed_at)
            measured("database_back", next_paid(customers, killed_at) - killed_at)
    assert stand.stack.programs["worker"].process is worker, "the worker has not outlived PostgreSQL"
    assert_nothing_lost(stand)


def next_paid(customers: Load, since: float) -> float:
    """When a customer heard for the first time that an order is done, of those who asked since."""

    def heard() -> list[float]:
        return [heard_at for asked_at, heard_at in list(customers.stand.witness.done) if asked_at > since]

    return min(customers.until(heard, "an order that is paid after PostgreSQL is back"))
