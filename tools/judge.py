"""Everything that judges the project, on two cores: the gate, then the tests in groups side by side.

`python -m tools.judge [pytest options]`. What waits most is started first. Of what failed, only a test that waited in
vain may be played once more, alone (decision 0027). Then what was done to the program is counted: less than its floors
ask for is a failure too.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tools import gate, side_by_side

ROOT = Path(__file__).resolve().parent.parent
HAPPENED = ROOT / ".palier" / "faults" / "pr.jsonl"
"""What the tests of this run observed, kept for whoever looks at a failure."""
ANSWERS = ("ambiguous_answers", "bad_mail_server", "forged_events", "gateway_lies", "inbound_events")
KILLS = ("crash_*", "database_kills", "kill*", "payers_at_once", "random_*", "renewals_*", "rescue")
"""Of ``tests/faults``, what fills groups of its own."""
PROGRAMS = ["tests/contracts", "tests/sandbox", "tests/stack"]
PURE = ["tests/catalogue", "tests/engine", "tests/house", "tests/kit", "tests/tax"]


def groups() -> dict[str, list[str]]:
    """The tests, each in one of seven groups of about the same length, new files and folders included."""
    named = ["tests/faults", "tests/flows", "tests/browser", "tests/interfaces", *PROGRAMS, *PURE]
    return {
        "browser": ["tests/browser"],
        **faults(),
        "flows": ["tests/flows"],
        "every address": [*_files("interfaces", "*"), *PURE],
        "pages": [*_folders("interfaces"), *(folder for folder in _folders() if folder not in named)],
    }


def faults() -> dict[str, list[str]]:
    """Those that do something to the program, in three groups, with the tests of whole programs."""
    answers, kills = _files("faults", *ANSWERS), _files("faults", *KILLS)
    others = [file for file in _files("faults", "*") if file not in (*answers, *kills)]
    return {"answers": [*answers, *PROGRAMS], "kills": kills, "faults": others}


def _files(folder: str, *names: str) -> list[str]:
    """The files of tests that lie in a folder itself, by their names without ``test_``."""
    found = {file for name in names for file in (ROOT / "tests" / folder).glob(f"test_{name}.py")}
    return sorted(str(file.relative_to(ROOT)) for file in found)


def _folders(within: str = "") -> list[str]:
    """The folders below one that hold tests."""
    folders = (ROOT / "tests" / within).iterdir()
    return sorted(str(folder.relative_to(ROOT)) for folder in folders if any(folder.glob("**/test_*.py")))


def main(options: list[str]) -> int:
    """0 when all is well."""
    if gate.main():
        return 1
    HAPPENED.parent.mkdir(parents=True, exist_ok=True)
    HAPPENED.unlink(missing_ok=True)
    environment = os.environ | {"PALIER_HAPPENED": str(HAPPENED)}
    failed = side_by_side.run(groups(), options, environment)
    if options:  # they leave tests out, and with them what they would have counted
        return failed
    if failed and _report("again", str(len(groups())), environment=environment):
        return failed
    return _report("judge", environment=environment)


def _report(verb: str, *words: str, environment: Mapping[str, str]) -> int:
    """A word of `tests.report` on the lines of this run."""
    command = [sys.executable, "-m", "tests.report", verb, str(HAPPENED), *words]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
