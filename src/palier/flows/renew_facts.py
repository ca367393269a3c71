"""All that the renewals of a chunk are computed from: four statements, whatever their number.

The lock comes first, alone: what is read afterwards is read by later statements, so it is what the lock protects.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from palier.apps.catalogue import Catalogue, current
from palier.apps.subscriptions.models import ScheduledChange
from palier.apps.tax.buyers import Buyer
from palier.apps.tax.rules import rule_for
from palier.engine.taxes import TaxRule
from palier.kit.copies import text

_LOCK: Final = """
SELECT id FROM accounts_account
WHERE id IN (SELECT account_id FROM agenda_due
    WHERE kind = 'renewal' AND subject = ANY(%(subjects)s) AND due_at <= %(now)s)
    AND parked_at IS NULL
ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
"""Accounts in key order, so that two runs never wait for each other; one that somebody holds is left."""

_SUBSCRIPTIONS: Final = """
SELECT held.id, held.account_id, held.state, held.interval, held.currency, held.anchor_at, held.period_start,
    held.period_end, held.version, account.sandbox, account.name, account.country, profile.kind, profile.name,
    profile.address, profile.postcode, profile.city, profile.region, profile.country, profile.vat_number, profile.email,
    profile.po_number, person.language, person.email, card.id,
    held.account_id IN (SELECT wish.account_id FROM orders_order wish
        JOIN payments_payment payment ON payment.order_id = wish.id
        WHERE wish.account_id = ANY(%(accounts)s) AND wish.state = 'open' AND payment.state <> 'failed'),
    held.id IN (SELECT basket.subscription_id FROM subscriptions_seatbasket basket
        WHERE basket.subscription_id = ANY(%(subjects)s) AND basket.closed_at IS NULL),
    held.id IN (SELECT line.subscription_id FROM invoices_invoice invoice
        JOIN invoices_invoiceline line ON line.invoice_id = invoice.id
        WHERE invoice.account_id = ANY(%(accounts)s) AND invoice.state = 'open')
FROM agenda_due due
JOIN subscriptions_subscription held ON held.id = due.subject
JOIN accounts_account account ON account.id = held.account_id
LEFT JOIN accounts_billingprofile profile ON profile.account_id = account.id
LEFT JOIN accounts_member owner ON owner.account_id = account.id AND owner.role = 'owner'
    AND owner.deactivated_at IS NULL
LEFT JOIN accounts_user person ON person.id = owner.user_id
LEFT JOIN payments_paymentmethod card ON card.account_id = account.id AND card.is_default
WHERE due.kind = 'renewal' AND due.subject = ANY(%(subjects)s) AND due.due_at <= %(now)s
    AND held.account_id = ANY(%(accounts)s)
ORDER BY held.id
"""

_ITEMS: Final = """
SELECT subscription_id, kind, key, rank, quantity, monthly_minor FROM subscriptions_subscriptionitem
WHERE subscription_id = ANY(%(subjects)s) ORDER BY subscription_id, kind <> 'plan', key COLLATE "C"
"""

_WAITING: Final = """
SELECT * FROM subscriptions_scheduledchange WHERE subscription_id = ANY(%(subjects)s) AND state = 'waiting' ORDER BY id
"""

BUYER: Final = ("kind", "name", "address", "postcode", "city", "region", "country", "vat_number", "email", "po_number")


class Held(NamedTuple):
    """A subscription that is due, with its account, its buyer's details, its owner and card, as read."""

    id: int
    account_id: int
    state: str
    interval: str
    currency: str
    anchor_at: datetime
    period_start: datetime
    period_end: datetime
    version: int
    sandbox: bool
    company: str
    home: str
    kind: str | None
    name: str | None
    address: str | None
    postcode: str | None
    city: str | None
    region: str | None
    country: str | None
    vat_number: str | None
    email: str | None
    po_number: str | None
    language: str
    owner_email: str
    card_id: int | None
    is_being_bought: bool
    collects_seats: bool
    owes: bool  # an invoice of this subscription is open

    @property
    def buyer(self) -> dict[str, Any]:
        """The buyer as an invoice keeps it; what ``flows.facts.buyer_of`` says, with somewhere to write to."""
        if self.kind is None:
            details = (self.company, *[""] * 4, self.home, "", "", "")
            return dict(zip(BUYER, ("company", *details), strict=True)) | {"email": self.owner_email}
        found = dict(zip(BUYER, self[12:22], strict=True))
        return found if found["email"] else found | {"email": self.owner_email}


class StoredItem(NamedTuple):
    """A row of what is subscribed."""

    kind: str
    key: str
    rank: int
    quantity: int
    monthly_minor: int


@dataclass(frozen=True)
class Chunk:
    """The facts of some subscriptions that are due, whose accounts this transaction holds."""

    catalogue: Catalogue
    now: datetime
    held: Sequence[Held]
    items: dict[int, tuple[StoredItem, ...]]
    waiting: dict[int, tuple[ScheduledChange, ...]]
    rules: dict[tuple[str, ...], TaxRule] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def today(self) -> date:
        """The day of issue, in the seller's time zone."""
        return self.now.astimezone(ZoneInfo(self.catalogue.policy.zone)).date()

    def tax_of(self, held: Held) -> TaxRule:
        """The rule of one buyer; the same details on the same day have the same rule."""
        decides = (held.kind or "company", held.country or held.home, held.postcode or "", held.vat_number or "")
        rule = self.rules.get(decides)
        if rule is None:
            kind, country, postcode, vat_number = decides
            buyer = Buyer(kind=kind, name="", country=country, postcode=postcode, vat_number=vat_number)
            rule = self.rules[decides] = rule_for(buyer, self.catalogue.seller, self.today)
        return rule

    def title(self, key: str, language: str) -> str:
        """What a plan or an add-on is called on an invoice, ready for COPY."""
        title = self.titles.get((key, language))
        if title is None:
            title = self.titles[key, language] = text(self.catalogue.item_name(key, language))
        return title


def read(subjects: Sequence[int], *, now: datetime) -> Chunk:
    """Lock the accounts of those that are due and read everything about them; who is held by somebody is not read."""
    wanted: dict[str, Any] = {"subjects": list(subjects), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, wanted)
        accounts = [account for (account,) in cursor.fetchall()]
        cursor.execute(_SUBSCRIPTIONS, wanted | {"accounts": accounts})
        held = [Held._make(row) for row in cursor.fetchall()]
        mine = [each.id for each in held]
        cursor.execute(_ITEMS, {"subjects": mine})
        items = _grouped(cursor.fetchall())
    changes: defaultdict[int, list[ScheduledChange]] = defaultdict(list)
    for change in ScheduledChange.objects.raw(_WAITING, {"subjects": mine}):
        changes[change.subscription_id].append(change)
    waiting = {subject: tuple(its) for subject, its in changes.items()}
    return Chunk(catalogue=current(), now=now, held=held, items=items, waiting=waiting)


def _grouped(rows: Sequence[tuple[int, str, str, int, int, int]]) -> dict[int, tuple[StoredItem, ...]]:
    items: defaultdict[int, list[StoredItem]] = defaultdict(list)
    for subject, *item in rows:
        items[subject].append(StoredItem._make(item))
    return {subject: tuple(its) for subject, its in items.items()}
