"""The people of an account: who is here, who is invited, who left; their seats, and inviting more."""

import re
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from palier.apps.accounts.models import Role
from palier.apps.subscriptions import seats as seat_counts
from palier.apps.subscriptions.seats import Seats
from palier.flows import more_seats
from palier.flows.facts import Facts, facts_of
from palier.flows.more_seats import Offer
from palier.flows.people import invite, roles
from palier.flows.people.invite_refusals import NoFreeSeat
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.interfaces.portal.found import own_invitation
from palier.interfaces.ui import told
from palier.interfaces.ui.lines import tax_label
from palier.kit.refusals import Refusal

BETWEEN_ADDRESSES: Final = re.compile(r"[\s,;]+")
LONGEST_LIST: Final = 20_000
"""Characters: hundreds of addresses, more than the seats of any plan."""

UNPROCESSABLE: Final = 422

KEPT: Final = "people_to_invite"
"""Under which name a session keeps the addresses for whom seats are being bought."""


class ListTooLong(Refusal):
    code = "invitation.list_too_long"
    en = "The list is longer than {most} characters. Nobody was invited; send it in parts."
    fr = "La liste dépasse {most} caractères. Personne n’a été invité\u202f; envoyez-la en plusieurs fois."
    field = "emails"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the page's fields: the addresses with their role, and a request for a seat."""

    emails: str = ""
    role: str = Role.MEMBER
    wished: str = ""
    note: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def page(request: MemberRequest) -> HttpResponse:
    """The list; the owner and admins invite by e-mail, several addresses at once."""
    if request.method != "POST":
        return show(request, Typed(emails=request.session.get(KEPT, "")))
    emails = request.POST.get("emails", "").replace("\0", "").replace("\r\n", "\n")
    typed = Typed(emails=emails, role=request.POST.get("role", Role.MEMBER)[:20])
    addresses = BETWEEN_ADDRESSES.split(emails)
    try:
        if len(emails) > LONGEST_LIST:
            raise ListTooLong(most=LONGEST_LIST)
        sent = invite.people(request.account, request.member, addresses, role=typed.role, now=request.now)
    except NoFreeSeat as refusal:
        request.session[KEPT] = emails
        return show(request, typed, refusal=refusal, people=refusal.wanted)
    except Refusal as refusal:
        return show(request, typed, refusal=refusal)
    request.session.pop(KEPT, None)
    told = ngettext("%(count)s invitation is on its way.", "%(count)s invitations are on their way.", len(sent))
    messages.success(request, told % {"count": len(sent)})
    return redirect(told_at())


@require_POST
@member_required
def withdraw(request: MemberRequest, invitation_id: str) -> HttpResponse:
    """Take back an invitation that waits."""
    waiting = own_invitation(request, invitation_id)
    try:
        invite.withdraw(waiting, request.member, now=request.now)
    except Refusal as refusal:
        told.refused(request, refusal)
    else:
        messages.success(request, _("The invitation for %(address)s is withdrawn.") % {"address": waiting.email})
    return redirect("members")


@require_POST
@member_required
def resend(request: MemberRequest, invitation_id: str) -> HttpResponse:
    """Send an invitation that waits once more, with a new link."""
    waiting = own_invitation(request, invitation_id)
    try:
        invite.again(waiting, request.member, now=request.now)
    except Refusal as refusal:
        told.refused(request, refusal)
    else:
        sent = _("A new invitation for %(address)s is on its way. The link of before no longer works.")
        messages.success(request, sent % {"address": waiting.email})
    return redirect("members")


def told_at() -> str:
    """The page at its messages: its forms are sent to where a refusal would stand, far below on a phone."""
    return f"{reverse('members')}#content"


def show(
    request: MemberRequest, typed: Typed | None = None, *, refusal: Refusal | None = None, people: int = 0
) -> HttpResponse:
    """The whole page, with what was typed, what was refused, and an offer of seats for so many people."""
    now, account, member = request.now, request.account, request.member
    facts = facts_of(account, now=now)
    counted = seat_counts.of_account(account, now=now)
    everybody = list(account.members.select_related("user").filter(removed_at=None).order_by("joined_at", "id"))
    asked = account.seat_requests.filter(state="waiting").select_related("member__user").order_by("asked_at")
    context = {
        "people": [each for each in everybody if each.deactivated_at is None],
        "deactivated": [each for each in everybody if each.deactivated_at is not None],
        "waiting": account.invitations.open_at(now).order_by("invited_at", "id"),
        "asked": asked if member.may_buy else asked.filter(member=member),
        "roles": roles.to_give(facts, member, now=now),
        "typed": typed or Typed(),
        "longest_list": LONGEST_LIST,
        "error": refusal.text(get_language() or "en") if refusal else "",
        "error_field": (refusal.field or "page") if refusal else "",
        **seats_shown(request, counted, facts),
    }
    if people and counted is not None:
        context |= offered(request, counted, people)
    return render(request, "portal/members.html", context, status=UNPROCESSABLE if refusal else 200)


def seats_shown(request: MemberRequest, counted: Seats | None, facts: Facts) -> dict[str, object]:
    """The bar of the seats, and the banner about those that nobody uses, where the reader can do something."""
    may = request.member.may_buy or request.member.may_invite
    return {
        "seats": counted,
        "renews_at": facts.leading.subscription.period_end if facts.leading else None,
        "unused": counted.free if counted and may and facts.renewing and not facts.unpaid else 0,
    }


def offered(request: MemberRequest, counted: Seats, people: int) -> dict[str, object]:
    """What it takes to seat so many people more, in the reader's words."""
    language = get_language() or "en"
    offer: Offer = more_seats.offer(request.account, counted, people, now=request.now)
    taxes = [(tax_label(tax, language), tax.tax_minor) for tax in offer.draft.taxes] if offer.draft else []
    return {
        "offer": offer,
        "offer_taxes": taxes,
        "offer_refusal": offer.refusal.text(language) if offer.refusal else "",
    }
