"""What waited in vain beside other tests may be played once more, alone; whatever else failed may not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import playwright
import pytest
from playwright.sync_api import TimeoutError as PageTimeout
from playwright.sync_api import expect

from tests.live_stack import WaitedInVain, until
from tests.report import again, page
from tests.report.account import account
from tests.report.size import Size

ENDS: list[dict[str, Any]] = [{"ended": 0}, {"ended": 1}]


def broke(name: str, *, of_waiting: bool = True) -> dict[str, Any]:
    return {"broke": name, "of_waiting": of_waiting}


def failure_of(does: Callable[[], object]) -> pytest.ExceptionInfo[BaseException]:
    with pytest.raises(BaseException) as found:  # noqa: PT011 - whatever it is
        does()
    return found


def a_late_answer() -> None:
    raise httpx.ReadTimeout("nothing came")


def a_late_page() -> None:
    raise PageTimeout("Page.goto: Timeout 60000ms exceeded")


def unbalanced_books() -> None:
    assert [] == ["I03 pay_1 was taken twice"]


def test_what_was_awaited_and_did_not_come_is_a_failure_of_waiting() -> None:
    found = failure_of(lambda: until(lambda: False, "the end of the world", seconds=0))
    assert found.type is WaitedInVain
    assert again.of_waiting(found)
    assert again.of_waiting(failure_of(a_late_answer))


def test_what_a_page_should_have_shown_is_a_failure_of_waiting() -> None:
    assert again.of_waiting(failure_of(a_late_page))
    inside = Path(playwright.__file__).parent / "_impl" / "_assertions.py"
    awaited = compile("raise AssertionError('Locator expected to be visible')", inside, "exec")
    assert again.of_waiting(failure_of(lambda: exec(awaited)))


def test_what_a_page_is_asked_in_the_wrong_way_is_none() -> None:
    assert not again.of_waiting(failure_of(lambda: expect("no page at all")))  # type: ignore[call-overload]


def test_books_that_do_not_balance_are_none() -> None:
    assert not again.of_waiting(failure_of(unbalanced_books))


def test_two_that_waited_in_vain_may_be_played_once_more() -> None:
    assert again.candidates([broke("b"), broke("a"), broke("b"), *ENDS], 2) == ["a", "b"]


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        pytest.param([broke("a"), broke("b", of_waiting=False), *ENDS], 2, id="one failed of something else"),
        pytest.param([broke("a"), broke("a", of_waiting=False), *ENDS], 2, id="and so did its end"),
        pytest.param([broke("a"), broke("b"), broke("c"), *ENDS], 2, id="three are no chance"),
        pytest.param([broke("a"), *ENDS], 3, id="a group has not come to its end"),
        pytest.param([broke("a"), {"ended": 0}, {"ended": 3}], 2, id="a group was broken off"),
        pytest.param(ENDS, 2, id="nothing says what failed"),
    ],
)
def test_otherwise_nothing_is(lines: list[dict[str, Any]], groups: int, tmp_path: Path) -> None:
    assert again.candidates(lines, groups) == []
    file = tmp_path / "lines"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert again.play(file, groups, {}) == 1


def test_whoever_passes_alone_is_named_in_the_report_and_has_not_failed() -> None:
    def line(outcome: str, at: int) -> dict[str, Any]:
        return {"test": "tests/faults/test_a.py::test_a", "outcome": outcome, "seconds": 1.0, "at": at}

    found = account([line("failed", 1), line("passed", 2)], Size.PR)
    assert (found["failed"], found["again"]) == ([], ["tests/faults/test_a.py::test_a"])
    assert found["tests"] == {"passed": 1}
    assert "passed alone: `tests/faults/test_a.py::test_a`" in page.of(found)
    assert "passed alone: `tests/faults/test_a.py::test_a`" in page.summary(found)


def test_whoever_fails_at_its_end_has_failed() -> None:
    lines = [{"test": "a", "outcome": outcome, "seconds": 1.0, "at": 1} for outcome in ("passed", "failed")]
    found = account(lines, Size.PR)
    assert (found["failed"], found["again"]) == (["a"], [])
