"""Which tables an account's export holds, and which rows about an account it leaves out, each for a reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Model

from palier.apps.accounts.models import Account, BillingProfile, Invitation, Member, Parking, Travel
from palier.apps.agenda.models import Due, Failure
from palier.apps.chat.models import Attachment, Conversation, Message, Participant
from palier.apps.entitlements.models import Usage
from palier.apps.events.models import Event
from palier.apps.help.models import Opinion
from palier.apps.invoices.models import Invoice, InvoiceDocument, InvoiceLine
from palier.apps.ledger.models import Entry, Transaction
from palier.apps.notices.models import Mail, RenewalPromise
from palier.apps.orders.models import Order, PurchaseRequest, Quote, SeatRequest
from palier.apps.payments.models import Collection, Payment, PaymentMethod
from palier.apps.subscriptions.models import (
    BillingPeriod,
    ScheduledChange,
    SeatBasket,
    SeatEntry,
    Subscription,
    SubscriptionItem,
    Trial,
)
from palier.flows.exports import export_account, export_conversations, export_orders, export_subscriptions
from palier.flows.exports.export_cells import Row


@dataclass(frozen=True, slots=True)
class Table:
    """How a table's rows are read, and what they tell of."""

    rows: Callable[[Account], list[Row]]
    tells: tuple[type[Model], ...]


TABLES: Final[Mapping[str, Table]] = {
    "account": Table(export_account.account, (Account,)),
    "billing_details": Table(export_account.billing_details, (BillingProfile,)),
    "members": Table(export_account.members, (Member,)),
    "invitations": Table(export_account.invitations, (Invitation,)),
    "usage": Table(export_account.usage, (Usage,)),
    "trial": Table(export_subscriptions.trial, (Trial,)),
    "subscriptions": Table(export_subscriptions.subscriptions, (Subscription, SubscriptionItem)),
    "scheduled_changes": Table(export_subscriptions.scheduled_changes, (ScheduledChange,)),
    "seat_journal": Table(export_subscriptions.seat_journal, (SeatEntry,)),
    "seat_baskets": Table(export_subscriptions.seat_baskets, (SeatBasket,)),
    "billed_periods": Table(export_subscriptions.billed_periods, (BillingPeriod,)),
    "renewal_promises": Table(export_subscriptions.renewal_promises, (RenewalPromise,)),
    "purchase_requests": Table(export_orders.purchase_requests, (PurchaseRequest,)),
    "seat_requests": Table(export_orders.seat_requests, (SeatRequest,)),
    "quotes": Table(export_orders.quotes, (Quote,)),
    "orders": Table(export_orders.orders, (Order,)),
    "invoices": Table(export_orders.invoices, (Invoice,)),
    "invoice_lines": Table(export_orders.invoice_lines, (InvoiceLine,)),
    "cards": Table(export_orders.cards, (PaymentMethod,)),
    "payments": Table(export_orders.payments, (Payment,)),
    "collections": Table(export_orders.collections, (Collection,)),
    "history": Table(export_account.history, (Event,)),
    "letters": Table(export_account.letters, (Mail,)),
    "conversations": Table(export_conversations.conversations, (Conversation,)),
    "messages": Table(export_conversations.messages, (Message,)),
    "attachments": Table(export_conversations.attachments, (Attachment,)),
}

LEFT_OUT: Final[Mapping[type[Model], str]] = {
    InvoiceDocument: "not a table: each is a file of the archive",
    Due: "what falls due follows from the subscriptions, invoices and trial, and is gone once it has happened",
    Failure: "what the seller's people have to look at; what came of it is in the history",
    Parking: "the seller's examination of its own books; that charging stopped and went on is in the history",
    Transaction: "the seller's books, which follow from the invoices and payments",
    Entry: "the seller's books, as above",
    Travel: "the journeys of a demonstration account's clock",
    Participant: "who has read how far and types just now, the seller's people among them",
    Opinion: "said to the authors of a help article without a name, which colleagues could guess",
}
"""Rows about an account of which no table tells, with the reason."""
