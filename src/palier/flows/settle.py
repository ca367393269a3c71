"""Transaction two of every purchase: what the gateway answered becomes a paid invoice, or an honest "not done"."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from palier.apps.accounts.models import Account
from palier.apps.catalogue import Catalogue, current
from palier.apps.catalogue import at as catalogue_at
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK, GATEWAY, Author
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
from palier.apps.subscriptions.models import Subscription
from palier.engine import wire
from palier.engine.drafts import Draft
from palier.engine.postings import invoice_entries, payment_entries
from palier.flows import articles, dun, notify, seat_answers, settle_invoice, subscribe
from palier.kit import formats, jobs, writes

log: Final = logging.getLogger(__name__)

_ORDER: Final = (
    "order__quote__subscription",
    "order__quote__beside",
    "order__quote__seat_request__member__user",
    "order__member__user",
)
FINAL = (PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.PARKED)


def payment(payment_id: int, outcome: Outcome, *, given_up_by: Author | None = None, now: datetime) -> None:
    """Write what became of a payment; harmless to repeat. All that follows from it commits with it, or not at all.

    ``given_up_by``: who asked the gateway to cancel it; where it then failed, that was their doing.
    """
    try:
        _write(payment_id, outcome, given_up_by or GATEWAY, now=now)
    except IntegrityError as error:
        if "a_charge_is_of_one_payment" not in str(error):
            raise
        park(payment_id, "charge_of_another", now=now)


def _write(payment_id: int, outcome: Outcome, ended_by: Author, *, now: datetime) -> None:
    with transaction.atomic():
        account = Account.objects.locked_by(payments=payment_id)
        told = isinstance(outcome, Succeeded | ActionRequired)  # who else is concerned is read for these alone
        attempt = Payment.objects.select_related("method", "invoice", *(_ORDER if told else ())).get(pk=payment_id)
        if attempt.state in FINAL:
            return
        attempt.account = account
        if told and attempt.order is not None:
            attempt.order.account = account
        match outcome:
            case Succeeded():
                _succeeded(attempt, outcome, now=now)
            case Failed():
                _failed(attempt, outcome.reason, by=ended_by, gateway_id=outcome.gateway_id, now=now)
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
            record(attempt.account_id, "payment.failed", by=CLOCK, now=now, payment=attempt.public_id, reason=reason)


def not_tried(payment_id: int, reason: str, *, now: datetime) -> bool:
    """End an invoice's payment whose card may not be tried now, for this reason; False where it left meanwhile."""
    with transaction.atomic():
        Account.objects.locked_by(payments=payment_id)
        attempt = Payment.objects.select_related("method", "invoice").get(pk=payment_id)
        if not payments.end_unsent(attempt, reason=reason, now=now):
            return False
        record(attempt.account_id, "payment.failed", by=CLOCK, now=now, payment=attempt.public_id, reason=reason)
        if attempt.invoice is not None:
            dun.failed(attempt, attempt.invoice, reason, now=now)
    return True


def _failed(attempt: Payment, reason: str, *, by: Author, gateway_id: str, now: datetime) -> None:
    """Nothing was taken. An order may be tried again by the customer; an open invoice is pursued."""
    payments.end(attempt, PaymentState.FAILED, reason=reason, gateway_id=gateway_id, now=now)
    record(attempt.account_id, "payment.failed", by=by, now=now, payment=attempt.public_id, reason=reason)
    if attempt.invoice is not None:
        dun.failed(attempt, attempt.invoice, reason, now=now)


def park(payment_id: int, reason: str, *, now: datetime) -> None:
    """Stop a payment for a person to look at, unless it is over. ``unknown_to_gateway``: the gateway has no such charge
    and may have forgotten its key, so it cannot be sent again. ``charge_of_another``: the charge that the gateway names
    was taken for another payment."""
    with transaction.atomic():
        Account.objects.locked_by(payments=payment_id)
        attempt = Payment.objects.get(pk=payment_id)
        if attempt.state not in FINAL:
            _park(attempt, reason, now=now)


def _park(attempt: Payment, reason: str, *, now: datetime) -> None:
    """For a person to look at. The slot stays taken, so nobody can be charged again meanwhile."""
    payments.move(attempt, PaymentState.PARKED, reason=reason)
    record(attempt.account_id, "payment.parked", by=GATEWAY, now=now, payment=attempt.public_id, reason=reason)
    log.error("%s is parked (%s); look with: palier payment show %s", attempt, reason, attempt)


