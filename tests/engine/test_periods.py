"""Periods: half-open, from the anchor, in the seller's zone; a day is a calendar day there, never 24 hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.engine.periods import (
    Interval,
    NaiveInstant,
    Period,
    ReversedPeriod,
    UnknownZone,
    in_utc,
    period_at,
    period_containing,
    start_of_day,
)
from tests.engine.facts import PARIS, at, days

ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "UTC"]
ANCHORS = st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2032-12-31"))


def starts(anchor: str, interval: Interval, count: int, zone: str = PARIS) -> list[str]:
    return [
        period_at(at(anchor, zone), interval, index, zone).start.astimezone(ZoneInfo(zone)).date().isoformat()
        for index in range(count)
    ]


@pytest.mark.parametrize(
    ("anchor", "interval", "expected"),
    [
        ("2026-01-31 00:00", Interval.MONTH, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        ("2028-01-31 00:00", Interval.MONTH, ["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("2026-01-30 00:00", Interval.MONTH, ["2026-01-30", "2026-02-28", "2026-03-30"]),
        ("2026-01-29 00:00", Interval.MONTH, ["2026-01-29", "2026-02-28", "2026-03-29"]),
        ("2024-02-29 00:00", Interval.YEAR, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2026-12-15 00:00", Interval.MONTH, ["2026-12-15", "2027-01-15"]),
    ],
)
def test_anchors_at_the_end_of_a_month_leave_no_trace(anchor: str, interval: Interval, expected: list[str]) -> None:
    assert starts(anchor, interval, len(expected)) == expected


def test_a_period_keeps_its_local_time_through_clock_changes() -> None:
    spring = period_at(at("2026-03-15 00:00"), Interval.MONTH, 0, PARIS)
    assert spring == days("2026-03-15", "2026-04-15")
    assert spring.end - spring.start == timedelta(days=31, hours=-1)


def test_an_hour_that_comes_twice_is_its_first_coming_but_for_the_anchor_itself() -> None:
    second = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo(PARIS), fold=1)
    assert period_at(second, Interval.YEAR, 0, PARIS).start == second.astimezone(UTC)
    first = datetime(2037, 10, 25, 2, 30, tzinfo=ZoneInfo(PARIS)).astimezone(UTC)
    assert period_at(second, Interval.YEAR, 11, PARIS).start == first
    assert period_at(at("2026-09-25 02:30"), Interval.MONTH, 1, PARIS).start == at("2026-10-25 02:30").astimezone(UTC)


def test_where_the_clock_goes_back_over_the_end_of_a_month_the_period_has_begun() -> None:
    """Newfoundland, 1 November 2009: at one past midnight it was 23:01 once more, on 31 October."""
    zone = "America/St_Johns"
    once_more = datetime(2009, 10, 31, 23, 30, tzinfo=ZoneInfo(zone), fold=1)
    for months, anchor in ((1, "2009-10-01 00:00"), (2, "2009-09-01 00:00"), (5, "2009-06-01 00:00")):
        found = period_containing(at(anchor, zone), Interval.MONTH, once_more, zone)
        assert found == period_at(at(anchor, zone), Interval.MONTH, months, zone)
        assert once_more in found


@pytest.mark.parametrize("zones", [("UTC", PARIS), (PARIS, "UTC"), (PARIS, PARIS)])
def test_a_period_is_kept_in_utc(zones: tuple[str, str]) -> None:
    first, last = (UTC if zone == "UTC" else ZoneInfo(zone) for zone in zones)
    period = Period(datetime(2026, 6, 1, tzinfo=first), datetime(2026, 7, 1, tzinfo=last))
    assert period.start.tzinfo is UTC
    assert period.end.tzinfo is UTC
    assert in_utc(period.end.astimezone(ZoneInfo(PARIS))).tzinfo is UTC


def test_a_period_is_half_open() -> None:
    june = days("2026-06-01", "2026-07-01")
    assert june.start in june
    assert june.end not in june


def test_a_day_starts_at_local_midnight() -> None:
    assert start_of_day(at("2026-06-20 00:00"), PARIS).tzinfo is UTC
    assert start_of_day(at("2026-06-20 00:00"), PARIS) == at("2026-06-20 00:00")
    assert start_of_day(datetime(2026, 6, 19, 22, 30, tzinfo=UTC), PARIS) == at("2026-06-20 00:00")
    assert start_of_day(datetime(2026, 6, 19, 21, 59, tzinfo=UTC), PARIS) == at("2026-06-19 00:00")


def test_where_the_clock_skips_midnight_the_day_starts_with_the_skip() -> None:
    zone = "America/Santiago"  # 6 September 2026: 24:00 becomes 01:00
    start = start_of_day(at("2026-09-06 12:00", zone), zone)
    assert start.astimezone(ZoneInfo(zone)).hour == 1
    assert (start - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).day == 5


@given(ANCHORS, st.sampled_from(ZONES), st.sampled_from(Interval), st.integers(-40, 200))
def test_periods_are_contiguous_and_never_drift(naive: datetime, zone: str, interval: Interval, index: int) -> None:
    anchor = naive.replace(tzinfo=ZoneInfo(zone))
    period, following = (period_at(anchor, interval, number, zone) for number in (index, index + 1))
    assert period.end == following.start
    assert period.start < period.end
    local = period.start.astimezone(ZoneInfo(zone))
    assert local.day == anchor.day or (local.day < anchor.day and (local + timedelta(days=1)).day == 1)
    expected_month = (anchor.year * 12 + anchor.month - 1 + index * interval.months) % 12 + 1
    assert local.month == expected_month


@given(ANCHORS, st.sampled_from(ZONES), st.sampled_from(Interval), st.integers(-(10**9), 10**9))
def test_the_period_that_contains_an_instant_does(naive: datetime, zone: str, interval: Interval, seconds: int) -> None:
    anchor = naive.replace(tzinfo=ZoneInfo(zone))
    instant = anchor.astimezone(UTC) + timedelta(seconds=seconds)
    assert instant in period_containing(anchor, interval, instant, zone)


@given(ANCHORS, st.sampled_from(ZONES), st.sampled_from(Interval), st.integers(0, 60))
def test_edges_belong_to_the_period_they_open(naive: datetime, zone: str, interval: Interval, index: int) -> None:
    anchor = naive.replace(tzinfo=ZoneInfo(zone))
    period = period_at(anchor, interval, index, zone)
    assert period_containing(anchor, interval, period.start, zone) == period
    assert period_containing(anchor, interval, period.end - timedelta(microseconds=1), zone) == period


def test_instants_need_a_zone() -> None:
    naive = datetime.fromisoformat("2026-06-20")
    with pytest.raises(NaiveInstant):
        start_of_day(naive, PARIS)
    with pytest.raises(NaiveInstant):
        Period(naive, naive)


@pytest.mark.parametrize("zone", ["Europe/Pari", "", "../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_refused_by_name(zone: str) -> None:
    with pytest.raises(UnknownZone):
        start_of_day(at("2026-06-20"), zone)


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ReversedPeriod):
        days("2026-06-02", "2026-06-01")
