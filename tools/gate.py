"""The checks that need no test runner, side by side: format, lint, types, import rules, translations, migrations.

`python -m tools.gate` prints one line per check, and the whole answer of those that failed.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = [sys.executable]
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "types": [*PYTHON, "-m", "mypy"],
    "migrations": [*PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"],
    "imports": [str(BIN / "lint-imports"), "--no-cache"],
    "translations": [*PYTHON, "tools/messages.py", "check"],
    "articles": [*PYTHON, "tools/articles.py", "check"],
    "lint": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
}


def run(name: str) -> tuple[str, int, str, float]:
    """One check: its name, status, whole output and seconds."""
    start = time.monotonic()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "palier.config.settings", "PYTHONWARNINGS": "ignore"}
    answer = subprocess.run(
        CHECKS[name], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600
    )
    return name, answer.returncode, answer.stdout + answer.stderr, time.monotonic() - start


def main() -> int:
    """Runs all checks, two at a time, and answers how many failed."""
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, status, output, seconds in pool.map(run, CHECKS):
            print(f"{'ok    ' if status == 0 else 'FAILED'} {name} ({seconds:.1f} s)", flush=True)
            if status != 0:
                failed += 1
                print(output.rstrip(), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(min(main(), 1))
