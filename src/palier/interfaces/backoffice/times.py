"""How long ago, in words: for people who answer all day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from palier.interfaces.ui.templatetags.ui import language, zone
from palier.kit import formats

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def since_words(at: datetime, now: datetime) -> str:
    """``12 min``, ``3 h``, ``2 d``: how long something lasts already."""
    lasted = max(timedelta(), now - at)
    if lasted < MINUTE:
        return _("now")
    if lasted < HOUR:
        return _("%(number)s min") % {"number": lasted // MINUTE}
    if lasted < DAY:
        return _("%(number)s h") % {"number": lasted // HOUR}
    return _("%(number)s d") % {"number": lasted // DAY}


def day_words(at: datetime, now: datetime) -> str:
    """``Today``, ``Yesterday`` or the day, in the seller's zone."""
    there = ZoneInfo(zone())
    days = (now.astimezone(there).date() - at.astimezone(there).date()).days
    if days == 0:
        return _("Today")
    if days == 1:
        return _("Yesterday")
    return formats.long_day(at, language(), zone())
