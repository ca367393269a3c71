"""Cancel the subscription: when access ends, why if one likes to say, and one button."""

from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from palier.apps.invoices.models import Invoice
from palier.apps.subscriptions.models import ScheduledChange
from palier.engine.periods import Interval
from palier.flows import schedule
from palier.flows.facts import Facts, facts_of
from palier.interfaces.portal import promise
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.ui import told
from palier.interfaces.ui.templatetags.ui import long_day
from palier.kit import formats
from palier.kit.refusals import Refusal

UNPROCESSABLE: Final = 422


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest) -> HttpResponse:
    """Show the end of access; confirm it. An unpaid invoice is paid first."""
    facts = facts_of(request.account, now=request.now)
    if not facts.held:
        return redirect("billing-overview")
    if request.method != "POST":
        return _show(request, facts)
    which = request.POST.get("which", "")
    interval = which if facts.mixed and which in set(Interval) else None
    try:
        made = schedule.cancel(
            request.account,
            request.member,
            interval=interval,
            reason=request.POST.get("reason", ""),
            now=request.now,
        )
    except Refusal as refusal:
        return _show(request, facts, refusal)
    messages.success(request, _noted(facts, made))
    told.hidden(request, request.POST.get("reason", ""))
    return redirect("billing-overview")


def _noted(facts: Facts, made: list[ScheduledChange]) -> str:
    """What ends and when, for the message after it; ``facts`` are those before."""
    ending = [held for held in facts.held if held.subscription.id in {each.subscription_id for each in made}]
    if any(held not in ending for held in facts.renewing):
        part = _(
            "Your cancellation is noted: %(users)s until %(day)s. The rest goes on as before, and you can withdraw the "
            "cancellation until then."
        )
        (held,) = ending
        return part % {
            "users": promise.users_of(held.interval, held.seats),
            "day": long_day(formats.last_instant(held.subscription.period_end)),
        }
    if facts.mixed:
        noted = _(
            "Your cancellation is noted. Your users end on their own dates, the last on %(day)s, and you can withdraw "
            "it until then."
        )
    else:
        noted = _(
            "Your cancellation is noted. Everything stays open until %(day)s, and you can withdraw it until then."
        )
    return noted % {"day": long_day(_last_day(facts))}


def _last_day(facts: Facts) -> datetime:
    return formats.last_instant(max(held.subscription.period_end for held in facts.held))


def _show(request: MemberRequest, facts: Facts, refusal: Refusal | None = None) -> HttpResponse:
    unpaid = None
    if facts.unpaid:
        unpaid = Invoice.objects.filter(account=request.account, state="open").order_by("issued_at").first()
    context = {
        "facts": facts,
        "staying": facts.renewing,
        "last_day": _last_day(facts),
        "unpaid": unpaid,
        # What was typed before the invoice stood in the way stays, to be sent again once it is paid.
        "asks": bool(facts.renewing) and (unpaid is None or refusal is not None),
        "which": request.POST.get("which", "all"),
        "reason": request.POST.get("reason", "").replace("\0", "")[:500],
        "error": refusal.text(get_language() or "en") if refusal and not unpaid else "",
    }
    return render(request, "portal/cancel.html", context, status=UNPROCESSABLE if refusal else 200)
