"""What became of the payment of an invoice that was issued before: paid, or waiting for the customer's bank."""

from datetime import datetime

from palier.apps.agenda import actions as agenda
from palier.apps.catalogue import current
from palier.apps.events.actions import record
from palier.apps.events.authors import GATEWAY
from palier.apps.invoices import actions as invoices
from palier.apps.invoices.models import Invoice
from palier.apps.ledger.actions import post as post_entries
from palier.apps.notices import letters_invoice as letters
from palier.apps.notices.actions import post as post_letter
from palier.apps.payments.models import Collection, Payment
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import Subscription, SubscriptionState
from palier.engine.postings import payment_entries, write_off_entries
from palier.flows import articles, confirm, promises, tell, upcoming
from palier.kit import formats, jobs


def paid(attempt: Payment, invoice: Invoice, *, now: datetime) -> None:
    """The money has arrived, perhaps after all: books, subscription, pursuit and receipt, in the caller's
    transaction."""
    written_off = invoice.state == "uncollectible"
    invoices.mark_paid(invoice, paid_with=attempt.method.recognised_by, payment_reference=attempt.public_id, now=now)
    if written_off:
        post_entries(
            invoice.account_id,
            "write_off_reversed",
            reference=f"{invoice.public_id}:recovered",
            currency=invoice.currency,
            postings=write_off_entries(amount_minor=-invoice.total_minor),
            now=now,
        )
    post_entries(
        invoice.account_id,
        "payment_received",
        reference=f"{attempt.public_id}:received",
        currency=attempt.currency,
        postings=payment_entries(amount_minor=attempt.amount_minor),
        now=now,
    )
    Collection.objects.filter(invoice=invoice).update(state="recovered", next_try_at=None, ended_at=now)
    turned = _restore_access(invoice, now=now)
    agenda.drop(upcoming.DUNNING, invoice.id)
    record(
        invoice.account_id,
        "invoice.paid",
        by=GATEWAY,
        now=now,
        invoice=invoice.public_id,
        payment=attempt.public_id,
        **turned,
    )
    _tell(attempt, invoice, now=now)
    jobs.defer("make_invoice_document", invoice_id=invoice.id)


def _restore_access(invoice: Invoice, *, now: datetime) -> dict[str, dict[str, str]]:
    """What the invoice bills is active again, unless another unpaid invoice of the same subscription holds it back; a
    renewal that waited for it is due."""
    billed = subscription_ids(invoice)
    pursued = Invoice.objects.filter(
        account=invoice.account_id, state="open", collection__ended_at=None, collection__isnull=False
    )
    owing = pursued.filter(lines__subscription__in=billed).values_list("lines__subscription", flat=True)
    turned = subscriptions.turn(set(billed) - set(owing), SubscriptionState.ACTIVE)
    if turned:
        over = Subscription.objects.filter(pk__in=billed, period_end__lte=now)
        agenda.put_off(upcoming.RENEWAL, over.values_list("id", flat=True), now)
    return turned


def waits(attempt: Payment, invoice: Invoice, *, now: datetime) -> None:
    """The bank wants the customer to confirm the payment, from any device; who pays at the screen sees it there."""
    if attempt.on_session:
        return
    language = invoice.language
    letter = letters.confirm(
        language,
        invoice=invoice.number,
        total=formats.money(attempt.amount_minor, attempt.currency, language),
        renewed=not invoice.adds_to_a_period,
        until=formats.long_day(confirm.bank_waits_until(attempt), language, current().policy.zone),
        url=confirm.url_of(attempt),
        article=articles.about(articles.CONFIRMATION, language),
    )
    post_letter(
        invoice.account_id, letter, to=invoice.buyer["email"], key=f"action_required:{attempt.public_id}", now=now
    )


def subscription_ids(invoice: Invoice) -> list[int]:
    """The subscriptions that an invoice bills."""
    return list(invoice.lines.order_by("subscription").values_list("subscription", flat=True).distinct())


def _tell(attempt: Payment, invoice: Invoice, *, now: datetime) -> None:
    language, zone = invoice.language, current().policy.zone
    billed = Subscription.objects.filter(pk__in=subscription_ids(invoice))
    ends = [each.period_end for each in billed if each.state != SubscriptionState.ENDED]
    letter = letters.receipt(
        language,
        paid=formats.money(invoice.total_minor, invoice.currency, language),
        invoice=invoice.number,
        card=attempt.method.recognised_by,
        until=formats.long_day(formats.last_instant(max(ends)), language, zone) if ends else "",
        ended=not ends,
        changed=promises.difference(invoice, language, now=now),
        url=tell.page_of(invoice),
    )
    post_letter(invoice.account_id, letter, to=invoice.buyer["email"], key=f"receipt:{invoice.public_id}", now=now)
