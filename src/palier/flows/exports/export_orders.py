"""Of an account's export: what was asked for, priced, ordered, invoiced and paid, and with which cards."""

from palier.apps.accounts.models import Account
from palier.apps.invoices.models import Invoice, InvoiceLine
from palier.apps.orders.models import Order, PurchaseRequest, Quote, SeatRequest
from palier.apps.payments.models import BRANDS, Collection, Payment, PaymentMethod
from palier.flows.exports.export_cells import Row, figure, instant, told


def purchase_requests(account: Account) -> list[Row]:
    """Plans that members asked for."""
    asked = PurchaseRequest.objects.filter(account=account).select_related("member")
    return [
        {
            "id": request.public_id,
            "member": request.member.public_id,
            "plan": request.plan,
            "interval": request.interval,
            "seats": request.seats,
            "other_seats": request.other_seats,
            "note": request.note,
            "asked_at": instant(request.asked_at),
        }
        for request in asked.order_by("id")
    ]


def seat_requests(account: Account) -> list[Row]:
    """Seats that members asked for, and what they were answered."""
    asked = SeatRequest.objects.filter(account=account).select_related("member", "answered_by", "quote")
    return [
        {
            "id": request.public_id,
            "member": request.member.public_id,
            "wished": request.wished,
            "note": request.note,
            "state": request.state,
            "quote": request.quote.public_id if request.quote else None,
            "answer": request.answer,
            "answered_by": request.answered_by.public_id if request.answered_by else None,
            "asked_at": instant(request.asked_at),
            "answered_at": instant(request.answered_at),
        }
        for request in asked.order_by("id")
    ]


def quotes(account: Account) -> list[Row]:
    """Prices that were kept for a while, ordered or not."""
    kept = Quote.objects.filter(account=account).select_related("member").defer("draft")
    return [
        {
            "id": quote.public_id,
            "state": quote.state,
            "member": quote.member.public_id,
            "plan": quote.plan,
            "interval": quote.interval,
            "seats": quote.seats,
            "other_seats": quote.other_seats,
            "total": figure(quote.total_minor, quote.currency),
            "currency": quote.currency,
            "created_at": instant(quote.created_at),
            "expires_at": instant(quote.expires_at),
        }
        for quote in kept.order_by("id")
    ]


def orders(account: Account) -> list[Row]:
    """What was accepted, by whom and under which terms."""
    orders = Order.objects.filter(account=account).select_related("quote", "member", "invoice").order_by("id")
    return [
        {
            "id": order.public_id,
            "state": order.state,
            "member": order.member.public_id,
            "plan": order.quote.plan,
            "interval": order.quote.interval,
            "seats": order.quote.seats,
            "other_seats": order.quote.other_seats,
            "total": figure(order.quote.total_minor, order.quote.currency),
            "currency": order.quote.currency,
            "terms_version": order.terms_version,
            "placed_at": instant(order.placed_at),
            "invoice": order.invoice.number if order.invoice else None,
        }
        for order in orders
    ]


def invoices(account: Account) -> list[Row]:
    """The invoices, the oldest first; each is a PDF of the archive as well."""
    return [
        {
            "number": invoice.number,
            "state": invoice.state,
            "issued_on": invoice.issued_on.isoformat(),
            "due_on": invoice.due_on.isoformat(),
            "net": figure(invoice.net_minor, invoice.currency),
            "tax": figure(invoice.tax_minor, invoice.currency),
            "total": figure(invoice.total_minor, invoice.currency),
            "currency": invoice.currency,
            "buyer": invoice.buyer["name"],
            "vat_number": invoice.buyer["vat_number"],
            "paid_at": instant(invoice.paid_at),
            "paid_with": invoice.paid_with,
        }
        for invoice in Invoice.objects.filter(account=account).order_by("issued_at", "id")
    ]


def invoice_lines(account: Account) -> list[Row]:
    """What each invoice charges and credits."""
    lines = InvoiceLine.objects.filter(invoice__account=account).select_related("invoice", "subscription")
    return [
        {
            "invoice": line.invoice.number,
            "position": line.position,
            "kind": line.kind,
            "title": line.title,
            "quantity": line.quantity,
            "amount": figure(line.amount_minor, line.invoice.currency),
            "currency": line.invoice.currency,
            "period_start": instant(line.period_start),
            "period_end": instant(line.period_end),
            "subscription": line.subscription.public_id,
        }
        for line in lines.order_by("invoice_id", "position")
    ]


def cards(account: Account) -> list[Row]:
    """The cards on file and those of before, by what a person recognises them by; no number was ever kept."""
    return [
        {
            "id": card.public_id,
            "brand": BRANDS.get(card.brand, card.brand),
            "last4": card.last4,
            "expires": f"{card.expiry_year}-{card.expiry_month:02}",
            "default": told(card.is_default),
            "added_at": instant(card.added_at),
        }
        for card in PaymentMethod.objects.filter(account=account).order_by("id")
    ]


def payments(account: Account) -> list[Row]:
    """Each attempt to collect a sum: for what, with which card, and what became of it."""
    attempts = Payment.objects.filter(account=account).select_related("order", "invoice", "method")
    return [
        {
            "id": payment.public_id,
            "order": payment.order.public_id if payment.order else None,
            "invoice": payment.invoice.number if payment.invoice else None,
            "attempt": payment.attempt,
            "card": payment.method.public_id,
            "amount": figure(payment.amount_minor, payment.currency),
            "currency": payment.currency,
            "state": payment.state,
            "reason": payment.reason,
            "started_at": instant(payment.started_at),
            "resolved_at": instant(payment.resolved_at),
        }
        for payment in attempts.order_by("id")
    ]


def collections(account: Account) -> list[Row]:
    """What was done about invoices whose payment had failed."""
    return [
        {
            "id": pursuit.public_id,
            "invoice": pursuit.invoice.number,
            "state": pursuit.state,
            "failures": pursuit.failures,
            "last_reason": pursuit.last_reason,
            "opened_at": instant(pursuit.opened_at),
            "next_try_at": instant(pursuit.next_try_at),
            "grace_ends_at": instant(pursuit.grace_ends_at),
            "gives_up_at": instant(pursuit.gives_up_at),
            "ended_at": instant(pursuit.ended_at),
        }
        for pursuit in Collection.objects.filter(account=account).select_related("invoice").order_by("id")
    ]
