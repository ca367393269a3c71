"""Add-ons: units held now and from the renewal on; more at once for the days left, fewer at the renewal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from palier.apps.catalogue import AddOn
from palier.engine.periods import Interval
from palier.flows import quote, schedule, upcoming
from palier.flows.change import WHOLE_NUMBER, Choice, check_choice, units_held
from palier.flows.facts import Facts, Held, facts_of
from palier.flows.quote_refusals import AddOnUnitsOutOfRange
from palier.interfaces.portal import offer
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.ui.waiting import scheduled_words, waiting_of
from palier.kit.refusals import Refusal

UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Line:
    """One add-on: units ``now`` and ``at_renewal``; ``typed`` is what its field holds."""

    add_on: AddOn
    name: str
    field: str
    now: int
    at_renewal: int
    typed: str
    rate_minor: int


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest) -> HttpResponse:
    """Show a choice with its price; buy more, or schedule fewer. What is refused stays on the page."""
    facts = facts_of(request.account, now=request.now)
    if not facts.held:
        return redirect("plans")
    if request.method != "POST":
        return show(request, facts, typed_from(facts, request.GET))
    typed = typed_from(facts, request.POST)
    try:
        choice = choice_of(facts, typed)
        if request.POST.get("action") == "schedule":
            made = schedule.change(request.account, request.member, choice, now=request.now)
            messages.success(request, scheduled_words(made))
            return redirect("billing-add-ons")
        kept = quote.make(request.account, request.member, choice, now=request.now)
    except Refusal as refusal:
        return show(request, facts, typed, refusal=refusal, status=UNPROCESSABLE)
    return redirect("checkout", kept.public_id)


def sold(facts: Facts) -> list[AddOn]:
    """What can be had here: the add-ons on sale, and those held even if they are retired."""
    held = units_held(facts)
    return [add_on for add_on in facts.catalogue.add_ons if not add_on.retired or add_on.key in held]


def carrier(facts: Facts) -> Held:
    """The subscription that the add-ons renew with: of those that renew the one that has some, else the monthly one."""
    renew = facts.renewing or facts.held
    return next((held for held in renew if held.current.state.add_ons), renew[0])


def typed_from(facts: Facts, data: Mapping[str, str]) -> dict[str, str]:
    """The units of each add-on as they were typed, after the - or + button of a page without script."""
    held = units_held(facts)
    typed = {
        add_on.key: data.get(f"units-{add_on.key}", "").replace("\0", "")[:12].strip() or str(held.get(add_on.key, 0))
        for add_on in sold(facts)
    }
    key, _colon, step = data.get("step", "").partition(":")
    if key in typed and step in {"-1", "1"} and typed[key].isdecimal():
        typed[key] = str(max(0, int(typed[key]) + int(step)))
    return typed


def choice_of(facts: Facts, typed: Mapping[str, str]) -> Choice:
    """The choice that changes the add-ons and nothing else."""
    units = []
    for add_on in sold(facts):
        if not WHOLE_NUMBER.fullmatch(typed[add_on.key]):
            raise AddOnUnitsOutOfRange(maximum=add_on.max_units)
        units.append((add_on.key, int(typed[add_on.key])))
    main = carrier(facts)
    others = sum(held.seats for held in facts.held if held is not main)
    choice = Choice(main.current.state.plan.price.key, main.interval, main.seats, others, tuple(sorted(units)))
    check_choice(facts.account, choice)
    return choice


def typed_for(facts: Facts, units: Mapping[str, int]) -> dict[str, str]:
    """The units of a choice as they would be typed."""
    return typed_from(facts, {f"units-{key}": str(number) for key, number in units.items()})


def show(
    request: MemberRequest,
    facts: Facts,
    typed: Mapping[str, str],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The add-ons page for a choice; what cannot be understood stays in its field, with the reason."""
    now = request.now
    main = carrier(facts)
    choice = Choice(main.current.state.plan.price.key, main.interval, main.seats)
    try:
        choice = choice_of(facts, typed)
    except Refusal as misread:
        refusal = refusal or misread
    due = offer.due(facts, choice, refusal, now=now)
    context = {
        "lines": [_line(facts, add_on, typed) for add_on in sold(facts)],
        "due": due,
        "misread": refusal is not None and refusal.field == "units" and not due.later,
        "error": refusal.text(get_language() or "en") if refusal and not due.later else "",
        "currency": facts.currency,
        "yearly": main.interval == Interval.YEAR,
        "renews_at": main.subscription.period_end,
        "waiting": [each for each in waiting_of(facts) if each.change.kind == "add_on"],
        "here": reverse("billing-add-ons"),
    }
    return render(request, "portal/add_ons.html", context, status=status)


def _line(facts: Facts, add_on: AddOn, typed: Mapping[str, str]) -> Line:
    main = carrier(facts)
    price = main.current.state.held(add_on.price(main.interval, facts.currency))
    then = {item.price.key: item.quantity for item in upcoming.of(facts, main).items}
    return Line(
        add_on=add_on,
        name=add_on.name(get_language() or "en"),
        field=f"units-{add_on.key}",
        now=units_held(facts).get(add_on.key, 0),
        at_renewal=then.get(add_on.key, 0),
        typed=typed[add_on.key],
        rate_minor=price.monthly_minor,
    )
