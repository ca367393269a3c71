"""What a customer who pressed Pay is promised, whatever died on the way; read from both books and the outbox."""

from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.events.models import Event
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import BillingPeriod, Subscription
from tests.sandbox_process import SandboxProcess


def assert_nothing_happened(quote: Quote, sandbox: SandboxProcess) -> None:
    """No order, and no charge under whatever key."""
    assert not Order.objects.filter(quote=quote).exists()
    assert not charges_for(quote, sandbox), "charged without an order"


def assert_paid_once(quote: Quote, sandbox: SandboxProcess) -> None:
    """One order, one charge in the gateway's own book, one invoice, one receipt, one subscription: as promised."""
    taken = charges_for(quote, sandbox)
    assert [row["amount_minor"] for row in taken] == [quote.total_minor], f"charged {len(taken)} times"
    order = Order.objects.get(quote=quote)
    payment = order.payments.exclude(state="failed").get()
    assert [row["reference"] for row in taken] == [payment.public_id], "charged under a key that is not ours"
    assert (order.state, payment.state) == ("settled", "succeeded")
    invoice = Invoice.objects.get(account=quote.account, order=order)
    assert (invoice.total_minor, invoice.state) == (quote.total_minor, "paid")
    _was_told_once(order, invoice)
    _holds_what_was_bought(quote)


def charges_for(quote: Quote, sandbox: SandboxProcess) -> list[dict[str, object]]:
    """What was really taken for a quote, also under references that our book does not know.

    That is: every capture from the account's cards that does not name another of its orders.
    """
    cards = set(PaymentMethod.objects.filter(account=quote.account).values_list("token", flat=True))
    others = [order.public_id for order in Order.objects.filter(account=quote.account).exclude(quote=quote)]
    taken = [row for row in sandbox.book_of(cards)["charges"] if row["state"] == "succeeded"]
    return [row for row in taken if not any(other in row["description"] for other in others)]


def _was_told_once(order: Order, invoice: Invoice) -> None:
    receipt = Mail.objects.get(account_id=order.account_id, kind="receipt", key=f"receipt:{order.public_id}")
    assert ProcrastinateJob.objects.filter(task_name="send_mail", args__mail_id=receipt.id).count() == 1
    assert ProcrastinateJob.objects.filter(task_name="make_invoice_document", args__invoice_id=invoice.id).count() == 1
    settled = Event.objects.filter(account_id=order.account_id, kind="order.settled")
    assert [event.payload["order"] for event in settled].count(order.public_id) == 1


def _holds_what_was_bought(quote: Quote) -> None:
    subscription = Subscription.objects.get(account=quote.account)
    item = subscription.items.get()
    assert (item.key, item.quantity) == (quote.plan, quote.seats)
    assert subscription.version == quote.subscription_version + 1
    assert BillingPeriod.objects.filter(subscription=subscription).count() == 1
