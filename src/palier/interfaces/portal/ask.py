"""A member who may not buy sends the choice to those who may."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from palier.flows import ask as asking
from palier.flows.change import choice_from
from palier.flows.people import buyers
from palier.interfaces.portal import plans
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.interfaces.ui import told
from palier.kit.refusals import Refusal


@require_POST
@member_required
def send(request: MemberRequest) -> HttpResponse:
    """Send the request; whatever is refused stays on the page as it was typed."""
    typed = plans.typed_from(request.POST)
    try:
        choice = choice_from(typed.plan, typed.interval, typed.seats, typed.other_seats)
        asking.buyer(request.member, choice, request.POST.get("note", ""), now=request.now)
    except Refusal as refusal:
        return plans.show(request, typed, refusal=refusal, status=422)
    names = ", ".join(member.user.name for member in buyers.of(request.account))
    sent = _("Your request is on its way to %(names)s. The e-mail opens this very order.") % {"names": names}
    messages.success(request, sent)
    told.hidden(request, request.POST.get("note", ""))
    chosen = [("plan", choice.plan), ("interval", choice.interval), ("seats", str(choice.seats))]
    chosen.append(("other_seats", str(choice.other_seats)))
    return redirect(f"{reverse('plans')}?{urlencode(chosen)}")
