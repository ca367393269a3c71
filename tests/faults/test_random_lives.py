"""Random lives in which a process dies at a random moment of each deed: no promise is broken, however many deaths.

``PALIER_FAULTS_SEED`` leads to other lives; without it they are the same each time.
"""

import pytest

from tests.books import assert_balanced
from tests.faults.lives import SEED, lived
from tests.faults.theatre import Theatre
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess

BATCHES, KILLS = sized((5, 50), (60, 150), (600, 170))
"""How many times the books are read at the end, and the least deaths before that."""


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_life_with_a_death_at_every_turn_breaks_no_promise(
    batch: int, stage: Theatre, sandbox: SandboxProcess
) -> None:
    killed, lives, broken = 0, 0, list[str]()
    while killed < KILLS:
        died, wrong = lived(f"{SEED}/{batch}/{lives}", stage, sandbox)
        killed, lives, broken = killed + died, lives + 1, broken + wrong
    assert not broken, "\n".join(broken)
    assert_balanced(sandbox)
    happened("random_kills", killed, seed=SEED, batch=batch)
