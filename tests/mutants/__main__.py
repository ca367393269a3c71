"""Does a test notice each wrong sum? `python -m tests.mutants [--publish]`, after `make setup`: `make mutants`.

mutmut changes the engine by one expression at a time, and the engine's own tests have to fail. A change that they let
pass either stands in survivors.toml with the reason why it makes no difference to anybody, or fails this command; so
does a share of caught changes below `LEAST`. `--publish` writes the page of the documentation.
"""

import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
MUTMUT: Final = str(Path(sys.executable).parent / "mutmut")
REASONS: Final = Path(__file__).with_name("survivors.toml")
PAGE: Final = ROOT / "docs" / "reference" / "mutants.md"
ENGINE: Final = "palier.engine."
CAUGHT: Final = frozenset({"killed", "timeout", "segfault"})
LEAST: Final = 90
"""Percent of the changes that the tests catch, at the least."""


@dataclass(frozen=True, order=True)
class Survivor:
    """A change that no test noticed: the function, and its lines as they are and as they became."""

    where: str
    was: str
    became: str


def main(words: list[str]) -> int:
    """0 when enough is caught and the rest is explained."""
    subprocess.run([MUTMUT, "run", "--max-children", str(os.cpu_count() or 2)], cwd=ROOT, check=True)
    found = dict(statuses())
    reasons = dict(explained())
    survived = {survivor(name) for name, status in found.items() if status not in CAUGHT}
    unexplained, gone = sorted(survived - reasons.keys()), sorted(reasons.keys() - survived)
    print(summary(found))
    for title, these in (("Noticed by no test", unexplained), ("Explained, and no longer so", gone)):
        for one in these:
            print(f"{title}, {one.where}:\n  - {one.was}\n  + {one.became}")
    if "--publish" in words:
        PAGE.write_text(page(found, {one: reasons.get(one, "") for one in survived}), encoding="utf-8")
    return int(bool(unexplained or gone or percent(found) < LEAST))


def statuses() -> Iterator[tuple[str, str]]:
    """Each change by its name, and what became of it: mutmut's words."""
    for line in _said("results", "--all", "true"):
        name, _, status = line.strip().partition(": ")
        if name.startswith(ENGINE):
            yield name, status


def survivor(name: str) -> Survivor:
    """What a change is, from its name."""
    lines = [line for line in _said("show", name) if not line.startswith(("---", "+++", "#"))]
    was, became = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Survivor(_function(name), was, became)


def explained() -> Iterator[tuple[Survivor, str]]:
    """The survivors that are known, and why each makes no difference."""
    for entry in tomllib.loads(REASONS.read_text(encoding="utf-8"))["survivor"]:
        for became in entry["became"]:
            yield Survivor(entry["where"], entry["was"], became), entry["why"]


def percent(found: dict[str, str]) -> float:
    """Of all changes, those that were caught."""
    return 100 * sum(status in CAUGHT for status in found.values()) / max(len(found), 1)


def summary(found: dict[str, str]) -> str:
    """One line."""
    caught = sum(status in CAUGHT for status in found.values())
    return f"{caught:,} of {len(found):,} changes of the engine were caught by its tests: {percent(found):.1f} %"


def page(found: dict[str, str], survived: dict[Survivor, str]) -> str:
    """The page of the documentation."""
    made = Counter(_module(name) for name in found)
    caught = Counter(_module(name) for name, status in found.items() if status in CAUGHT)
    rows = [f"| `{module}` | {made[module]:,} | {caught[module]:,} |" for module in sorted(made)]
    return "\n".join(
        [
            "# Does a test notice each wrong sum?",
            "",
            "<!-- Made by `make mutants PUBLISH=1`; whatever is changed here by hand is lost. -->",
            "",
            f"**{summary(found)}.** The rest makes no difference to anybody, for the reasons below.",
            "",
            "The engine computes every amount, period and share. `make mutants` changes it by one expression at a time",
            "(a plus becomes a minus, *less than* becomes *at most*, a name becomes nothing) and runs the engine's own",
            "tests, which have to fail. Only the words of an error that developers read are left alone.",
            "",
            "| Part of the engine | Changes | Caught |",
            "|---|--:|--:|",
            *rows,
            "",
            "## What no test can notice",
            "",
            "| In | It says | Changed to | Why it is the same |",
            "|---|---|---|---|",
            *_reasons(survived.items()),
            "",
        ]
    )


def _reasons(survived: Iterable[tuple[Survivor, str]]) -> list[str]:
    return [f"| `{one.where}` | `{_cell(one.was)}` | `{_cell(one.became)}` | {why} |" for one, why in sorted(survived)]


def _cell(code: str) -> str:
    return code.replace("|", "\\|")


def _function(name: str) -> str:
    """palier.engine.money.x_rounded__mutmut_3 -> money.rounded; a method's class stands between them."""
    path, _, _ = name.removeprefix(ENGINE).rpartition("__mutmut_")
    module, _, function = path.partition(".")
    return f"{module}.{'.'.join(part for part in function.split('ǁ') if part != 'x').removeprefix('x_')}"


def _module(name: str) -> str:
    return name.removeprefix(ENGINE).partition(".")[0]


def _said(*words: str) -> list[str]:
    answer = subprocess.run([MUTMUT, *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return answer.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
