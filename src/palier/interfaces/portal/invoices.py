"""The account's invoices: the list, one on screen, one as PDF."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from palier.apps.invoices import documents
from palier.apps.invoices.facts import facts_of
from palier.apps.invoices.models import Invoice
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.found import own_invoice
from palier.kit import clock

PER_PAGE = 25


@require_safe
@buyer_required
def listing(request: MemberRequest) -> HttpResponse:
    """Every invoice, the newest first."""
    invoices = Invoice.objects.filter(account=request.account).order_by("-issued_at", "-id")
    shown = Paginator(invoices, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/invoices.html", {"invoices": shown})


@require_safe
@buyer_required
def page(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """One invoice in the language it was issued in."""
    invoice = own_invoice(request, invoice_id)
    article = documents.article(facts_of(invoice), invoice.language)
    return render(request, "portal/invoice.html", {"invoice": invoice, "article": article})


@require_safe
@buyer_required
def pdf(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """The document that was handed out, byte for byte; made now where the worker has not come to it yet."""
    invoice = own_invoice(request, invoice_id)
    document = documents.keep(invoice.id, now=clock.now())
    response = HttpResponse(bytes(document.content), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{invoice.number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
