"""Users: how many now and from the renewal on, of each interval; more at once, fewer later; the journal of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from palier.apps.subscriptions import seats as counted
from palier.engine.periods import Interval
from palier.flows import baskets, quote, schedule, upcoming
from palier.flows.change import Choice, check_choice, choice_from
from palier.flows.facts import Facts, facts_of
from palier.flows.quote_refusals import SeatsNotANumber
from palier.interfaces.portal import offer
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.seat_journal import chart, journal_of, lines_of
from palier.interfaces.ui.waiting import scheduled_words, waiting_of
from palier.kit.refusals import Refusal

UNPROCESSABLE: Final = 422
INTERVALS: Final = (Interval.MONTH, Interval.YEAR)


@dataclass(frozen=True, slots=True)
class Line:
    """The users of one interval; ``typed`` is what the field holds. A subscription of it renews, or ends."""

    interval: str
    now: int
    at_renewal: int
    typed: str
    rate_minor: int
    renews_at: datetime | None
    ends_at: datetime | None


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest) -> HttpResponse:
    """Show a choice with its price; buy more, or schedule fewer. What is refused stays on the page."""
    facts = facts_of(request.account, now=request.now)
    if not facts.held:
        return redirect("plans")
    if request.method != "POST":
        return _show(request, facts, typed_from(facts, request.GET))
    typed = typed_from(facts, request.POST)
    try:
        return _done(request, facts, choice_of(facts, typed))
    except Refusal as refusal:
        return _show(request, facts, typed, refusal)


def _done(request: MemberRequest, facts: Facts, choice: Choice) -> HttpResponse:
    if request.POST.get("action") == "schedule":
        made = schedule.change(request.account, request.member, choice, now=request.now)
        messages.success(request, scheduled_words(made))
        return redirect("billing-seats")
    if request.POST.get("action") == "take" and (interval := _collected(facts, choice)):
        wanted = choice.by_interval[interval]
        baskets.take(request.account, request.member, wanted, interval=interval, now=request.now)
        messages.success(request, _("The users are there. One invoice follows for everything added today."))
        return redirect("billing-seats")
    return redirect("checkout", quote.make(request.account, request.member, choice, now=request.now).public_id)


def typed_from(facts: Facts, data: Mapping[str, str]) -> dict[str, str]:
    """The users of each interval as they were typed, after the - or + button of a page without script."""
    typed = {}
    for interval in INTERVALS:
        held = facts.on(interval)
        typed[interval.value] = data.get(interval, "").replace("\0", "")[:12].strip() or str(held.seats if held else 0)
    of, _colon, step = data.get("step", "").partition(":")
    if of in typed and step in {"-1", "1"} and typed[of].isdecimal():
        typed[of] = str(max(0, int(typed[of]) + int(step)))
    return typed


def choice_of(facts: Facts, typed: Mapping[str, str]) -> Choice:
    """The choice that two numbers of users are, on the plan that is held."""
    plan = facts.held[0].current.state.plan.price.key
    try:
        choice = choice_from(plan, Interval.MONTH, typed["month"], typed["year"])
    except SeatsNotANumber as refusal:
        monthly = _is_number(typed["month"])
        raise SeatsNotANumber(field="year" if monthly else "month") from refusal
    if choice.seats == 0:
        choice = Choice(plan, Interval.YEAR, choice.other_seats)
    check_choice(facts.account, choice)
    return choice


def _is_number(text: str) -> bool:
    try:
        choice_from("", "", text)
    except SeatsNotANumber:
        return False
    return True


def _collected(facts: Facts, choice: Choice) -> str:
    """The interval whose users come now and are billed with the day's others, where the seller collects; else ""."""
    changed = [each.interval for each in facts.held if choice.by_interval[each.interval] != each.seats]
    same = {each.interval for each in facts.held} == {name for name, seats in choice.by_interval.items() if seats}
    return changed[0] if baskets.collects(facts.catalogue) and same and len(changed) == 1 else ""


def _show(
    request: MemberRequest, facts: Facts, typed: Mapping[str, str], refusal: Refusal | None = None
) -> HttpResponse:
    now = request.now
    choice = _held_choice(facts)
    posted = refusal is not None
    try:
        choice = choice_of(facts, typed)
    except Refusal as misread:
        refusal = refusal or misread
    due = offer.due(facts, choice, refusal, now=now)
    field = refusal.field if refusal and refusal.field in INTERVALS else ""
    journal = journal_of(request.account)
    context = {
        "lines": [_line(facts, interval, typed) for interval in INTERVALS],
        "due": due,
        "takes": due.draft is not None and _collected(facts, choice),
        "error_field": field,
        "error": refusal.text(get_language() or "en") if refusal and not due.later else "",
        "currency": facts.currency,
        "seats": counted.of_account(request.account, now=now),
        "waiting": waiting_of(facts),
        "journal": lines_of(journal),
        "chart": chart(journal, now=now),
        "here": reverse("billing-seats"),
    }
    return render(request, "portal/seats.html", context, status=UNPROCESSABLE if posted else 200)


def _line(facts: Facts, interval: Interval, typed: Mapping[str, str]) -> Line:
    held = facts.on(interval)
    plan = facts.held[0].current.state.plan.price.key
    price = offer.held_price(facts, facts.catalogue.price(plan, interval, facts.currency))
    return Line(
        interval=interval.value,
        now=held.seats if held else 0,
        at_renewal=upcoming.of(facts, held).seats if held else 0,
        typed=typed[interval.value],
        rate_minor=price.monthly_minor,
        renews_at=held.subscription.period_end if held and not held.cancels else None,
        ends_at=held.subscription.period_end if held and held.cancels else None,
    )


def _held_choice(facts: Facts) -> Choice:
    main, *others = facts.held
    return Choice(main.current.state.plan.price.key, main.interval, main.seats, sum(each.seats for each in others))
