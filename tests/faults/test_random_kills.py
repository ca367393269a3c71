"""The web server, its child and the worker are shot at any moment, from outside, while customers pay (F01, F03)."""

import random
from typing import Final

from tests.faults.stand import Stand
from tests.faults.witness_load import load
from tests.faults.witness_questions import assert_nothing_lost
from tests.report.happened import happened
from tests.report.size import sized

KILLS: Final = sized(6, 300, 3_000)
PAYERS: Final = 4
SEED: Final = 1


def test_processes_shot_at_any_moment_under_load_lose_nothing_and_take_nothing_twice(stand: Stand) -> None:
    chance = random.Random(SEED)
    shots = [
        ("the web server", lambda: stand.shoot("web")),
        ("what serves its requests", lambda: stand.shoot_child("web")),
        ("the worker", lambda: stand.shoot("worker")),
    ] * (KILLS // 3)
    chance.shuffle(shots)
    with load(stand, PAYERS) as customers:
        for what, shot in shots:
            customers.ask(chance.randint(3, 40))
            customers.until(shot, f"the death of {what}")
            happened("random_kills", seed=SEED)
    assert_nothing_lost(stand)
