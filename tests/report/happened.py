"""Tells the report what happened: a fault counts where it was observed, never where it was only ordered."""

import json
import os
import time
from typing import Any, Final

from tests.report.figures import FIGURES, MEASURES

WHERE: Final = "PALIER_HAPPENED"
"""The environment's name for the file that the report is made from, one line of JSON for each thing that happened."""


def happened(figure: str, times: int = 1, **detail: str | int) -> None:
    """Count what was just observed: ``happened("process_kills", 74, seed=12)``.

    ``detail`` is kept beside it: a seed, and for a planted bug its name and the check that caught it.
    """
    assert figure in FIGURES, f"{figure} is no figure of tests/report/figures.py"
    note({"figure": figure, "times": times, "detail": detail})


def covered(story: str, *, points: int, moments: int, killed: int) -> None:
    """Tell of a flow how many points were recorded, how many moments they make, and at how many of these it died."""
    note({"story": story, "points": points, "moments": moments, "killed": killed})


def measured(name: str, seconds: float) -> None:
    """Keep a time, in seconds, whose median, 99th percentile and maximum the report shows."""
    assert name in MEASURES, f"{name} is no measure of tests/report/figures.py"
    note({"measure": name, "seconds": seconds})


def note(line: dict[str, Any]) -> None:
    """Append a line with its time, whole even when several processes write; nothing when nobody makes a report."""
    if where := os.environ.get(WHERE):
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        with open(where, "a", encoding="utf-8") as file:
            file.write(json.dumps({"at": time.time(), "test": test} | line) + "\n")
