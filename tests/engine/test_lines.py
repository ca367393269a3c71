"""Which invoiced lines still cover time, and are therefore given back when what they paid for changes."""

from datetime import datetime

import pytest

from palier.engine.lines import covering
from palier.engine.subscription import Current, Item, Paid
from tests.engine.facts import BUSINESS, RECORDS, TEAM, at, days, price, subscription

JUNE = days("2026-06-01", "2026-07-01")
THE_15TH = at("2026-06-15 00:00")


def team(line: str, seats: int, *, credited_minor: int = 0, ends_at: datetime | None = None) -> Paid:
    return Paid(line, TEAM.kind, "team", seats, 10900, JUNE, 10900 * seats, credited_minor, ends_at)


def records(line: str, units: int, key: str = "records") -> Paid:
    return Paid(line, RECORDS.kind, key, units, 2500, JUNE, 2500 * units)


def lines(*paid: Paid, items: tuple[Item, ...], cut: datetime = THE_15TH) -> list[str]:
    current = Current(subscription(*items, period=JUNE).state, paid)
    return [line.line for line in covering(current, items, cut)]


def test_all_that_were_never_credited_the_oldest_first() -> None:
    assert lines(team("base", 2), team("added", 3), items=(Item(TEAM, 5),)) == ["base", "added"]
    assert lines(team("base", 2), team("added", 3), items=(Item(TEAM, 3),)) == ["base", "added"]


@pytest.mark.parametrize(("cut", "found"), [("2026-06-30 23:59", ["base"]), ("2026-07-01 00:00", [])])
def test_none_from_the_end_of_its_period_on(cut: str, found: list[str]) -> None:
    assert lines(team("base", 3), items=(Item(TEAM, 3),), cut=at(cut)) == found


@pytest.mark.parametrize(("ends", "found"), [("2026-06-15 00:01", ["base"]), ("2026-06-15 00:00", [])])
def test_none_from_the_day_on_which_its_rest_was_taken_back(ends: str, found: list[str]) -> None:
    assert lines(team("base", 3, ends_at=at(ends)), items=(Item(TEAM, 3),)) == found


def test_a_credited_line_and_its_successor_are_the_same_seats() -> None:
    old, new = team("old", 3, credited_minor=10900), team("new", 3)
    assert lines(old, new, items=(Item(TEAM, 3),)) == ["new"]


def test_a_credited_line_counts_where_the_others_are_too_few() -> None:
    older, old, new = team("older", 1, credited_minor=1), team("old", 1, credited_minor=1), team("new", 3)
    assert lines(older, old, new, items=(Item(TEAM, 4),)) == ["old", "new"]
    assert lines(older, old, new, items=(Item(TEAM, 5),)) == ["older", "old", "new"]


def test_a_plan_takes_the_place_of_any_other_and_an_add_on_of_itself_alone() -> None:
    paid = (team("seats", 3), records("records", 2), records("other", 2, key="storage"))
    storage = Item(price("records"), 2)
    assert lines(*paid, items=(Item(BUSINESS, 3),)) == ["seats"]
    current = Current(subscription(Item(TEAM, 3), storage, period=JUNE).state, paid)
    assert [line.line for line in covering(current, (storage,), THE_15TH)] == ["records"]
