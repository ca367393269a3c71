"""The host product's first page, and the entry to its settings."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from palier.apps.catalogue import Catalogue, Plan, at
from palier.engine.subscription import State
from palier.flows.facts import Facts, facts_of
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.kit import clock


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the plan allows of one thing; ``number`` None is unlimited, 0 not included."""

    key: str
    name: str
    number: int | None


@dataclass(frozen=True, slots=True)
class PlanHeld:
    """The plan that an account is on, and its seats if it is paid."""

    plan: Plan
    state: State | None
    allowances: tuple[Allowance, ...]


@require_safe
@member_required
def page(request: MemberRequest) -> HttpResponse:
    """Welcome, plan, people, what the plan allows."""
    members = request.account.members.filter(deactivated_at=None).select_related("user").order_by("joined_at")
    now = clock.now()
    context = {
        "held": plan_held(facts_of(request.account, now=now)),
        "members": members,
        "invited": request.account.invitations.open_at(now).count(),
    }
    return render(request, "portal/home.html", context)


@require_safe
@member_required
def settings_page(request: MemberRequest) -> HttpResponse:
    """Admin settings."""
    return render(request, "portal/settings.html", {"held": plan_held(facts_of(request.account, now=clock.now()))})


def plan_held(facts: Facts) -> PlanHeld:
    """The plan of an account with its pooled allowances: seats times the allowance, or one for the account."""
    catalogue = facts.catalogue
    if facts.subscription is None or facts.current is None:
        return PlanHeld(catalogue.free_plan, None, _allowances(catalogue, catalogue.free_plan, 1))
    state = facts.current.state
    if facts.subscription.catalogue_version_id != catalogue.version_id:
        catalogue = at(facts.subscription.catalogue_version_id)
    plan = catalogue.plan(state.plan.price.key)
    return PlanHeld(plan, state, _allowances(catalogue, plan, state.seats))


def _allowances(catalogue: Catalogue, plan: Plan, seats: int) -> tuple[Allowance, ...]:
    language = get_language() or "en"
    found = []
    for key, limit in catalogue.limits.items():
        number = plan.limits.get(key, 0)
        pooled = number * seats if number is not None and limit.per == "seat" else number
        found.append(Allowance(key, limit.name(language), pooled))
    return tuple(sorted(found, key=lambda allowance: (allowance.number == 0, allowance.name)))
