"""The page behind the link of a letter: one payment, one button to the bank; no log-in, nothing else of the account."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from palier.apps.gateways.reasons import reason
from palier.apps.payments.models import Payment, PaymentState
from palier.flows import collect, confirm
from palier.interfaces.portal.bank import BY_PAYMENT, Ending, back_at, shown
from palier.kit import clock


@require_safe
@never_cache
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Seller, invoice number, sum, and the way to the bank; afterwards what became of it."""
    payment = _named(token)
    ending = shown(request, _ending_of(payment), now=clock.now())
    invoice = payment.invoice
    context = {
        "token": token,
        "ending": ending.value,
        "code": reason(payment.reason).told if payment.state == PaymentState.FAILED else "",
        "back_at": back_at(request),
        "seller": invoice.seller["name"] if invoice else "",
        "number": invoice.number if invoice else "",
        "invoice_id": invoice.public_id if invoice else "",
        "total_minor": payment.amount_minor,
        "currency": payment.currency,
        "bank_url": payment.action_url if ending is Ending.WAITING else "",
    }
    response = render(request, "portal/confirm.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@never_cache
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Polled by the page: nothing while it still tells the truth."""
    if request.GET.get("seen") == shown(request, _ending_of(_named(token)), now=clock.now()):
        return HttpResponse(status=204)
    return HttpResponseClientRefresh()


@require_safe
@never_cache
def back_from_bank(request: HttpRequest, token: str) -> HttpResponse:
    """The bank sends the person here; what it decided is asked of the gateway, not read from the address."""
    payment = _named(token)
    if payment.invoice is not None:
        collect.soon(payment.invoice)
    return redirect(f"{reverse('confirm-payment', args=[token])}?back={int(clock.now().timestamp())}")


def _ending_of(payment: Payment) -> Ending:
    """``OWED``: this try is over and nothing was taken, but the invoice is still to be paid."""
    if payment.state == PaymentState.SUCCEEDED or (payment.invoice and payment.invoice.state == "paid"):
        return Ending.DONE
    if payment.state == PaymentState.FAILED:
        return Ending.OWED if payment.invoice and payment.invoice.state == "open" else Ending.CLOSED
    return BY_PAYMENT[PaymentState(payment.state)]


def _named(token: str) -> Payment:
    payment = confirm.payment_of(token, now=clock.now())
    if payment is None:
        raise Http404
    return payment