def _succeeded(attempt: Payment, outcome: Succeeded, *, now: datetime) -> None:
    said = (outcome.reference, outcome.amount_minor, outcome.currency, outcome.token)
    if said != (attempt.public_id, attempt.amount_minor, attempt.currency, attempt.method.token):
        _park(attempt, "answer_contradicts_order", now=now)
        return
    if attempt.order is not None and not _stands(attempt, attempt.order):
        _park(attempt, "order_moved", now=now)
        return
    if attempt.invoice is not None and attempt.invoice.state not in ("open", "uncollectible"):
        _park(attempt, "invoice_not_open", now=now)
        return
    payments.end(attempt, PaymentState.SUCCEEDED, gateway_id=outcome.gateway_id, now=now)
    is_new = payments.use_by_default(attempt.method, unless=dun.since(attempt))
    if is_new:
        notify.watch_card(attempt.method, now=now)
    with writes.together():
        if is_new:
            record(attempt.account_id, "card.kept", by=GATEWAY, now=now, method=attempt.method.public_id)
        if attempt.order is not None:
            _settle(attempt.order, attempt, now=now)
        elif attempt.invoice is not None:
            settle_invoice.paid(attempt, attempt.invoice, now=now)


def _stands(attempt: Payment, order: Order) -> bool:
    """Whether the order is still what was accepted: open, the same quote, on the same state of the subscriptions."""
    quote = order.quote
    held = set(Subscription.objects.alive().filter(account=order.account_id).values_list("id", "version"))
    return order.state == "open" and attempt.quote_digest == quote.digest and held == quote.grounds


def _waits(attempt: Payment, outcome: ActionRequired, *, now: datetime) -> None:
    if attempt.state == PaymentState.ACTION_REQUIRED:
        return
    payments.move(attempt, PaymentState.ACTION_REQUIRED, action_url=outcome.url, gateway_id=outcome.gateway_id)
    record(attempt.account_id, "payment.action_required", by=GATEWAY, now=now, payment=attempt.public_id)
    if attempt.invoice is not None:
        settle_invoice.waits(attempt, attempt.invoice, now=now)
    if attempt.order is not None:
        _tell_to_confirm(attempt, attempt.order, now=now)


def _tell_to_confirm(attempt: Payment, order: Order, *, now: datetime) -> None:
    letter = letters.action_required(
        order.language,
        plan=current().plan(order.quote.plan).name(order.language),
        total=formats.money(attempt.amount_minor, attempt.currency, order.language),
        url=f"{settings.BASE_URL}/orders/{order.public_id}/",
        article=articles.about(articles.CONFIRMATION, order.language),
    )
    post_letter(
        order.account_id, letter, to=order.member.user.email, key=f"action_required:{attempt.public_id}", now=now
    )


def _settle(order: Order, attempt: Payment | None, *, now: datetime) -> None:
    draft = wire.draft_from_json(order.quote.draft)
    catalogue = catalogue_at(order.quote.catalogue_version_id)
    brought = subscribe.by(order, draft, catalogue, now=now)
    invoice = _issue(order, attempt, brought.subscriptions, draft, catalogue, now=now)
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
    by = GATEWAY if attempt is not None else order.member.author
    record(
        order.account_id,
        "order.settled",
        by=by,
        now=now,
        order=order.public_id,
        invoice=invoice.public_id,
        before=brought.before,
        after=brought.after,
    )
    _tell(order, invoice, draft, catalogue, now=now)
    if asked := getattr(order.quote, "seat_request", None):
        seat_answers.approve(asked, order.member, author=by, now=now)
    jobs.defer("make_invoice_document", invoice_id=invoice.id)


def _issue(
    order: Order,
    attempt: Payment | None,
    held: Mapping[str, Subscription],
    draft: Draft,
    catalogue: Catalogue,
    *,
    now: datetime,
) -> Invoice:
    return invoices.issue(
        order.account,
        held,
        draft,
        titles={line.key: catalogue.item_name(line.key, order.language) for line in draft.lines},
        seller=asdict(catalogue.seller),
        buyer=order.buyer,
        language=order.language,
        series=current().seller.invoice_prefix,  # a number is of the day of issue, whatever was promised when
        paid_at=now,
        paid_with=attempt.method.recognised_by if attempt else "",
        payment_reference=attempt.public_id if attempt else "",
        now=now,
    )


def _tell(order: Order, invoice: Invoice, draft: Draft, catalogue: Catalogue, *, now: datetime) -> None:
    language = order.language
    other = draft.beside.renewal if draft.beside else None
    letter = letters.receipt(
        language,
        plan=catalogue.plan(order.quote.plan).name(language),
        paid=formats.money(draft.total_minor, draft.currency, language),
        invoice=invoice.number,
        seats=draft.after.seats + (draft.beside.state.seats if draft.beside and draft.beside.state else 0),
        renewal=formats.long_day(draft.renewal.at, language, draft.policy.zone),
        renewal_total=formats.money(draft.renewal.total_minor, draft.currency, language),
        url=f"{settings.BASE_URL}/orders/{order.public_id}/",
        beside=(
            formats.long_day(other.at, language, draft.policy.zone),
            formats.money(other.total_minor, draft.currency, language),
        )
        if other
        else None,
    )
    post_letter(order.account_id, letter, to=order.buyer["email"], key=f"receipt:{order.public_id}", now=now)
