"""Where a test clock may be sent: a day, a little further, or the next thing that falls due."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from palier.apps.accounts.models import Account
from palier.apps.catalogue import current
from palier.engine.periods import Interval, period_at
from palier.flows import coming, upcoming
from palier.kit.refusals import Refusal

JUMPS: Final = ("day", "week", "month", "renewal", "event")

FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)


class NothingAhead(Refusal):
    code = "clock.nothing_ahead"
    en = "Nothing falls due for this account. Nothing was changed; choose a date, or buy a plan first."
    fr = (
        "Rien n’arrive à échéance pour ce compte. Rien n’a été modifié\u202f; choisissez une date, ou prenez d’abord "
        "une formule."
    )
    field = "to"


class MomentUnreadable(Refusal):
    code = "clock.unreadable"
    en = "This is not a date. Nothing was changed; choose a day such as 2027-03-31."
    fr = "Ce n’est pas une date. Rien n’a été modifié\u202f; choisissez un jour, par exemple 2027-03-31."
    field = "to"


def jump(account: Account, how: str, *, own: datetime) -> datetime:
    """The instant that a jump of ``JUMPS`` leads to from ``own``, e.g. a calendar month later."""
    match how:
        case "day" | "week":
            return own + timedelta(days=1 if how == "day" else 7)
        case "month":
            return period_at(own, Interval.MONTH, 0, current().policy.zone).end
        case "renewal":
            ahead = [each for each in coming.of(account.id, before=FOR_EVER) if each.kind == upcoming.RENEWAL]
        case "event":
            ahead = coming.of(account.id, before=FOR_EVER)
        case _:
            raise MomentUnreadable
    at = next((each.at for each in ahead if each.at > own), None)
    if at is None:
        raise NothingAhead
    return at


def on_day(typed: str, *, own: datetime) -> datetime:
    """The same time of the day that was typed as ``2027-03-31``, in the seller's zone."""
    zone = ZoneInfo(current().policy.zone)
    try:
        day = date.fromisoformat(typed.strip()) if len(typed) <= len("2027-03-31 ") else None
        if day is None or not typed.isascii():
            raise MomentUnreadable
        here: time = own.astimezone(zone).time()
        return datetime.combine(day, here, zone).astimezone(own.tzinfo)
    except (ValueError, OverflowError) as error:
        raise MomentUnreadable from error
