"""More seats for people who have none, fewer where nobody uses them, and asking for one."""

import re
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from palier.flows import more_seats, seat_requests, unused_seats
from palier.flows.people import buyers
from palier.interfaces.portal import members
from palier.interfaces.portal.access import MemberRequest, buyer_required, member_required
from palier.interfaces.ui import told
from palier.kit.refusals import Refusal

NUMBER: Final = re.compile(r"[0-9]{1,6}")


@require_POST
@buyer_required
def buy(request: MemberRequest) -> HttpResponse:
    """Keep the price of the missing seats as a promise and go to its checkout."""
    typed = request.POST.get("seats", "")
    missing = int(typed) if NUMBER.fullmatch(typed) else 0
    try:
        kept = more_seats.prepare(request.account, request.member, missing, now=request.now)
    except Refusal as refusal:
        return members.show(request, refusal=refusal)
    return redirect("checkout", kept.public_id)


@require_POST
@buyer_required
def reduce(request: MemberRequest) -> HttpResponse:
    """Give up every seat that nobody uses, at the renewal."""
    try:
        unused_seats.reduce(request.account, request.member, now=request.now)
    except Refusal as refusal:
        told.refused(request, refusal)
    else:
        messages.success(
            request, _("The unused users end at the renewal. Nothing is due today; until then you can take it back.")
        )
    return redirect("members")


@require_POST
@member_required
def ask(request: MemberRequest) -> HttpResponse:
    """Send a request for a seat to those who may buy; whatever is refused stays on the page as it was typed."""
    wished, note = (request.POST.get(name, "").replace("\0", "")[:2000] for name in ("wished", "note"))
    try:
        seat_requests.ask(request.member, wished=wished, note=note, now=request.now)
    except Refusal as refusal:
        return members.show(request, members.Typed(wished=wished, note=note), refusal=refusal)
    names = ", ".join(member.user.name for member in buyers.of(request.account))
    messages.success(request, _("Your request is on its way to %(names)s.") % {"names": names})
    told.hidden(request, wished, note)
    return redirect(members.told_at())
