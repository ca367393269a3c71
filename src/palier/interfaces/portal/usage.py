"""What the plan allows and what is used of it: a gauge for each limit, and the one button that makes room."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from palier.apps.entitlements import standing as standings
from palier.apps.entitlements.standing import Standing
from palier.engine.grants import Grant
from palier.flows import obstacles, quote, remedy
from palier.flows.facts import Facts, facts_of
from palier.flows.people import buyers
from palier.flows.remedy import Solution
from palier.interfaces.portal.access import MemberRequest, buyer_required, member_required
from palier.interfaces.portal.allowances import limit_name, where_from
from palier.kit.refusals import Refusal

UNPROCESSABLE: Final = 422


class NothingToBuy(Refusal):
    code = "usage.nothing_to_buy"
    en = "There is room under this limit again, or nothing on sale makes more. Nothing was taken; look at the gauges."
    fr = (
        "Il y a de nouveau de la place sous cette limite, ou rien de ce qui est proposé n’en fait davantage. "
        "Rien n’a été prélevé\u202f; regardez les jauges."
    )


@dataclass(frozen=True, slots=True)
class Gauge:
    """One limit. ``reached`` is 0, 80 or 100 percent; ``solution`` what makes room, ``plans`` the address of the plan
    that does."""

    grant: Grant
    name: str
    used: int
    reported_at: datetime | None
    reached: int
    where_from: str
    solution: Solution | None
    plans: str

    @property
    def left(self) -> int | None:
        return self.grant.left(self.used)

    @property
    def excess(self) -> int:
        return self.grant.exceeded_by(self.used)

    @property
    def label(self) -> str:
        """The id of the heading that names the gauge."""
        return f"limit-{self.grant.key}"


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def page(request: MemberRequest) -> HttpResponseBase:
    """The gauges; the button promises the price of what makes room and leads to its checkout."""
    return _buy(request) if request.method == "POST" else _show(request)


@buyer_required
def _buy(request: MemberRequest) -> HttpResponse:
    now = request.now
    standing = standings.of_account(request.account, now=now)
    key = request.POST.get("limit", "")
    try:
        grant = standing.grant(key)
        if grant is None or not _level(grant, standing.used(key)):
            raise NothingToBuy
        found = remedy.solution(standing, facts_of(request.account, now=now), key, now=now)
        if found is None:
            raise NothingToBuy
        kept = quote.make(request.account, request.member, found.choice, now=now)
    except Refusal as refusal:
        return _show(request, refusal)
    return redirect("checkout", kept.public_id)


def _show(request: MemberRequest, refusal: Refusal | None = None) -> HttpResponse:
    now, language = request.now, get_language() or "en"
    standing = standings.of_account(request.account, now=now)
    facts = facts_of(request.account, now=now)
    gauges = [_gauge(standing, facts, grant, now=now) for grant in standing.grants]
    waiting = next((change for change in facts.waiting if change.kind == "plan"), None)
    context = {
        "standing": standing,
        "gauges": _urgent_first(gauge for gauge in gauges if gauge.grant.limit != 0 or gauge.used),
        "not_included": [gauge.name for gauge in gauges if gauge.grant.limit == 0 and not gauge.used],
        "sells": request.member.may_buy and any(gauge.solution and gauge.solution.draft for gauge in gauges),
        "waiting": waiting,
        "lower_plan": facts.catalogue.plan(waiting.key) if waiting else None,
        "obstacles": obstacles.obstacles(request.account, facts, waiting.key, now=now) if waiting else (),
        "buyers": [] if request.member.may_buy else buyers.of(request.account),
        "currency": facts.currency,
        "error": refusal.text(language) if refusal else "",
    }
    return render(request, "portal/usage.html", context, status=UNPROCESSABLE if refusal else 200)


def _level(grant: Grant, used: int) -> int:
    """80 or 100 percent, once reached; what is not included and used all the same is full."""
    return grant.reached(used) or (100 if grant.exceeded_by(used) else 0)


def _urgent_first(gauges: Iterable[Gauge]) -> list[Gauge]:
    return sorted(gauges, key=lambda gauge: (-gauge.reached, gauge.grant.unlimited))


def _gauge(standing: Standing, facts: Facts, grant: Grant, *, now: datetime) -> Gauge:
    language = get_language() or "en"
    used = standing.used(grant.key)
    reached = _level(grant, used)
    sells = reached and not standing.access.read_only
    found = remedy.solution(standing, facts, grant.key, now=now) if sells else None
    address = ""
    if found is not None and found.remedy.kind == "plan":
        choice = {"plan": found.choice.plan, "interval": found.choice.interval, "seats": str(found.choice.seats)}
        address = f"{reverse('plans')}?{urlencode(choice)}"
    return Gauge(
        grant=grant,
        name=limit_name(standing, grant.key, language),
        used=used,
        reported_at=standing.uses[grant.key].reported_at if grant.key in standing.uses else None,
        reached=reached,
        where_from=where_from(standing, grant, language),
        solution=found,
        plans=address,
    )
