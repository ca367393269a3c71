"""When each article of the help centre was last changed: `python tools/articles.py update | check`.

update   notes today's date beside every article whose text differs from the one that was noted
check    fails for an article that was changed without its date, or whose file is gone
"""

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "src" / "palier" / "apps" / "help" / "articles"
DATES = FOLDER / "dates.json"

type Dates = dict[str, dict[str, str]]


def noted() -> Dates:
    """What the repository says."""
    told: Dates = json.loads(DATES.read_text(encoding="utf-8")) if DATES.exists() else {}
    return told


def brought_up_to_date(before: Dates, today: str) -> Dates:
    """The same for the files as they are."""
    after: Dates = {}
    for path in sorted(FOLDER.glob("*/*.md")):
        name, sha256 = f"{path.parent.name}/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest()
        known = before.get(name)
        after[name] = known if known and known["sha256"] == sha256 else {"updated_on": today, "sha256": sha256}
    return after


def main(arguments: list[str]) -> int:
    """0 when all is noted."""
    before = noted()
    after = brought_up_to_date(before, datetime.now(UTC).date().isoformat())
    if arguments == ["update"]:
        DATES.write_text(json.dumps(after, indent=2) + "\n", encoding="utf-8")
        return 0
    stale = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for name in stale:
        print(f"{name}: changed without its date; run python tools/articles.py update")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
