"""Transaction two of every purchase: what the gateway answered becomes a paid invoice, or an honest "not done"."""

import logging
from dataclasses import asdict
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from palier.apps.accounts.models import Account
from palier.apps.catalogue import Catalogue, current
from palier.apps.catalogue import at as catalogue_at
from palier.apps.events.actions import record
from palier.apps.gateways.contract import ActionRequired, Failed, Outcome, Succeeded, Unknown
from palier.apps.invoices import actions as invoices
from palier.apps.invoices.models import Invoice
from palier.apps.ledger.actions import post as post_entries
from palier.apps.notices import letters
from palier.apps.notices.actions import post as post_letter
from palier.apps.orders import actions as orders
from palier.apps.orders.models import Order
from palier.apps.payments import actions as payments
from palier.apps.payments.models import Payment, PaymentState
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import Subscription
from palier.engine import wire
from palier.engine.drafts import Draft
from palier.engine.postings import invoice_entries, payment_entries
from palier.kit import formats, jobs, writes

log: Final = logging.getLogger(__name__)

FINAL = (PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.PARKED)


def payment(payment_id: int, outcome: Outcome, *, now: datetime) -> None:
    """Write what became of a payment; harmless to repeat. All that follows from it commits with it, or not at all."""
    with transaction.atomic():
        account = Account.objects.locked_by(payments=payment_id)
        attempt = Payment.objects.select_related("method", "order__quote__subscription").get(pk=payment_id)
        if attempt.state in FINAL:
            return
        attempt.order.account = account
        match outcome:
            case Succeeded():
                _succeeded(attempt, outcome, now=now)
            case Failed():
                payments.end(
                    attempt, PaymentState.FAILED, reason=outcome.reason, gateway_id=outcome.gateway_id, now=now
                )
                record(attempt.account_id, "payment.failed", now=now, payment=attempt.public_id, reason=outcome.reason)
            case ActionRequired():
                _waits(attempt, outcome, now=now)
            case Unknown() if attempt.state != PaymentState.ACTION_REQUIRED:  # else the customer keeps their link
                payments.move(attempt, PaymentState.UNKNOWN, reason="no_answer")


def without_payment(order: Order, *, now: datetime) -> None:
    """Settle an order of 0.00 in the transaction that accepted it."""
    with writes.together():
        _settle(order, None, now=now)


def not_sent(payment_id: int, *, now: datetime) -> None:
    """End a payment that was not sent while its price was promised; one that left meanwhile goes its own way."""
    reason = "not_sent_in_time"
    with transaction.atomic():
        Account.objects.locked_by(payments=payment_id)
        attempt = Payment.objects.get(pk=payment_id)
        if payments.end_unsent(attempt, reason=reason, now=now):
            record(attempt.account_id, "payment.failed", now=now, payment=attempt.public_id, reason=reason)


def park_absent(payment_id: int, *, now: datetime) -> None:
    """Stop a payment that the gateway does not know and whose key it may have forgotten: it cannot be sent again."""
    with transaction.atomic():
        Account.objects.locked_by(payments=payment_id)
        attempt = Payment.objects.get(pk=payment_id)
        if attempt.state not in FINAL:
            _park(attempt, "unknown_to_gateway", now=now)


def _park(attempt: Payment, reason: str, *, now: datetime) -> None:
    """For a person to look at. The slot stays taken, so nobody can be charged again meanwhile."""
    payments.move(attempt, PaymentState.PARKED, reason=reason)
    record(attempt.account_id, "payment.parked", now=now, payment=attempt.public_id, reason=reason)
    log.error("%s is parked (%s); look with: palier payment show %s", attempt, reason, attempt)


def _succeeded(attempt: Payment, outcome: Succeeded, *, now: datetime) -> None:
    said = (outcome.reference, outcome.amount_minor, outcome.currency)
    if said != (attempt.public_id, attempt.amount_minor, attempt.currency):
        _park(attempt, "answer_contradicts_order", now=now)
        return
    if not _stands(attempt):
        _park(attempt, "order_moved", now=now)
        return
    payments.end(attempt, PaymentState.SUCCEEDED, gateway_id=outcome.gateway_id, now=now)
    payments.use_by_default(attempt.method)
    with writes.together():
        _settle(attempt.order, attempt, now=now)


