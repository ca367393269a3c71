"""Changes that wait for the end of the paid period, in the reader's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from palier.apps.subscriptions.models import ScheduledChange
from palier.engine.periods import Interval
from palier.flows.facts import Facts, Held
from palier.interfaces.ui.templatetags.ui import long_day
from palier.kit import formats


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits, in the reader's words: what, for which users in mixed billing, and from when; what ends is
    dated by its last day. ``begun``: it has taken effect on the other subscription, so it cannot be taken back;
    ``ends_all``: it is the last of two cancellations, which can be taken back together."""

    change: ScheduledChange
    what: str
    whose: str
    at: datetime
    begun: bool
    ends_all: bool


def scheduled_words(made: Iterable[ScheduledChange]) -> str:
    """What was scheduled, for the message after it."""
    days = sorted({long_day(change.effective_at) for change in made})
    return _("Scheduled for %(day)s. Nothing is charged now, and you can withdraw it until then.") % {
        "day": _(" and ").join(days)
    }


def waiting_of(facts: Facts) -> list[Waiting]:
    """Every change that waits, a change of both subscriptions once, the soonest first."""
    found: dict[tuple[object, ...], Waiting] = {}
    for held in facts.held:
        for change in held.waiting:
            shared = change.kind == "plan"
            whose = "" if shared or not facts.mixed else whose_words(held.interval)
            of = (change.kind, change.key) if shared else (change.id,)
            what, at = what_words(facts, held, change), _dated(change)
            begun = change.kind == "plan" and change.key in facts.held_plans
            ends_all = change.kind == "cancel" and facts.mixed and not facts.renewing and held is facts.held[-1]
            found.setdefault(of, Waiting(change, what, whose, at, begun, ends_all))
    return sorted(found.values(), key=lambda each: (each.at, each.change.id))


def _dated(change: ScheduledChange) -> datetime:
    return formats.last_instant(change.effective_at) if change.kind == "cancel" else change.effective_at


def what_words(facts: Facts, held: Held, change: ScheduledChange) -> str:
    """``5 users instead of 8``."""
    language = get_language() or "en"
    number = formats.whole_number(change.quantity, language)
    match change.kind:
        case "plan":
            return _("Move to %(plan)s") % {"plan": facts.catalogue.plan(change.key).name(language)}
        case "interval":
            return _("Move to monthly billing") if change.key == Interval.MONTH else _("Move to annual billing")
        case "seats":
            before = formats.whole_number(held.seats, language)
            said = ngettext(
                "%(number)s user instead of %(before)s", "%(number)s users instead of %(before)s", change.quantity
            )
            return said % {"number": number, "before": before}
        case "add_on":
            name = facts.catalogue.add_on(change.key).name(language)
            return _("Add-on “%(name)s”: %(number)s") % {"name": name, "number": number}
        case _cancel:
            return _("The subscription ends")


def whose_words(interval: str) -> str:
    """Which of the two subscriptions of mixed billing."""
    return _("annual users") if interval == Interval.YEAR else _("monthly users")
