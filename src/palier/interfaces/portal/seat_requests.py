"""A member's request for a seat, for those who may buy: the exact price, one press to approve, or a word instead."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from palier.apps.catalogue import current
from palier.apps.orders.models import Quote, SeatRequest
from palier.apps.subscriptions import seats as seat_counts
from palier.flows import order as ordering
from palier.flows import seat_requests
from palier.flows.ask import NoteTooLong
from palier.flows.more_seats import Offer
from palier.flows.order_refusals import QuoteSuperseded, TermsNotAccepted
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.bank import Ending
from palier.interfaces.portal.checkout import evidence
from palier.interfaces.portal.checkout_screen import LAPSES, promised
from palier.interfaces.portal.found import own_seat_request
from palier.interfaces.portal.orders import ending_of, last_payment
from palier.interfaces.portal.payment_method import card_on_file
from palier.interfaces.ui import told
from palier.kit.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest, request_id: str) -> HttpResponse:
    """Show who asks and the price; approve, give a free seat, or decline."""
    asked = own_seat_request(request, request_id)
    if asked.state != "waiting":
        return render(request, "portal/seat_request.html", {"asked": asked})
    if under_way := _order_of(asked):
        return under_way
    if request.method != "POST":
        return _show(request, asked)
    try:
        return _answered(request, asked)
    except Refusal as refusal:
        return _show(request, own_seat_request(request, request_id), refusal=refusal)


def _answered(request: MemberRequest, asked: SeatRequest) -> HttpResponse:
    name = asked.member.user.name
    match request.POST.get("action"):
        case "decline":
            seat_requests.decline(asked, request.member, request.POST.get("word", "")[:2000], now=request.now)
            messages.success(request, _("%(name)s is told that there is no seat now.") % {"name": name})
            told.hidden(request, request.POST.get("word", ""))
        case "give":
            seat_requests.give(asked, request.member, now=request.now)
            messages.success(request, _("%(name)s is told that a seat is free.") % {"name": name})
        case _pay:
            ticked = request.POST.get("terms") == "accepted"
            before = None if ticked else ordering.terms_accepted(request.account, current())
            if asked.quote is None or not (ticked or before):
                raise TermsNotAccepted
            if request.POST.get("quote") != asked.quote.public_id:
                raise QuoteSuperseded
            accepted = evidence(request, asked.quote, accepted_in=before)
            order = seat_requests.approve(asked, request.member, evidence=accepted, now=request.now)
            return redirect("order", order.public_id)
    return redirect("members")


def _order_of(asked: SeatRequest) -> HttpResponse | None:
    """Where the payment of the seat goes on, once somebody has approved."""
    order = getattr(asked.quote, "order", None)
    if order is None:
        return None
    match ending_of(order, last_payment(order)):
        case Ending.CLOSED:
            return None
        case Ending.DECLINED:
            return redirect("checkout", order.quote.public_id)
        case _under_way:
            return redirect("order", order.public_id)


def _show(request: MemberRequest, asked: SeatRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    language = get_language() or "en"
    counted = seat_counts.of_account(request.account, now=request.now)
    errors = {refusal.field or "page": refusal.text(language)} if refusal else {}
    context: dict[str, Any] = {
        "asked": asked,
        "seats": counted,
        "free": counted is None or counted.free > 0,
        "word": request.POST.get("word", "").replace("\0", "")[:2000],
        "terms_ticked": request.POST.get("terms") == "accepted",
        "declining": isinstance(refusal, NoteTooLong),
        "errors": errors,
    }
    if counted is not None and not counted.missing_for(1):
        context["offer"] = Offer(0, None)
    elif not context["free"]:
        context |= _priced(request, asked, language)
    status = 200 if refusal is None else 409 if refusal.code in LAPSES else 422
    return render(request, "portal/seat_request.html", context, status=status)


def _priced(request: MemberRequest, asked: SeatRequest, language: str) -> dict[str, Any]:
    """The promise, the card that pays it and the order with which its terms were accepted before, if any; or why no
    seat can be bought now."""
    try:
        kept: Quote = seat_requests.promise(asked, request.member, now=request.now)
    except Refusal as refusal:
        return {"cannot": refusal.text(language)}
    catalogue = current()
    return {
        **promised(kept, catalogue),
        "card": card_on_file(request.account.id),
        "accepted_in": ordering.terms_accepted(request.account, catalogue),
    }
