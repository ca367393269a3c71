"""What failed of waiting is played once more, alone, and told; nothing else is (decision 0027)."""

import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.live_stack import WaitedInVain
from tests.report.account import ROOT, lines_of

AT_MOST: Final = 2
"""More than so many tests that wait in vain are no chance."""

OF_WAITING: Final = (WaitedInVain, httpx.TimeoutException)
PAGES: Final = find_spec("playwright")
TOO_LATE: Final = "playwright._impl._errors.TimeoutError"
PASSED, SOME_FAILED = 0, 1
"""How pytest ends; with anything else, a run was broken off."""


def of_waiting(failure: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether something did not come in time: what we wait for ourselves, an answer, or what a page should show."""
    kind = f"{failure.type.__module__}.{failure.type.__qualname__}"
    return isinstance(failure.value, OF_WAITING) or kind == TOO_LATE or _is_of_a_page(failure)


def _is_of_a_page(failure: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether it is Playwright's own assertion, which waits, and not one of ours about what a page shows."""
    where = (PAGES and PAGES.submodule_search_locations) or []
    last = Path(failure.traceback[-1].path)
    return failure.type is AssertionError and any(last.is_relative_to(folder) for folder in where)


def candidates(lines: list[dict[str, Any]], groups: int) -> list[str]:
    """The tests that may be played once more: each failed of waiting alone, and each group came to its end.

    None where one failed of anything else, where there are more than ``AT_MOST``, or where a group was broken off.
    """
    ends = [line["ended"] for line in lines if "ended" in line]
    broke = [line for line in lines if "broke" in line]
    names = sorted({line["broke"] for line in broke})
    whole = len(ends) == groups and set(ends) <= {PASSED, SOME_FAILED}
    return names if whole and len(names) <= AT_MOST and all(line["of_waiting"] for line in broke) else []


def play(file: Path, groups: int, environment: Mapping[str, str]) -> int:
    """0 when what failed of waiting in a run passes alone, after all other tests; 1 when anything has to be mended."""
    names = candidates(lines_of(file), groups)
    if not names:
        return 1
    print(f"\nWaited in vain, and played once more, alone: {', '.join(names)}", flush=True)
    again = subprocess.run([sys.executable, "-m", "pytest", *names], cwd=ROOT, env=dict(environment))
    return again.returncode
