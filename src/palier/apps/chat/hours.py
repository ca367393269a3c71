"""The team's opening hours: one week, written anew as a whole, in the seller's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final

from django.db import transaction

from palier.apps.chat.models import OpeningHours
from palier.kit import locks
from palier.kit.locks import Lock
from palier.kit.refusals import Refusal

RANGES_A_DAY: Final = 2
"""A morning and an afternoon."""


class NotATime(Refusal):
    code = "hours.not_a_time"
    en = "“{typed}” is not a time of day. Write hours and minutes, as in 09:00. The hours stay as they were."
    fr = (
        "«\u202f{typed}\u202f» n’est pas une heure. Écrivez heures et minutes, comme 09:00. "
        "Les horaires n’ont pas changé."
    )


class OneEndMissing(Refusal):
    code = "hours.one_end_missing"
    en = "One of both times is missing. Write from when and until when, or neither. The hours stay as they were."
    fr = "Il manque l’une des deux heures. Écrivez de quand à quand, ou rien. Les horaires n’ont pas changé."


class ClosesFirst(Refusal):
    code = "hours.closes_first"
    en = "The team would close before it opens. Let the second time be later. The hours stay as they were."
    fr = "L’équipe fermerait avant d’ouvrir. La seconde heure doit être plus tard. Les horaires n’ont pas changé."


class Overlap(Refusal):
    code = "hours.overlap"
    en = "Both ranges of this day overlap. Let the second one begin after the first. The hours stay as they were."
    fr = (
        "Les deux plages de ce jour se chevauchent. La seconde doit commencer après la première. "
        "Les horaires n’ont pas changé."
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """A range as it was typed, for a weekday (0 Monday to 6 Sunday): ``"09:00"``, both empty for none."""

    weekday: int
    opens: str
    closes: str


def week() -> list[OpeningHours]:
    """The hours that are told now."""
    return list(OpeningHours.objects.all())


def replace(ranges: Sequence[Typed]) -> None:
    """Tell these hours from now on, and no others. A refusal's field is the place of the range among them."""
    rows: list[OpeningHours] = []
    for place, typed in enumerate(ranges):
        row = _row(place, typed)
        if row is None:
            continue
        if rows and rows[-1].weekday == row.weekday and row.opens < rows[-1].closes:
            raise Overlap(field=str(place))
        rows.append(row)
    with transaction.atomic():
        locks.wait(Lock.OPENING_HOURS)
        OpeningHours.objects.all().delete()
        OpeningHours.objects.bulk_create(rows)


def _row(place: int, typed: Typed) -> OpeningHours | None:
    if not typed.opens and not typed.closes:
        return None
    if not typed.opens or not typed.closes:
        raise OneEndMissing(field=str(place))
    opens, closes = _time(place, typed.opens), _time(place, typed.closes)
    if closes <= opens:
        raise ClosesFirst(field=str(place))
    return OpeningHours(weekday=typed.weekday, opens=opens, closes=closes)


def _time(place: int, typed: str) -> time:
    try:
        return time.fromisoformat(typed).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise NotATime(field=str(place), typed=typed[:20]) from None
