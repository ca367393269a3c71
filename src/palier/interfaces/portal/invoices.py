"""The account's invoices: the list, one on screen, one as PDF."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from palier.apps.invoices import documents
from palier.apps.invoices.facts import facts_of
from palier.apps.invoices.models import Invoice
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.bank import Ending, back_at, shown
from palier.interfaces.portal.found import own_invoice
from palier.interfaces.portal.next_steps import next_steps
from palier.interfaces.portal.owed import owed, ways_to_pay
from palier.interfaces.ui.downloads import download
from palier.interfaces.ui.lines import lines_of

PER_PAGE = 25


@require_safe
@buyer_required
def listing(request: MemberRequest) -> HttpResponse:
    """Every invoice, the newest first; for an unpaid one what happens next."""
    invoices = (
        Invoice.objects.filter(account=request.account).select_related("collection").order_by("-issued_at", "-id")
    )
    listed = Paginator(invoices, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(invoice, next_steps(invoice)) for invoice in listed]
    return render(request, "portal/invoices.html", {"invoices": listed, "rows": rows})


@require_safe
@buyer_required
def page(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """One invoice in the language it was issued in; unpaid, with the ways to pay it."""
    return show(request, own_invoice(request, invoice_id))


def show(
    request: MemberRequest, invoice: Invoice, *, errors: dict[str, str] | None = None, card: str = "", status: int = 200
) -> HttpResponse:
    """The page of an invoice, with what is wrong about a try to pay it."""
    article = documents.article(facts_of(invoice), invoice.language)
    context: dict[str, object] = {
        "invoice": invoice,
        "article": article,
        "lines": lines_of(invoice),
        "errors": errors or {},
    }
    found = owed(invoice)
    if found is not None:
        ending = shown(request, found.ending, now=request.now)
        context |= {"owed": found, "ending": ending.value, "back_at": back_at(request)}
        if ending is Ending.OWED:
            context |= ways_to_pay(request, invoice, found, chosen=card)
    return render(request, "portal/invoice.html", context, status=status)


@require_safe
@buyer_required
def pdf(request: MemberRequest, invoice_id: str) -> HttpResponse:
    """The document that was handed out, byte for byte; made now where the worker has not come to it yet."""
    invoice = own_invoice(request, invoice_id)
    document = documents.keep(invoice.id, now=request.now)
    return download(document.content, "application/pdf", f"{invoice.number}.pdf")
