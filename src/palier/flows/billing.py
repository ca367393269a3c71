"""Invoicing what is owed before it is paid: a renewal, a day's seats. The invoice, its books, and the payment written
ahead; ``flows.collect`` sends it."""

from dataclasses import asdict
from datetime import datetime

from palier.apps.events.actions import record
from palier.apps.events.authors import Author
from palier.apps.invoices import actions as invoices
from palier.apps.invoices.models import Invoice
from palier.apps.ledger.actions import post as post_entries
from palier.apps.payments import actions as payments
from palier.apps.subscriptions.models import Subscription
from palier.engine.drafts import Draft
from palier.engine.postings import invoice_entries
from palier.flows import dun
from palier.flows.facts import Facts, buyer_of


def issue(facts: Facts, subscription: Subscription, draft: Draft, *, by: Author, now: datetime) -> Invoice:
    """Issue a draft's open invoice under the account's lock and start collecting it; one of 0.00 is paid at once."""
    invoice = _invoice(facts, subscription, draft, now=now)
    post_entries(
        facts.account.id,
        "invoice_issued",
        reference=f"{invoice.public_id}:issued",
        currency=draft.currency,
        postings=invoice_entries(net_minor=draft.net_minor, tax_minor=draft.tax_minor),
        now=now,
    )
    if draft.total_minor:
        _charge(facts, invoice, by=by, now=now)
    return invoice


def _invoice(facts: Facts, subscription: Subscription, draft: Draft, *, now: datetime) -> Invoice:
    account, catalogue = facts.account, facts.catalogue
    owner = account.members.select_related("user").get(role="owner", deactivated_at=None)
    language = owner.user.language
    buyer = asdict(buyer_of(account, getattr(account, "billing_profile", None)))
    return invoices.issue(
        account,
        {line.interval: subscription for line in draft.lines},
        draft,
        titles={line.key: catalogue.item_name(line.key, language) for line in draft.lines},
        seller=asdict(catalogue.seller),
        buyer={**buyer, "email": buyer["email"] or owner.user.email},
        language=language,
        series=catalogue.seller.invoice_prefix,
        paid_at=None if draft.total_minor else now,
        paid_with="",
        payment_reference="",
        now=now,
    )


def _charge(facts: Facts, invoice: Invoice, *, by: Author, now: datetime) -> None:
    method = facts.account.payment_methods.filter(is_default=True).first()
    if method is None:
        dun.without_card(invoice, now=now)
        return
    payment = payments.start_for_invoice(invoice, method, attempt=1, on_session=False, now=now)
    record(
        facts.account.id,
        "payment.started",
        by=by,
        now=now,
        payment=payment.public_id,
        invoice=invoice.public_id,
    )
