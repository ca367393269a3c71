"""The import contracts see a breach: a copy of the house with one wrong import is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).parent / "lint-imports"

BREACHES = {
    "The floors": ("palier/engine/money.py", "import palier.kit.clock"),
    "The nouns": ("palier/apps/events/models.py", "import palier.apps.orders.models"),
    "The ways in": ("palier/interfaces/hooks/views.py", "import palier.interfaces.worker.tasks"),
    "The engine knows no framework": ("palier/engine/periods.py", "import django.utils.timezone"),
    "Only one module may ever import stripe": ("palier/flows/settle.py", "import stripe"),
    "programs of their own": ("palier_sandbox/book.py", "import palier.engine.money"),
    "Money moves only in flows": ("palier/interfaces/hooks/views.py", "import palier.apps.ledger.actions"),
}


def lint(source: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache", "--config", str(ROOT / ".importlinter")],
        cwd=source,
        env=os.environ | {"PYTHONPATH": str(source), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("house") / "src"
    shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__", "static", "templates", "*.mo"))
    return copy


@pytest.mark.parametrize("contract", BREACHES)
def test_a_wrong_import_is_refused(house: Path, contract: str) -> None:
    name, line = BREACHES[contract]
    path = house / name
    before = path.read_text()
    path.write_text(before + f"\n{line}\n")
    try:
        answer = lint(house)
    finally:
        path.write_text(before)
    assert answer.returncode == 1
    broken = [line for line in answer.stdout.splitlines() if " BROKEN" in line]
    assert any(contract in line for line in broken), answer.stdout + answer.stderr
