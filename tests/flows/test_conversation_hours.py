"""When somebody answers, and how long it takes: in the seller's zone, across both changes of the clock."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from palier.apps.accounts import actions as accounts
from palier.apps.chat.models import Conversation, OpeningHours
from palier.flows.conversations import opening
from tests.flows.conversations import answered, of_the_team, written
from tests.world import NOON, Cast

MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(*spans: tuple[int, str, str]) -> None:
    for weekday, opens, closes in spans:
        OpeningHours.objects.create(weekday=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


@pytest.mark.parametrize(
    ("now", "is_open", "opens_at", "closes_at"),
    [
        ("2026-06-01 07:00", True, None, "2026-06-01 10:00"),  # Monday, 9:00 in Paris
        ("2026-06-01 06:59", False, "2026-06-01 07:00", None),
        ("2026-06-01 10:00", False, "2026-06-01 12:00", None),  # lunch
        ("2026-06-01 15:59", True, None, "2026-06-01 16:00"),
        ("2026-06-01 16:00", False, "2026-06-05 07:00", None),  # Friday is the next day
        ("2026-06-05 20:00", False, "2026-06-08 07:00", None),
        ("2026-03-27 20:00", False, "2026-03-30 07:00", None),  # the clock goes forward on the 29th: 9:00 is 7:00 UTC
        ("2026-10-23 20:00", False, "2026-10-26 08:00", None),  # back on the 25th: 9:00 is 8:00 UTC
    ],
)
def test_open_in_the_sellers_zone(
    cast: Cast, now: str, is_open: bool, opens_at: str | None, closes_at: str | None
) -> None:
    hours((0, "09:00", "12:00"), (0, "14:00", "18:00"), (4, "09:00", "12:00"))
    found = opening.standing(now=at(now))
    assert (found.open, found.opens_at, found.closes_at) == (
        is_open,
        at(opens_at) if opens_at else None,
        at(closes_at) if closes_at else None,
    )


@pytest.mark.parametrize(
    ("now", "closes_at"),
    [
        ("2026-03-29 00:30", "2026-03-29 22:00"),  # the Sunday of 23 hours
        ("2026-10-25 00:30", "2026-10-25 23:00"),  # the Sunday of 25 hours: 2:30 comes twice
        ("2026-10-25 01:30", "2026-10-25 23:00"),
    ],
)
def test_a_day_of_another_length_is_open_as_long_as_it_is(cast: Cast, now: str, closes_at: str) -> None:
    hours((6, "00:00", "23:59"))
    found = opening.standing(now=at(now))
    assert (found.open, found.closes_at) == (True, at(closes_at))


def test_a_time_of_day_that_the_clock_skips_is_the_moment_after(cast: Cast) -> None:
    hours((6, "02:30", "04:00"))
    assert opening.standing(now=at("2026-03-29 00:00")).opens_at == at("2026-03-29 01:30")


def test_days_that_touch_are_one_span(cast: Cast) -> None:
    hours((0, "20:00", "23:59"), (1, "00:00", "02:00"))
    found = opening.standing(now=at("2026-06-01 21:59"))
    assert (found.open, found.closes_at) == (True, at("2026-06-02 00:00"))


def test_without_hours_it_is_open_while_somebody_is_on_line(cast: Cast, django_assert_num_queries: Any) -> None:
    operator = of_the_team()
    assert opening.standing(now=NOON) == opening.Standing(False, None, None, None, False)
    accounts.at_the_desk(operator, now=NOON)
    with django_assert_num_queries(2):  # and the catalogue, which a page has asked for already
        assert opening.standing(now=NOON + 90 * timedelta(seconds=1)) == opening.Standing(True, None, None, None, True)
    assert not opening.standing(now=NOON + 91 * timedelta(seconds=1)).on_line


def test_the_delay_told_is_the_median_of_what_was_asked_within_hours(cast: Cast) -> None:
    operator = of_the_team()
    hours((0, "09:00", "18:00"))
    monday = at("2026-06-01 07:00")

    def asked(after: timedelta, wait: timedelta) -> None:
        conversation = written(cast.member, now=monday + after).conversation
        answered(operator, conversation, now=monday + after + wait)
        answered(operator, conversation, now=monday + after + 50 * wait)

    for number, minutes in enumerate((2, 4, 6, 30)):
        asked(number * timedelta(hours=1), minutes * MINUTE)
    assert opening.standing(now=monday).expected_minutes is None, "too few to tell"
    asked(timedelta(hours=12), 700 * MINUTE)  # in the evening
    asked(timedelta(days=1), 900 * MINUTE)  # on a Tuesday
    assert opening.standing(now=monday).expected_minutes is None
    asked(timedelta(hours=8), 8 * MINUTE)
    assert opening.standing(now=monday).expected_minutes == 6
    assert opening.standing(now=monday + timedelta(days=31)).expected_minutes is None
    assert Conversation.objects.filter(answered_at=None).count() == 0
