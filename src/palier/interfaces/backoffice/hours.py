"""The opening hours: one week with up to two ranges a day, and what customers are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel import dates
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from palier.apps.chat import hours
from palier.apps.chat.hours import RANGES_A_DAY, Typed
from palier.flows.conversations import opening
from palier.interfaces.backoffice.access import OperatorRequest, operator_required
from palier.interfaces.ui.templatetags.ui import zone
from palier.kit import clock, formats
from palier.kit.refusals import Refusal

UNPROCESSABLE = 422
DAYS = range(7)
LONGEST_TIME = 20


@dataclass(frozen=True, slots=True)
class Range:
    """Two fields of the form; ``error`` says what is wrong with them."""

    place: int
    opens: str
    closes: str
    error: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week, with its ranges."""

    number: int
    name: str
    ranges: tuple[Range, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def page(request: OperatorRequest) -> HttpResponse:
    """The week as it is told, to be written anew as a whole."""
    if request.method != "POST":
        return _show(request, _known())
    typed = _typed(request.POST)
    try:
        hours.replace(typed)
    except Refusal as refusal:
        return _show(request, typed, refusal)
    messages.success(request, _("The hours are saved, and customers see them from now on."))
    return redirect("desk-hours")


def _typed(sent: Mapping[str, str]) -> list[Typed]:
    return [
        Typed(
            day,
            *(
                sent.get(f"{end}-{day}-{number}", "").replace("\0", "").strip()[:LONGEST_TIME]
                for end in ("opens", "closes")
            ),
        )
        for day in DAYS
        for number in range(RANGES_A_DAY)
    ]


def _known() -> list[Typed]:
    """The stored week in the places of the form."""
    rows = hours.week()
    typed = []
    for day in DAYS:
        of_day = [Typed(day, f"{row.opens:%H:%M}", f"{row.closes:%H:%M}") for row in rows if row.weekday == day]
        typed += (of_day + [Typed(day, "", "")] * RANGES_A_DAY)[:RANGES_A_DAY]
    return typed


def _show(request: OperatorRequest, typed: list[Typed], refusal: Refusal | None = None) -> HttpResponse:
    language = get_language() or "en"
    names = dates.get_day_names("wide", "stand-alone", locale=formats.locale_of(language))
    wrong = refusal.field if refusal else None
    text = refusal.text(language) if refusal else ""
    ranges = [
        Range(place, each.opens, each.closes, text if wrong == str(place) else "") for place, each in enumerate(typed)
    ]
    days = [
        Day(day, names[day].capitalize(), tuple(ranges[day * RANGES_A_DAY : (day + 1) * RANGES_A_DAY])) for day in DAYS
    ]
    context = {"days": days, "zone": zone(), "standing": opening.standing(now=clock.now()), "error": text}
    return render(request, "backoffice/hours.html", context, status=UNPROCESSABLE if refusal else 200)
