"""The test clock of a sandbox account: travel forward, see what lies on the way and what has happened."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from palier.apps.accounts.models import Travel
from palier.flows import travel, travel_targets
from palier.flows.facts import facts_of
from palier.interfaces.portal import timeline
from palier.interfaces.portal.access import MemberRequest, View, member_required
from palier.kit import clock
from palier.kit.refusals import Refusal

WHOLE: Final = 100


def traveller_required[**P](view: Callable[Concatenate[MemberRequest, P], HttpResponse]) -> View[P]:
    """Who may buy for a sandbox account; for anybody else the page does not exist."""

    @wraps(view)
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (request.account.sandbox and request.member.may_buy):
            raise Http404
        return view(request, *args, **kwargs)

    return member_required(guarded)


@require_http_methods(["GET", "HEAD", "POST"])
@traveller_required
def page(request: MemberRequest) -> HttpResponse:
    """Where the clock stands; a form that sends it forward."""
    error = ""
    if request.method == "POST":
        try:
            _obey(request)
        except Refusal as refusal:
            error = refusal.text(get_language() or "en")
        else:
            return redirect("clock")
    journey = request.account.travels.order_by("-id").first()
    facts = facts_of(request.account, now=request.now)
    ahead, past = timeline.of(facts, now=request.now)
    context = {
        "journey": journey,
        "percent": percent_of(journey, request) if journey else 0,
        "ahead": ahead,
        "past": past,
        "renewal_at": min((each.subscription.period_end for each in facts.held), default=None),
        "error": error,
        "typed": request.POST.get("to", ""),
    }
    return render(request, "portal/clock.html", context, status=422 if error else 200)


@require_safe
@traveller_required
def progress(request: MemberRequest) -> HttpResponse:
    """Polled while the clock travels: how far it is; once it is there, the order to load the page again."""
    journey = request.account.travels.order_by("-id").first()
    if journey is None or journey.state != "travelling":
        return HttpResponseClientRefresh()
    context = {"journey": journey, "percent": percent_of(journey, request)}
    return render(request, "portal/clock_journey.html", context)


def percent_of(journey: Travel, request: MemberRequest) -> int:
    """How much of the way is behind the clock."""
    gone, whole = request.now - journey.from_at, journey.target_at - journey.from_at
    return max(0, min(WHOLE, WHOLE * int(gone.total_seconds()) // max(1, int(whole.total_seconds()))))


def _obey(request: MemberRequest) -> None:
    """Stop, or depart to where a button or the date says."""
    if request.POST.get("action") == "stop":
        travel.stop(request.account, now=clock.now())
        return
    how = request.POST.get("jump", "")
    if how:
        to = travel_targets.jump(request.account, how, own=request.now)
    else:
        to = travel_targets.on_day(request.POST.get("to", ""), own=request.now)
    travel.depart(request.account, to, now=clock.now())