def _stands(attempt: Payment) -> bool:
    """Whether the order is still what was accepted: open, the same quote, on the same state of the subscription."""
    order, quote = attempt.order, attempt.order.quote
    held = Subscription.objects.filter(account=order.account_id, state="active").values_list("id", "version").first()
    return (
        order.state == "open"
        and attempt.quote_digest == quote.digest
        and (held or (None, 0)) == (quote.subscription_id, quote.subscription_version)
    )


def _waits(attempt: Payment, outcome: ActionRequired, *, now: datetime) -> None:
    if attempt.state == PaymentState.ACTION_REQUIRED:
        return
    payments.move(attempt, PaymentState.ACTION_REQUIRED, action_url=outcome.url, gateway_id=outcome.gateway_id)
    record(attempt.account_id, "payment.action_required", now=now, payment=attempt.public_id)
    order = attempt.order
    letter = letters.action_required(
        order.language,
        plan=current().plan(order.quote.plan).name(order.language),
        total=formats.money(attempt.amount_minor, attempt.currency, order.language),
        url=f"{settings.BASE_URL}/orders/{order.public_id}/",
    )
    post_letter(
        order.account_id, letter, to=order.member.user.email, key=f"action_required:{attempt.public_id}", now=now
    )


def _settle(order: Order, attempt: Payment | None, *, now: datetime) -> None:
    draft = wire.draft_from_json(order.quote.draft)
    catalogue = catalogue_at(order.quote.catalogue_version_id)
    subscription = _subscribe(order, draft, now=now)
    invoice = _issue(order, attempt, subscription, draft, catalogue, now=now)
    post_entries(
        order.account_id,
        "invoice_issued",
        reference=f"{invoice.public_id}:issued",
        currency=draft.currency,
        postings=invoice_entries(net_minor=draft.net_minor, tax_minor=draft.tax_minor),
        now=now,
    )
    if attempt is not None:
        post_entries(
            order.account_id,
            "payment_received",
            reference=f"{attempt.public_id}:received",
            currency=attempt.currency,
            postings=payment_entries(amount_minor=attempt.amount_minor),
            now=now,
        )
    orders.settle(order, invoice, now=now)
    if not order.account.currency:
        Account.objects.filter(pk=order.account_id).update(currency=draft.currency)
    record(order.account_id, "order.settled", now=now, order=order.public_id, invoice=invoice.public_id)
    _tell(order, invoice, draft, catalogue, now=now)
    jobs.defer("make_invoice_document", invoice_id=invoice.id)


def _subscribe(order: Order, draft: Draft, *, now: datetime) -> Subscription:
    version_id = order.quote.catalogue_version_id
    if order.quote.subscription is None:
        return subscriptions.start(order.account, draft.after, catalogue_version_id=version_id, now=now)
    return subscriptions.move(order.quote.subscription, draft.after, catalogue_version_id=version_id)


def _issue(
    order: Order,
    attempt: Payment | None,
    subscription: Subscription,
    draft: Draft,
    catalogue: Catalogue,
    *,
    now: datetime,
) -> Invoice:
    return invoices.issue(
        order.account,
        subscription,
        draft,
        titles={line.key: catalogue.item_name(line.key, order.language) for line in draft.lines},
        seller=asdict(catalogue.seller),
        buyer=order.buyer,
        language=order.language,
        series=catalogue.seller.invoice_prefix,
        paid_at=now,
        paid_with=attempt.method.recognised_by if attempt else "",
        payment_reference=attempt.public_id if attempt else "",
        now=now,
    )


def _tell(order: Order, invoice: Invoice, draft: Draft, catalogue: Catalogue, *, now: datetime) -> None:
    language = order.language
    letter = letters.receipt(
        language,
        plan=catalogue.plan(order.quote.plan).name(language),
        paid=formats.money(draft.total_minor, draft.currency, language),
        invoice=invoice.number,
        seats=draft.after.seats,
        renewal=formats.long_day(draft.renewal.at, language, draft.policy.zone),
        renewal_total=formats.money(draft.renewal.total_minor, draft.currency, language),
        url=f"{settings.BASE_URL}/orders/{order.public_id}/",
    )
    post_letter(order.account_id, letter, to=order.buyer["email"], key=f"receipt:{order.public_id}", now=now)
