"""Choosing a plan: the page, the promise that it leads to, and the price of a choice outside the page's table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from palier.engine.periods import Interval
from palier.flows import quote, trial
from palier.flows.change import Choice, check_choice, choice_from
from palier.flows.facts import Facts, facts_of
from palier.flows.people import buyers
from palier.interfaces.portal import offer
from palier.interfaces.portal.access import MemberRequest, buyer_required, member_required
from palier.interfaces.ui.waiting import waiting_of
from palier.kit.refusals import Refusal

UNPROCESSABLE = 422
_TYPED = ("plan", "interval", "seats", "step", "other_seats")


@dataclass(frozen=True, slots=True)
class Typed:
    """What the customer typed or clicked, as it came; empty where the page should choose."""

    plan: str
    interval: str
    seats: str
    note: str = ""
    step: str = ""
    other_seats: str = ""


@require_safe
@member_required
def page(request: MemberRequest) -> HttpResponse:
    """The plans with the choice that the address carries."""
    return show(request, typed_from(request.GET))


@require_http_methods(["GET", "HEAD", "POST"])
def make_quote(request: HttpRequest) -> HttpResponseBase:
    """Proceed to pay: keep the price as a promise and go to its checkout. A refusal stays on the page."""
    if request.method != "POST":  # after log-in, or a reload of a refused choice
        return redirect(f"{reverse('plans')}?{request.GET.urlencode()}")
    return _promise(request)


@buyer_required
def _promise(request: MemberRequest) -> HttpResponse:
    typed = typed_from(request.POST)
    try:
        choice = choice_from(typed.plan, typed.interval, typed.seats, typed.other_seats)
        kept = quote.make(request.account, request.member, choice, now=request.now)
    except Refusal as refusal:
        return show(request, typed, refusal=refusal, status=UNPROCESSABLE)
    return redirect("checkout", kept.public_id)


@require_safe
@member_required
def preview(request: MemberRequest) -> HttpResponse:
    """The order at the side for a choice outside the page's table."""
    now = request.now
    facts = facts_of(request.account, now=now)
    choice, misread = _choice(facts, typed_from(request.GET))
    context = {
        "due": offer.due(facts, choice, misread, now=now),
        "currency": facts.currency,
        "buyers": not request.member.may_buy,
    }
    return render(request, "portal/plans.html#order", context)


def typed_for(choice: Choice) -> Typed:
    """A choice as it would be typed."""
    return Typed(choice.plan, choice.interval, str(choice.seats), other_seats=str(choice.other_seats))


def typed_from(data: Mapping[str, str]) -> Typed:
    """The choice as it was typed. Control characters are no part of it, and nothing that long is a choice."""
    told = {name: data.get(name, "").replace("\0", "")[:40] for name in _TYPED}
    return Typed(**told, note=data.get("note", "").replace("\0", "")[:2000])


def show(request: MemberRequest, typed: Typed, *, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    """The plans page for a choice; what cannot be understood stays in its field, with the reason."""
    now = request.now
    facts = facts_of(request.account, now=now)
    choice, misread = _choice(facts, typed)
    refusal = refusal or misread
    language = get_language() or "en"
    context = {
        "typed": typed,
        "choice": choice,
        "seats_typed": typed.seats if misread and misread.field == "seats" else str(choice.seats),
        "current": facts.current,
        "current_name": facts.catalogue.plan(facts.current.state.plan.price.key).name(language)
        if facts.current
        else "",
        "currency": facts.currency,
        "cards": offer.cards(facts, choice),
        "due": offer.due(facts, choice, refusal, now=now),
        "table": offer.table(facts, now=now),
        "savings": facts.catalogue.savings_percent(facts.currency),
        "changes_waiting": waiting_of(facts),
        "mixed": facts.mixed,
        "active_members": facts.active_members,
        "field_errors": {refusal.field: refusal.text(language)} if refusal and refusal.field else {},
        "error": refusal.text(language) if refusal and not refusal.field else "",
        "buyers": [] if request.member.may_buy else buyers.of(request.account),
        "waiting": request.account.orders.filter(state="open").first(),
        "trial_days": trial.offered(facts) if request.member.may_buy else 0,
        "trial_plan": facts.catalogue.plan(facts.catalogue.trial.plan).name(language),
    }
    return render(request, "portal/plans.html", context, status=status)


def _choice(facts: Facts, typed: Typed) -> tuple[Choice, Refusal | None]:
    """The choice to show: what was typed where it can be understood, else the nearest that makes sense."""
    usual = _usual(facts)
    misread: Refusal | None = None
    chosen = usual
    try:
        chosen = choice_from(
            typed.plan or usual.plan,
            typed.interval or usual.interval,
            typed.seats or str(usual.seats),
            typed.other_seats or str(usual.other_seats),
        )
        chosen = _stepped(facts, chosen, typed.step)
        check_choice(facts.account, chosen)
    except Refusal as refusal:
        misread = refusal
    plans = {plan.key for plan in facts.plans}
    sound = replace(
        usual,
        plan=typed.plan if typed.plan in plans else usual.plan,
        interval=typed.interval if typed.interval in set(Interval) else usual.interval,
    )
    return (sound if misread else chosen), misread


def _usual(facts: Facts) -> Choice:
    """Where the page begins: what is held; for a free account the most popular plan, yearly, for all its people."""
    if facts.current:
        main, *others = facts.held
        plan = main.current.state.plan.price.key
        return Choice(plan, main.interval, main.seats, sum(other.seats for other in others))
    plans = facts.plans
    popular = next((plan for plan in plans if plan.most_popular), plans[0])
    return Choice(popular.key, Interval.YEAR, max(facts.seats_min, popular.seats_min))


def _stepped(facts: Facts, choice: Choice, step: str) -> Choice:
    """The choice after the - or + button of a page without script."""
    if step not in {"-1", "1"}:
        return choice
    fewest = facts.seats_min if facts.current is None else 1
    return replace(choice, seats=max(fewest, choice.seats + int(step)))
