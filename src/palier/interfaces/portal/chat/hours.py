"""When the team is there, in words."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import dates
from django.core.cache import caches
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.flows.conversations import opening
from palier.flows.conversations.opening import Standing
from palier.interfaces.ui.templatetags.ui import language, zone
from palier.kit import clock, formats

KEPT_SECONDS: Final = 20
"""So long a process remembers how it stands with the team: hours and a median hardly move."""

HOUR: Final = 60


def shown() -> dict[str, Any]:
    """How it stands with the team, for the head of the chat: ``standing``; ``there``, until when or from when they are
    there, and ``hours``, that and what to expect."""
    now = clock.now()
    remembered = caches["process"]
    standing: Standing | None = remembered.get("chat.standing")
    if standing is None:
        standing = opening.standing(now=now)
        remembered.set("chat.standing", standing, KEPT_SECONDS)
    there = _until(standing) if standing.open else _back(standing.opens_at, now)
    expect = _expected(standing.expected_minutes) if standing.open else _by_mail()
    return {"standing": standing, "there": there, "hours": " ".join(filter(None, (there, expect)))}


def _by_mail() -> str:
    return _("Leave your message: the answer also comes by e-mail.")


def _until(standing: Standing) -> str:
    if standing.closes_at is None:
        return _("We are here now.")
    at = formats.time_of_day(standing.closes_at, language(), zone())
    return _("We are here until %(time)s (%(place)s time).") % {"time": at, "place": _place()}


def _back(opens_at: datetime | None, now: datetime) -> str:
    if opens_at is None:
        return ""
    there = ZoneInfo(zone())
    said = {"time": formats.time_of_day(opens_at, language(), zone()), "place": _place()}
    days = (opens_at.astimezone(there).date() - now.astimezone(there).date()) // timedelta(days=1)
    if days == 0:
        return _("We are back today at %(time)s (%(place)s time).") % said
    if days == 1:
        return _("We are back tomorrow at %(time)s (%(place)s time).") % said
    weekday = dates.format_date(opens_at.astimezone(there), "EEEE", locale=formats.locale_of(language()))
    return _("We are back on %(day)s at %(time)s (%(place)s time).") % {**said, "day": weekday}


def _place() -> str:
    """The city of the seller's zone."""
    return dates.get_timezone_location(zone(), locale=formats.locale_of(language()), return_city=True)


def _expected(minutes: int | None) -> str:
    if minutes is None:
        return ""
    if minutes < HOUR:
        count = max(5, -(-minutes // 5) * 5)
        return _("Usually answered within %(count)s minutes.") % {"count": count}
    hours = -(-minutes // HOUR)
    return ngettext("Usually answered within %(count)s hour.", "Usually answered within %(count)s hours.", hours) % {
        "count": hours
    }
