"""Paying an open invoice: Pay now, while the bank decides, back from the bank, and another card instead."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from palier.apps.gateways.contract import GatewayUnreachable
from palier.flows import collect, dun, release
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.bank import shown
from palier.interfaces.portal.found import own_invoice
from palier.interfaces.portal.invoices import show
from palier.interfaces.portal.owed import ending_of
from palier.interfaces.portal.payment_method import silent, unsure
from palier.interfaces.ui import told
from palier.kit.proxies import client_address
from palier.kit.refusals import Refusal

MEANWHILE = ("invoice.not_open", "invoice.being_paid")
"""Somebody else was quicker: the page itself then shows how things stand."""


@require_POST
@buyer_required
def pay(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """Pay now, with the card on file or the one typed into the frame."""
    invoice = own_invoice(request, invoice_id)
    card = "saved" if request.POST.get("card") == "saved" else "new"
    try:
        dun.pay(invoice, request.member, card, address=client_address(request), now=request.now)
    except GatewayUnreachable:
        return show(request, invoice, errors={"card": silent()}, card=card, status=503)
    except Refusal as refusal:
        if refusal.code not in MEANWHILE:
            text = refusal.text(translation.get_language() or "en")
            return show(request, invoice, errors={"card": text}, card=card, status=422)
        told.refused(request, refusal, level=messages.WARNING)
    return redirect("invoice", invoice.public_id)


@require_safe
@buyer_required
def status(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """Polled by the invoice's page: nothing while it still tells the truth, else the order to load it again."""
    invoice = own_invoice(request, invoice_id)
    payment = invoice.payments.order_by("-attempt").first()
    if request.GET.get("seen") == shown(request, ending_of(invoice, payment), now=request.now):
        return HttpResponse(status=204)
    return HttpResponseClientRefresh()


@require_safe
@buyer_required
def back_from_bank(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """The bank sends the customer here; what it decided is asked of the gateway, not read from the address."""
    invoice = own_invoice(request, invoice_id)
    collect.soon(invoice)
    since = int(request.now.timestamp())
    return redirect(f"{reverse('invoice', args=[invoice.public_id])}?back={since}")


@require_POST
@buyer_required
def withdraw(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """Give up the payment that waits for the bank, to pay with another card."""
    invoice = own_invoice(request, invoice_id)
    try:
        release.of(invoice, request.member, now=request.now)
    except GatewayUnreachable:
        messages.warning(request, unsure())
    return redirect("invoice", invoice.public_id)
