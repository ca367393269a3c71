"""An order on its way to one of three honest endings: done, waiting for you, not done and nothing taken."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.gateways.reasons import reason
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment, PaymentState
from palier.apps.subscriptions import seats
from palier.flows import collect
from palier.flows import order as ordering
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.bank import BY_PAYMENT, Ending, back_at, shown
from palier.interfaces.portal.found import own_order
from palier.interfaces.portal.payment_method import shown_card, unsure
from palier.interfaces.portal.promise import Promise, promise_of
from palier.kit import formats


def last_payment(order: Order) -> Payment | None:
    """The latest attempt to collect the order's sum."""
    return order.payments.select_related("method").order_by("-attempt").first()


def ending_of(order: Order, payment: Payment | None) -> Ending:
    """Where the order stands, given its latest payment."""
    match order.state:
        case "settled":
            return Ending.DONE
        case "closed":
            return Ending.CLOSED
        case _open:
            return BY_PAYMENT[PaymentState(payment.state)] if payment else Ending.THINKING


@require_safe
@buyer_required
def page(request: MemberRequest, order_id: str) -> HttpResponse:
    """The order's page: it refreshes itself until the bank has answered."""
    order = own_order(request, order_id)
    payment = last_payment(order)
    ending = shown(request, ending_of(order, payment), now=request.now)
    if ending is Ending.DECLINED:
        return redirect("checkout", order.quote.public_id)
    promise = promise_of(order.quote)
    context: dict[str, object] = {
        "order": order,
        "payment": payment,
        "card": shown_card(payment.method) if payment else None,
        "ending": ending.value,
        "code": reason(payment.reason).told if payment and payment.state == PaymentState.FAILED else "",
        "back_at": back_at(request),
        "promise": promise,
    }
    if ending is Ending.DONE:
        held = seats.of_account(order.account, now=request.now)
        context |= {"free_seats": held.free if held else 0, "settled_on": _settled_on(order, promise)}
        return render(request, "portal/order_done.html", context)
    return render(request, "portal/order.html", context)


@require_safe
@buyer_required
def status(request: MemberRequest, order_id: str) -> HttpResponse:
    """Polled by the order's page: nothing while it still tells the truth, else the order to load it again."""
    order = own_order(request, order_id)
    ending = shown(request, ending_of(order, last_payment(order)), now=request.now)
    if request.GET.get("seen") == ending:
        return HttpResponse(status=204)
    return HttpResponseClientRefresh()


@require_safe
@buyer_required
def back_from_bank(request: MemberRequest, order_id: str) -> HttpResponse:
    """The bank sends the customer here; what it decided is asked of the gateway, not read from the address."""
    order = own_order(request, order_id)
    collect.soon(order)
    since = int(request.now.timestamp())
    return redirect(f"{reverse('order', args=[order.public_id])}?back={since}")


@require_POST
@buyer_required
def withdraw(request: MemberRequest, order_id: str) -> HttpResponse:
    """Give up a payment that waits for the customer."""
    order = own_order(request, order_id)
    try:
        ordering.withdraw(order, request.member, now=request.now)
    except GatewayUnreachable:
        messages.warning(request, unsure())
    return redirect("order", order.public_id)


def _settled_on(order: Order, promise: Promise) -> str:
    language = translation.get_language() or "en"
    return formats.long_day(order.ended_at, language, promise.zone) if order.ended_at else ""
