"""Thousands of steps a minute: the reference beside the program's own arithmetic and rules, without a database.

They must agree after each step. ``PALIER_LIVES_ON_PAPER=…`` tells as many lives as it says, other ones each time, and
``PALIER_LIVES_SHRINK=1`` makes a failing one short.
"""

import os

import pytest

from tests.model.life_on_paper import LifeOnPaper
from tests.model.rules import SHRINK, tell
from tests.report.happened import happened
from tests.report.size import SIZE, Size, sized

ASKED = os.environ.get("PALIER_LIVES_ON_PAPER")
LIVES = int(ASKED or sized("170", "7000", "70000"))
STEPS = 50


@pytest.mark.timeout(0 if ASKED else sized(300, 0, 0))
def test_on_paper_the_program_agrees_with_the_reference_after_each_step() -> None:
    before = LifeOnPaper.agreed
    tell(LifeOnPaper, number=LIVES, steps=STEPS, same=SIZE is Size.PR and not ASKED, shrink=SHRINK)
    happened("model_steps", LifeOnPaper.agreed - before)
