"""The host product's first page, and the entry to its settings."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from palier.apps.catalogue import Plan, at
from palier.apps.entitlements import standing as standings
from palier.engine.subscription import State
from palier.flows.facts import Facts, facts_of
from palier.interfaces.portal.access import MemberRequest, any_member_required, member_required
from palier.interfaces.portal.allowances import allowances_of


@dataclass(frozen=True, slots=True)
class PlanHeld:
    """The plan that an account is on, and its seats if it is paid."""

    plan: Plan
    state: State | None


@require_safe
@any_member_required
def page(request: MemberRequest) -> HttpResponse:
    """Welcome, plan, people, what the plan allows; a restricted member sees whom to ask in their place."""
    members = request.account.members.filter(deactivated_at=None).select_related("user").order_by("joined_at", "id")
    now = request.now
    standing = standings.of_account(request.account, now=now)
    context = {
        "standing": standing,
        "allowances": allowances_of(standing),
        "members": members,
        "managers": [member for member in members if member.may_manage],
        "invited": request.account.invitations.open_at(now).count(),
    }
    return render(request, "portal/home.html", context)


@require_safe
@member_required
def settings_page(request: MemberRequest) -> HttpResponse:
    """Admin settings."""
    facts = facts_of(request.account, now=request.now)
    return render(request, "portal/settings.html", {"held": plan_held(facts, now=request.now)})


def plan_held(facts: Facts, *, now: datetime) -> PlanHeld:
    """The plan of an account as it was sold, or the one that it tries, and its monthly or only subscription."""
    catalogue = facts.catalogue
    if trial := facts.tries(now):
        return PlanHeld(at(trial.catalogue_version_id).plan(trial.plan), None)
    if facts.subscription is None or facts.current is None:
        return PlanHeld(catalogue.free_plan, None)
    state = facts.current.state
    if facts.subscription.catalogue_version_id != catalogue.version_id:
        catalogue = at(facts.subscription.catalogue_version_id)
    plan = catalogue.plan(state.plan.price.key)
    return PlanHeld(plan, state)
