"""One person of the account: their role and access, and the pages that ask before either ends."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from palier.apps.accounts.models import Member, Role
from palier.apps.subscriptions import seats as seat_counts
from palier.flows.facts import facts_of
from palier.flows.people import members as people
from palier.flows.people import ownership as owners
from palier.flows.people import roles
from palier.flows.people.members_refusals import NoSeatToReturnTo
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.interfaces.portal.found import own_member
from palier.interfaces.portal.members import offered
from palier.kit.refusals import Refusal

UNPROCESSABLE = 422


@require_safe
@member_required
def page(request: MemberRequest, member_id: str) -> HttpResponse:
    """Who they are, and what whoever looks may change about it."""
    return _show(request, own_member(request, member_id))


@require_POST
@member_required
def role(request: MemberRequest, member_id: str) -> HttpResponse:
    """Give another role."""
    member = own_member(request, member_id)
    try:
        people.change_role(member, request.member, request.POST.get("role", ""), now=request.now)
    except Refusal as refusal:
        return _show(request, member, refusal=refusal)
    messages.success(request, _("The role of %(name)s is changed.") % {"name": member.user.name})
    return redirect("member", member.public_id)


@require_POST
@member_required
def reactivate(request: MemberRequest, member_id: str) -> HttpResponse:
    """Give a deactivated person a free seat; without one, the price of one more."""
    member = own_member(request, member_id)
    try:
        people.reactivate(member, request.member, now=request.now)
    except Refusal as refusal:
        return _show(request, member, refusal=refusal)
    messages.success(request, _("%(name)s is active again and can log in.") % {"name": member.user.name})
    return redirect("members")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def deactivate(request: MemberRequest, member_id: str) -> HttpResponse:
    """Ask what becomes of the licence, then take the access away."""
    member = own_member(request, member_id)
    if request.method != "POST":
        return _asked(request, member, "portal/member_deactivate.html", possible=member.deactivated_at is None)
    try:
        licence = request.POST.get("licence", "")
        made = people.deactivate(member, request.member, licence=licence, now=request.now)
    except Refusal as refusal:
        return _asked(request, member, "portal/member_deactivate.html", refusal=refusal)
    said = _("%(name)s is deactivated. Their licence is free for somebody else.")
    if made:
        said = _("%(name)s is deactivated. One user fewer renews; until then you can take that back.")
    messages.success(request, said % {"name": member.user.name})
    return redirect("members")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def remove(request: MemberRequest, member_id: str) -> HttpResponse:
    """Ask once more, then let them go for good."""
    member = own_member(request, member_id)
    if request.method != "POST":
        return _asked(request, member, "portal/member_remove.html", possible=True)
    try:
        people.remove(member, request.member, licence=request.POST.get("licence", ""), now=request.now)
    except Refusal as refusal:
        return _asked(request, member, "portal/member_remove.html", refusal=refusal)
    messages.success(request, _("%(name)s is removed, and their address is free.") % {"name": member.user.name})
    return redirect("members")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def ownership(request: MemberRequest, member_id: str) -> HttpResponse:
    """Say what it means, then let the account pass into other hands."""
    member = own_member(request, member_id)
    if request.method != "POST":
        if not _may_inherit(request, member):
            return redirect("member", member.public_id)
        return render(request, "portal/ownership.html", {"person": member})
    try:
        owners.transfer(member, request.member, now=request.now)
    except Refusal as refusal:
        return _show(request, member, refusal=refusal)
    messages.success(request, _("%(name)s now owns the account. You are an admin.") % {"name": member.user.name})
    return redirect("members")


def _may_inherit(request: MemberRequest, member: Member) -> bool:
    return request.member.role == Role.OWNER and member.role == Role.ADMIN and member.deactivated_at is None


def _may_change(request: MemberRequest, member: Member) -> bool:
    return request.member.may_manage and member.role != Role.OWNER and member.pk != request.member.pk


def _show(request: MemberRequest, member: Member, *, refusal: Refusal | None = None) -> HttpResponse:
    now = request.now
    changes = _may_change(request, member)
    facts = facts_of(request.account, now=now) if changes else None
    offers = roles.to_give(facts, request.member, now=now) if facts else []
    chosen = request.POST.get("role")
    context: dict[str, Any] = {
        "person": member,
        "changes": changes,
        "roles": offers,
        "chosen": chosen if chosen in offers else member.role,
        "may_inherit": _may_inherit(request, member),
        "error": refusal.text(get_language() or "en") if refusal else "",
        "error_field": (refusal.field or "page") if refusal else "",
    }
    if isinstance(refusal, NoSeatToReturnTo) and (counted := seat_counts.of_account(request.account, now=now)):
        context |= offered(request, counted, 1)
    return render(request, "portal/member.html", context, status=UNPROCESSABLE if refusal else 200)


def _asked(
    request: MemberRequest, member: Member, template: str, *, possible: bool = True, refusal: Refusal | None = None
) -> HttpResponse:
    """The question before an end; where there is nothing to ask, the person's page."""
    if refusal is None and not (possible and _may_change(request, member)):
        return redirect("member", member.public_id)
    facts = facts_of(request.account, now=request.now)
    renews_at = facts.leading.subscription.period_end if facts.leading else None
    context = {
        "person": member,
        "renews_at": renews_at,
        "asks_licence": renews_at is not None and request.member.may_buy and member.deactivated_at is None,
        "licence": request.POST.get("licence") or people.KEEP,
        "currency": facts.currency,
        "error": refusal.text(get_language() or "en") if refusal else "",
    }
    return render(request, template, context, status=UNPROCESSABLE if refusal else 200)
