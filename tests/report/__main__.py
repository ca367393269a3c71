"""Plays the faults and reports: `python -m tests.report [pr|night|release] [--publish] [pytest options]`.

The report goes to `.palier/faults/SIZE.json`, with a page and a chart made of nothing else beside it; `--publish`
writes them to `docs/` as well. `python -m tests.report judge FILE` reports what the tests of another run wrote, after
`python -m tests.report again FILE GROUPS` has played once more what waited there in vain. `python -m tests.report
publish SIZE` puts the last report of a size into `docs/`; without a size it makes the page and the chart there anew of
the report that is there.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from tests.report import again, chart, page
from tests.report.account import ROOT, account, lines_of
from tests.report.happened import WHERE
from tests.report.size import Size
from tools import judge as judge_groups
from tools import side_by_side

DRAFTS: Final = ROOT / ".palier" / "faults"
COUNTING: Final = {
    "inputs": [
        *sorted(f"tests/interfaces/{path.name}" for path in (ROOT / "tests" / "interfaces").glob("test_*.py")),
        "tests/interfaces/log_in/test_log_in_limits.py",
    ],
    "lives": ["tests/model", "tests/stories", "tests/flows/test_card_testing.py"],
    "properties": ["tests/engine", "tests/kit", "tests/tax", "tests/catalogue"],
}
"""Beside the faults, all tests in which something is counted, in groups that run side by side."""


def main(words: list[str]) -> int:
    """0 when nothing failed and nothing happened less often than its floor asks."""
    match words:
        case ["judge", file]:
            return judge(Path(file), Size.PR)
        case ["again", file, groups]:
            return again.play(Path(file), int(groups), os.environ)
        case ["publish", *chosen]:
            kept = DRAFTS / f"{Size(chosen[0])}.json" if chosen else page.JSON
            publish(json.loads(kept.read_text(encoding="utf-8")))
            return 0
        case _:
            size = Size(words.pop(0)) if words and words[0] in list(Size) else Size.PR
            status = play(size, [word for word in words if word != "--publish"])
            if "--publish" in words:
                main(["publish", size])
            return status


def play(size: Size, options: list[str]) -> int:
    """Run every test that counts something, and write what came of it."""
    DRAFTS.mkdir(parents=True, exist_ok=True)
    file = DRAFTS / f"{size.value}.jsonl"
    file.unlink(missing_ok=True)
    environment = os.environ | {"PALIER_FAULTS_SIZE": size.value, WHERE: str(file)}
    chosen = [word for word in options if word.startswith("tests/")]
    flags = ["-q", *(word for word in options if word not in chosen)]
    status = side_by_side.run({"chosen": chosen} if chosen else judge_groups.faults() | COUNTING, flags, environment)
    return judge(file, size) or status


def judge(file: Path, size: Size) -> int:
    """Write the report on a run, whose tests' lines are in a file; 1 when they did less than their floors ask."""
    found = account(lines_of(file), size)
    DRAFTS.mkdir(parents=True, exist_ok=True)
    draft = DRAFTS / f"{size.value}.json"
    draft.write_text(as_json(found), encoding="utf-8")
    draft.with_suffix(".md").write_text(page.of(found), encoding="utf-8")
    draft.with_suffix(".svg").write_text(chart.of(found), encoding="utf-8")
    print(f"\n{page.summary(found)}\nThe whole report: {draft.relative_to(ROOT)}")
    return int(bool(found["short"]))


def publish(found: dict[str, Any]) -> None:
    """Write the page of the documentation, its chart, and the report that both are made of."""
    page.JSON.write_text(as_json(found), encoding="utf-8")
    page.PAGE.write_text(page.of(found), encoding="utf-8")
    page.CHART.write_text(chart.of(found), encoding="utf-8")


def as_json(found: dict[str, Any]) -> str:
    """The report as it is kept."""
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
