"""When somebody answers: the team's opening hours, who is on line, and how long a first answer takes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

from palier.apps.accounts.models import Operator
from palier.apps.catalogue import current
from palier.apps.catalogue.versions import NoCatalogue

ON_LINE_FOR: Final = timedelta(seconds=90)
"""Whoever of the team looked so short a time ago is on line."""

REMEMBERED: Final = timedelta(days=30)
FEWEST: Final = 5
"""So many first answers make a median worth telling."""

_LAST_MINUTE: Final = time(23, 59)
"""Hours that close then go on until midnight: a time of day has no 24:00."""

_STANDING: Final = """
    SELECT
        (SELECT coalesce(array_agg(ARRAY[weekday::text, opens::text, closes::text] ORDER BY weekday, opens), '{}')
            FROM chat_openinghours),
        EXISTS (SELECT FROM accounts_operator WHERE ended_at IS NULL AND seen_at >= %(on_line_since)s),
        (SELECT CASE WHEN count(*) >= %(fewest)s THEN
                percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.answered_at - c.opened_at)) END
            FROM chat_conversation c, LATERAL (SELECT c.opened_at AT TIME ZONE %(zone)s AS at) AS local
            WHERE c.opened_at > %(since)s AND c.answered_at IS NOT NULL AND (
                NOT EXISTS (SELECT FROM chat_openinghours) OR EXISTS (
                    SELECT FROM chat_openinghours h
                    WHERE h.weekday = extract(isodow FROM local.at) - 1
                        AND local.at::time >= h.opens
                        AND (local.at::time < h.closes OR h.closes >= '23:59'))))
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the team is there. ``opens_at`` is when it is again and None while it is open, ``closes_at`` until when
    it is and None while it is not; both None where it has told no hours: then it is open while somebody is on line.
    ``expected_minutes`` is the median of the first answers of a month, asked for within hours; None while they are
    too few."""

    open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    expected_minutes: int | None
    on_line: bool


def standing(*, now: datetime) -> Standing:
    """How it stands with the team now: one statement."""
    zone = zone_of_the_team()
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDING,
            {
                "zone": zone,
                "on_line_since": now - ON_LINE_FOR,
                "since": now - REMEMBERED,
                "fewest": FEWEST,
            },
        )
        rows, on_line, seconds = cursor.fetchone()
    hours = [(int(day), time.fromisoformat(opens), time.fromisoformat(closes)) for day, opens, closes in rows]
    minutes = None if seconds is None else max(1, round(float(seconds) / 60))
    if not hours:
        return Standing(on_line, None, None, minutes, on_line)
    for opens_at, closes_at in _spans(hours, ZoneInfo(zone), now):
        if closes_at > now:
            is_open = opens_at <= now
            return Standing(is_open, None if is_open else opens_at, closes_at if is_open else None, minutes, on_line)
    return Standing(False, None, None, minutes, on_line)


def on_line(*, now: datetime) -> bool:
    """Whether somebody of the team is at the desk."""
    return Operator.objects.filter(ended_at=None, seen_at__gte=now - ON_LINE_FOR).exists()


def zone_of_the_team() -> str:
    """The seller's zone; the chat is there before any catalogue is."""
    try:
        return current().policy.zone
    except NoCatalogue:
        return "UTC"


def _spans(hours: list[tuple[int, time, time]], zone: ZoneInfo, now: datetime) -> list[tuple[datetime, datetime]]:
    """The open spans from yesterday until in eight days, in UTC, those that touch joined.

    A time of day that the clock skips is the same moment after the leap; of one that comes twice it is the first.
    """
    today = now.astimezone(zone).date()
    spans: list[tuple[datetime, datetime]] = []
    for offset in range(-1, 9):
        day = today + timedelta(days=offset)
        for weekday, opens, closes in hours:
            if weekday == day.weekday():
                start, end = _instant(day, opens, zone), _end(day, closes, zone)
                if spans and start <= spans[-1][1]:
                    spans[-1] = spans[-1][0], max(end, spans[-1][1])
                else:
                    spans.append((start, end))
    return spans


def _end(day: date, closes: time, zone: ZoneInfo) -> datetime:
    if closes >= _LAST_MINUTE:
        return _instant(day + timedelta(days=1), time(0), zone)
    return _instant(day, closes, zone)


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
