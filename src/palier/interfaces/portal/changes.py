"""Steps down that wait for the end of the paid period: schedule one, take it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from palier.flows import schedule
from palier.flows.change import choice_from
from palier.interfaces.portal import plans
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.found import own_change
from palier.interfaces.ui import told
from palier.interfaces.ui.waiting import scheduled_words
from palier.kit.refusals import Refusal


@require_POST
@buyer_required
def schedule_change(request: MemberRequest) -> HttpResponse:
    """Let the choice of the plans page wait for the renewal; what is refused stays on the page."""
    typed = plans.typed_from(request.POST)
    try:
        choice = choice_from(typed.plan, typed.interval, typed.seats, typed.other_seats)
        made = schedule.change(request.account, request.member, choice, now=request.now)
    except Refusal as refusal:
        return plans.show(request, typed, refusal=refusal, status=plans.UNPROCESSABLE)
    messages.success(request, scheduled_words(made))
    return redirect("billing-overview")


@require_POST
@buyer_required
def withdraw(request: MemberRequest, change_id: str) -> HttpResponse:
    """Take back a change that waits, or both of two cancellations, and return to the page where it stood."""
    change = own_change(request, change_id)
    try:
        both = request.POST.get("with_others") == "1"
        schedule.withdraw(change, request.member, with_others=both, now=request.now)
    except Refusal as refusal:
        told.refused(request, refusal)
    else:
        messages.success(request, _("The change is withdrawn. Everything stays as it is."))
    back = request.POST.get("back", "")
    inside = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/settings/")
    return redirect(back if inside else "billing-overview")
