"""The report on what was done to the program fails when too little happened, and says only what its lines say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.report import __main__ as command
from tests.report import chart, page
from tests.report.account import Line, account, lines_of
from tests.report.figures import FIGURES
from tests.report.happened import WHERE, happened, measured
from tests.report.size import Size

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
ENOUGH: list[Line] = [
    {"test": f"tests/faults/test_{name}.py::test_it", "figure": name, "times": figure.pr, "detail": {}, "at": NOON}
    for name, figure in FIGURES.items()
]


def outcome(name: str, how: str = "passed") -> Line:
    return {"test": f"tests/faults/test_{name}.py::test_it", "outcome": how, "seconds": 2.0, "at": NOON + 60}


def told(lines: list[Line], size: Size = Size.PR) -> Line:
    return account(lines, size)


def test_a_run_that_did_all_that_is_asked_is_short_of_nothing() -> None:
    found = told([*ENOUGH, *(outcome(name) for name in FIGURES)])
    assert (found["short"], found["failed"]) == ([], [])
    assert (found["began_at"], found["seconds"]) == ("2026-11-26T12:00:00+00:00", 60)
    assert "Nobody was charged twice" in page.of(found)
    assert all(limit in page.of(found) for limit in found["limits"])


@pytest.mark.parametrize("missing", FIGURES)
def test_one_too_few_is_short(missing: str) -> None:
    lines = [line | ({"times": line["times"] - 1} if line["figure"] == missing else {}) for line in ENOUGH]
    found = told(lines)
    assert found["short"] == [missing]
    assert "Nobody was charged twice" not in page.of(found)


def test_the_floors_of_a_night_are_not_those_of_a_test_run() -> None:
    assert "process_kills" in told(ENOUGH, Size.NIGHT)["short"]


def test_a_failed_test_is_said_beside_every_figure_of_its_file_and_none_is_bounded() -> None:
    found = told([*ENOUGH, outcome("process_kills", "failed")])
    figure = next(each for each in found["figures"] if each["name"] == "process_kills")
    assert (figure["failed"], figure["at_most"]) == (1, None)
    assert "1 tests failed" in page.of(found)


def test_what_happened_is_read_from_the_lines_that_tests_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lines"
    monkeypatch.setenv(WHERE, str(file))
    happened("process_kills", 3, seed=7)
    happened("planted_bugs", bug="fresh_key", check="I03: taken twice")
    for seconds in (1.0, 2.0, 9.0):
        measured("database_back", seconds)
    found = told(lines_of(file))
    kills = found["figures"][0]
    assert (kills["counted"], kills["seeds"]) == (3, ["7"])
    assert found["planted_bugs"] == [{"bug": "fresh_key", "check": "I03: taken twice", "seconds": 0.0}]
    assert found["measures"][0] | {"title": ""} == {
        "name": "database_back",
        "title": "",
        "times": 3,
        "median": 2.0,
        "p99": 9.0,
        "most": 9.0,
    }
    monkeypatch.setattr(command, "DRAFTS", tmp_path)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    assert command.main(["judge", str(file)]) == 1, "three kills are too few"
    assert (tmp_path / "pr.json").exists()


def test_each_flow_is_told_with_its_points_and_the_share_of_its_moments_at_which_it_died() -> None:
    told_of = [
        {"test": "", "at": NOON, "story": "plan_change", "points": 60, "moments": 31, "killed": 10},
        {"test": "", "at": NOON, "story": "checkout", "points": 70, "moments": 36, "killed": 36},
    ]
    found = told([*ENOUGH, *told_of])
    assert [row["story"] for row in found["kill_points"]] == ["checkout", "plan_change"]
    assert found["short"] == []
    said = page.of(found)
    assert "| plan change | 60 | 31 | 10 | 32 % |" in said
    assert "| All | 130 | 67 | 46 | 68 % |" in said
    assert told(told_of, Size.NIGHT)["short"][-1] == "plan_change", "a night leaves no moment out"


def test_a_report_from_before_the_points_were_told_makes_a_page_without_them() -> None:
    found = told(ENOUGH)
    del found["kill_points"]
    assert "Where each flow was killed" not in page.of(found)


def test_what_takes_longer_than_a_night_allows_is_short() -> None:
    def slow(seconds: float) -> list[Line]:
        return [{"test": "", "at": NOON, "measure": "database_back", "seconds": seconds}]

    assert "database_back" not in told(slow(15), Size.NIGHT)["short"]
    assert "database_back" in told(slow(15.1), Size.NIGHT)["short"]
    assert told([*ENOUGH, *slow(15.1)])["short"] == [], "a test run has no ceilings"
    assert "| 15.10 s | 15.00 s |" in page.of(told(slow(15.1), Size.NIGHT))
    assert "database_back" in told([], Size.NIGHT)["short"], "what was not measured proves nothing"


def test_a_seed_may_be_a_word_or_a_number() -> None:
    """Random lives are chosen by a word, the other plays by a number; one figure counts both."""
    mixed = [ENOUGH[0] | {"detail": {"seed": seed}} for seed in ("palier", 11, 2, "palier")]
    found = told(mixed)
    assert found["figures"][0]["seeds"] == ["2", "11", "palier"]
    assert "2, 11, palier" in page.of(found)


def test_what_is_no_figure_is_not_counted() -> None:
    with pytest.raises(AssertionError, match="no figure"):
        happened("kindness")


def test_the_chart_is_a_picture_with_each_figure_and_its_count() -> None:
    drawn = ElementTree.fromstring(chart.of(told(ENOUGH)))
    words = [node.text for node in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {figure.title for figure in FIGURES.values()} <= set(words)
    assert "20,000" in words
    widest = max(len(figure.title) for figure in FIGURES.values())
    assert widest * 7.3 <= chart.LABELS - 12, "a title of 14 px letters begins within the picture"


def test_the_published_page_and_chart_are_made_of_the_published_report() -> None:
    found = json.loads(page.JSON.read_text(encoding="utf-8"))
    assert page.PAGE.read_text(encoding="utf-8") == page.of(found), "python -m tests.report publish"
    assert page.CHART.read_text(encoding="utf-8") == chart.of(found), "python -m tests.report publish"


def test_what_is_published_was_seen_in_one_run_of_a_commit() -> None:
    found = json.loads(page.JSON.read_text(encoding="utf-8"))
    assert (found["changed"], found["failed"], found["short"]) == (False, [], [])
    assert {figure["name"] for figure in found["figures"]} <= set(FIGURES), "make test, then publish its report"
