"""What is said of the engine's unnoticed changes is said of lines that are there."""

import re

import pytest

from tests.mutants.__main__ import ROOT, Survivor, explained

ENGINE = ROOT / "src" / "palier" / "engine"


@pytest.mark.parametrize(("survivor", "why"), list(explained()), ids=str)
def test_a_reason_is_given_for_a_line_of_the_engine(survivor: Survivor, why: str) -> None:
    module, _, function = survivor.where.partition(".")
    text = (ENGINE / f"{module}.py").read_text(encoding="utf-8")
    assert f"def {function.rpartition('.')[2]}(" in text
    assert re.sub(r"\s+", "", survivor.was) in re.sub(r"\s+", "", text)
    assert survivor.became != survivor.was
    assert why
