"""What must be true whenever the dust has settled, in our book and in the payment service's."""

from django.db.models import F, Sum

from palier.apps.invoices.models import Invoice, InvoiceLine, NumberSeries
from palier.apps.ledger.models import Entry
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from tests.sandbox_process import SandboxProcess


def assert_balanced(sandbox: SandboxProcess | None = None) -> None:
    """The ledger balances, invoices add up and number without gaps, orders are paid once, the two books agree."""
    assert not Entry.objects.values("transaction", "currency").annotate(sum=Sum("amount_minor")).exclude(sum=0).exists()
    _receivables_are_paid()
    for series in NumberSeries.objects.all():
        numbers = sorted(Invoice.objects.filter(series=series).values_list("sequence", flat=True))
        assert numbers == list(range(1, series.last_number + 1)), f"gap in {series.prefix}"
    for invoice in Invoice.objects.annotate(lines_minor=Sum("lines__amount_minor")):
        assert invoice.lines_minor == invoice.net_minor, f"the lines of {invoice} do not sum to its net"
        assert sum(tax["tax_minor"] for tax in invoice.taxes) == invoice.tax_minor
    overdrawn = InvoiceLine.objects.annotate(back=Sum("credited_by__amount_minor")).filter(back__lt=-F("amount_minor"))
    assert not overdrawn.exists()
    for order in Order.objects.filter(state="settled").select_related("quote", "invoice"):
        assert order.invoice is not None
        assert order.invoice.total_minor == order.quote.total_minor
    if sandbox is not None:
        _books_agree(sandbox)


def _receivables_are_paid() -> None:
    owed = Entry.objects.filter(ledger_account="receivable").aggregate(sum=Sum("amount_minor"))["sum"] or 0
    unpaid = Invoice.objects.filter(state="open").aggregate(sum=Sum("total_minor"))["sum"] or 0
    assert owed == unpaid


def _books_agree(sandbox: SandboxProcess) -> None:
    payments = {payment.public_id: payment for payment in Payment.objects.all()}
    charges = [row for row in sandbox.book()["charges"] if row["reference"] in payments]
    taken = [row for row in charges if row["state"] == "succeeded"]
    assert len({row["reference"] for row in taken}) == len(taken), "a reference was charged twice"
    theirs = {(row["reference"], row["amount_minor"], row["currency"]) for row in taken}
    ours = {
        (key, payment.amount_minor, payment.currency)
        for key, payment in payments.items()
        if payment.state == "succeeded"
    }
    assert ours == theirs
