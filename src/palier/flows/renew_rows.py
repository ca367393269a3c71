"""What a chunk of renewals writes, all at once: rows by COPY, then the subscriptions, then numbers and invoices.

Each table gets a block of identities, so that its rows are neighbours in every index. The invoices come last: their
numbers' row holds up every other invoice until commit. What the database checks row by row elsewhere is proved here
by one query (``kit.copies.proved``). Amounts and texts were made by ``flows.renew_sums``; the rows equal those of
``flows.billing.issue`` and ``subscriptions.actions.move``.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from palier.apps.accounts.models import Account
from palier.apps.agenda import actions as agenda
from palier.apps.agenda.models import Due
from palier.apps.events.authors import CLOCK
from palier.apps.events.models import Event
from palier.apps.invoices.actions import Numbers, series_of, take_numbers
from palier.apps.invoices.models import Invoice, InvoiceLine
from palier.apps.ledger.models import Entry, Transaction
from palier.apps.payments.models import Payment
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import BillingPeriod, SeatEntry, Subscription, SubscriptionItem
from palier.apps.subscriptions.states import told
from palier.engine.drafts import RULE_VERSION
from palier.flows import upcoming
from palier.flows.renew_facts import Chunk
from palier.flows.renew_sums import Renewal
from palier.kit.copies import NotProved, copy, proved, require_nothing, text
from palier.kit.ids import block, public_id

_MOVE: Final = """
UPDATE subscriptions_subscription held SET interval = next.interval, period_start = held.period_end,
    period_end = next.period_end, catalogue_version_id = %(catalogue)s, version = held.version + 1
FROM unnest(%(subjects)s::bigint[], %(versions)s::bigint[], %(intervals)s::text[], %(ends)s::timestamptz[])
    AS next (id, version, interval, period_end)
WHERE held.id = next.id AND held.version = next.version AND held.state = 'active'
"""
"""Nothing that is indexed changes, except the interval in rare cases: the new row lies on the old one's page."""

_DUE: Final = """
UPDATE agenda_due due SET due_at = next.due_at
FROM unnest(%(subjects)s::bigint[], %(ends)s::timestamptz[]) AS next (subject, due_at)
WHERE due.kind = 'renewal' AND due.subject = next.subject
"""

_BROKEN: Final = """
SELECT 'subscription of a line' WHERE EXISTS (SELECT FROM invoices_invoiceline line
    LEFT JOIN subscriptions_subscription held ON held.id = line.subscription_id
    WHERE line.id BETWEEN %(lines)s AND %(last_line)s
        AND (held.id IS NULL OR line.invoice_id NOT BETWEEN %(invoices)s AND %(last_invoice)s))
UNION ALL SELECT 'account, card or invoice of a payment' WHERE EXISTS (SELECT FROM payments_payment payment
    LEFT JOIN accounts_account account ON account.id = payment.account_id
    LEFT JOIN payments_paymentmethod card ON card.id = payment.method_id AND card.account_id = account.id
    WHERE payment.id BETWEEN %(payments)s AND %(last_payment)s
        AND (card.id IS NULL OR payment.invoice_id NOT BETWEEN %(invoices)s AND %(last_invoice)s))
UNION ALL SELECT 'transaction of an entry' WHERE EXISTS (SELECT FROM ledger_entry entry
    LEFT JOIN ledger_transaction movement ON movement.id = entry.transaction_id
    WHERE entry.transaction_id BETWEEN %(movements)s AND %(last_movement)s AND movement.id IS NULL)
"""
"""What the foreign keys would refuse. The rest is known without a question: accounts are locked, subscriptions were
just updated, the catalogue's version is never deleted, the series' row is ours, and invoices are counted."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """A block of identities for each table."""

    invoices: range
    lines: range
    movements: range
    payments: range
    events: range


def write(chunk: Chunk, renewals: Sequence[Renewal]) -> list[int]:
    """Write renewals of one series of numbers, and what follows from them, in the caller's transaction, which holds
    their accounts.

    Returns the invoices' ids, in the order of the renewals. Raises where a subscription moved meanwhile or a reference
    would lead nowhere.
    """
    keys = _Keys(
        invoices=block(len(renewals)),
        lines=block(sum(len(each.sum.lines) for each in renewals)),
        movements=block(len(renewals)),
        payments=block(len(renewals)),
        events=block(2 * len(renewals)),
    )
    with proved():
        _copy_books(chunk, renewals, keys)
        _copy_lines_and_periods(renewals, keys)
        _copy_payments_and_events(chunk, renewals, keys)
        _copy_what_changed(chunk, renewals)
        _move(chunk, renewals)
        _require_references(keys)
        _copy_invoices(chunk, renewals, keys)
    return list(keys.invoices)


def _copy_books(chunk: Chunk, renewals: Sequence[Renewal], keys: _Keys) -> None:
    """Entries first: whoever is proved to balance has them."""
    at = chunk.now.isoformat()
    moving = [
        (movement, public_id(Invoice.id_prefix, invoice), each)
        for movement, invoice, each in zip(keys.movements, keys.invoices, renewals, strict=True)
        if each.sum.postings
    ]
    copy(
        Entry,
        "transaction_id position ledger_account currency amount_minor",
        (
            f"{movement}\t{position}\t{posting.account}\t{each.sum.draft.currency}\t{posting.amount_minor}\n"
            for movement, _, each in moving
            for position, posting in enumerate(each.sum.postings, start=1)
        ),
    )
    copy(
        Transaction,
        "id account_id kind reference posted_at",
        (
            f"{movement}\t{each.held.account_id}\tinvoice_issued\t{reference}:issued\t{at}\n"
            for movement, reference, each in moving
        ),
    )


def _copy_lines_and_periods(renewals: Sequence[Renewal], keys: _Keys) -> None:
    copy(
        InvoiceLine,
        "id invoice_id subscription_id position kind item_kind key title quantity unit_minor period_start period_end "
        "amount_minor tax credits_id detail",
        _lines(renewals, keys),
    )
    copy(BillingPeriod, "subscription_id period", (f"{each.held.id}\t{each.sum.period}\n" for each in renewals))


def _lines(renewals: Sequence[Renewal], keys: _Keys) -> Iterator[str]:
    identities = iter(keys.lines)
    for invoice, each in zip(keys.invoices, renewals, strict=True):
        for position, (line, title) in enumerate(zip(each.sum.lines, each.titles, strict=True), start=1):
            yield (f"{next(identities)}\t{invoice}\t{each.held.id}\t{position}\t{line.before}\t{title}\t{line.after}")


def _copy_payments_and_events(chunk: Chunk, renewals: Sequence[Renewal], keys: _Keys) -> None:
    at = chunk.now.isoformat()
    fresh, by = iter(keys.events), f"{CLOCK.name}\t{CLOCK.role}"
    payments, events = [], []
    for invoice, payment, each in zip(keys.invoices, keys.payments, renewals, strict=True):
        held, total = each.held, each.sum.total_minor
        of_invoice = public_id(Invoice.id_prefix, invoice)
        if total and held.card_id is not None:
            payments.append(
                f"{payment}\t{held.account_id}\t\\N\t{invoice}\t1\t{held.card_id}\t{total}\t{each.sum.draft.currency}\t"
                f"\tf\t\\N\tstarted\t\t\t\t{at}\t\\N\t{at}\t\\N\n"
            )
            about = f'{{"payment":"{public_id(Payment.id_prefix, payment)}","invoice":"{of_invoice}"}}'
            events.append(f"{next(fresh)}\t{held.account_id}\tpayment.started\t{by}\t{about}\t{at}\n")
        about = _renewed(public_id(Subscription.id_prefix, held.id), of_invoice, each)
        events.append(f"{next(fresh)}\t{held.account_id}\tsubscription.renewed\t{by}\t{about}\t{at}\n")
    copy(
        Payment,
        "id account_id order_id invoice_id attempt method_id amount_minor currency quote_digest on_session address "
        "state reason action_url gateway_id started_at sent_at asked_at resolved_at",
        payments,
    )
    copy(Event, "id account_id kind author role payload at", events)


def _renewed(subscription: str, invoice: str, each: Renewal) -> str:
    """What is told of a renewal: what it held before and after, where that is not the same."""
    if not each.applied:
        return f'{{"subscription":"{subscription}","invoice":"{invoice}"}}'
    before = told(each.held.interval, ((item.kind, item.key, item.quantity) for item in each.stored))
    after = told(_interval(each), ((item.kind, item.key, item.quantity) for item in each.items))
    held = {"before": {subscription: before}, "after": {subscription: after}}
    return text(json.dumps({"subscription": subscription, "invoice": invoice, **held}))


def _copy_what_changed(chunk: Chunk, renewals: Sequence[Renewal]) -> None:
    """Items, the seat journal and the changes that waited; nothing in the usual case."""
    at = chunk.now.isoformat()
    changed = [each for each in renewals if each.items != each.stored]
    if changed:
        SubscriptionItem.objects.filter(subscription__in=[each.held.id for each in changed]).delete()
        copy(
            SubscriptionItem,
            "subscription_id kind key rank quantity monthly_minor",
            (
                f"{each.held.id}\t{item.kind}\t{text(item.key)}\t{item.rank}\t{item.quantity}\t{item.monthly_minor}\n"
                for each in changed
                for item in each.items
            ),
        )
    seats = [each for each in changed if each.seats != each.seats_before]
    copy(
        SeatEntry,
        "id subscription_id seats_now seats_at_renewal cause member_id at",
        (
            f"{identity}\t{each.held.id}\t{each.seats}\t{each.seats}\trenewed\t\\N\t{at}\n"
            for identity, each in zip(block(len(seats)), seats, strict=True)
        ),
    )
    applied = [change.id for each in renewals for change in each.applied]
    if applied:
        subscriptions.apply(applied, now=chunk.now)


def _move(chunk: Chunk, renewals: Sequence[Renewal]) -> None:
    """The subscriptions' new period and what falls due in it, in the place of what fell due before."""
    moved: dict[str, Any] = {
        "catalogue": chunk.catalogue.version_id,
        "subjects": [each.held.id for each in renewals],
        "versions": [each.held.version for each in renewals],
        "intervals": [each.sum.draft.after.interval.value for each in renewals],
        "ends": [each.sum.end for each in renewals],
    }
    with connection.cursor() as cursor:
        for statement in (_MOVE, _DUE):
            cursor.execute(statement, moved)
            if cursor.rowcount != len(renewals):
                raise NotProved(f"{len(renewals) - cursor.rowcount} subscriptions moved while they were renewed")
    yearly = {each.held.id: each for each in renewals if "year" in (each.held.interval, _interval(each))}
    if yearly:
        agenda.drop_all([upcoming.NOTICE], yearly)
        agenda.put_new(_notices(chunk, yearly.values()))


def _interval(renewal: Renewal) -> str:
    return renewal.sum.draft.after.interval.value


def _notices(chunk: Chunk, renewals: Iterable[Renewal]) -> list[Due]:
    rows = []
    for each in renewals:
        at = upcoming.next_notice(each.sum.draft.after, chunk.catalogue, after=chunk.now)
        if at is not None:
            rows.append(Due(kind=upcoming.NOTICE, subject=each.held.id, account_id=each.held.account_id, due_at=at))
    return rows


def _require_references(keys: _Keys) -> None:
    bounds: dict[str, int] = {}
    for name, single in (
        ("invoices", "invoice"),
        ("lines", "line"),
        ("movements", "movement"),
        ("payments", "payment"),
    ):
        its = getattr(keys, name)
        bounds |= {name: its.start, f"last_{single}": its.stop - 1}
    require_nothing(_BROKEN, bounds)


def _copy_invoices(chunk: Chunk, renewals: Sequence[Renewal], keys: _Keys) -> None:
    """The numbers, in one block, and the invoices: as many as the lines and payments refer to."""
    seller = chunk.catalogue.seller
    written = text(json.dumps(asdict(seller)))
    first = renewals[0].held
    series = series_of(Account(pk=first.account_id, sandbox=first.sandbox), seller.invoice_prefix)
    taken = take_numbers(series, len(renewals), chunk.today)
    copy(
        Invoice,
        "id account_id series_id sequence number state language currency net_minor tax_minor total_minor taxes seller "
        "buyer rule_version issued_at issued_on due_on paid_at paid_with payment_reference",
        (
            _invoice(identity, each, sequence, taken, written, chunk.now)
            for sequence, (identity, each) in enumerate(zip(keys.invoices, renewals, strict=True), start=taken.first)
        ),
    )


def _invoice(identity: int, renewal: Renewal, sequence: int, taken: Numbers, seller: str, now: datetime) -> str:
    held, its_sum = renewal.held, renewal.sum
    state, paid_at = ("open", "\\N") if its_sum.total_minor else ("paid", now.isoformat())
    return (
        f"{identity}\t{held.account_id}\t{taken.prefix}\t{sequence}\t{taken.number(sequence)}\t{state}\t"
        f"{held.language}\t{its_sum.amounts}\t{its_sum.taxes}\t{seller}\t{text(json.dumps(held.buyer))}\t"
        f"{RULE_VERSION}\t{now.isoformat()}\t{taken.issued_on}\t{taken.issued_on}\t{paid_at}\t\t\n"
    )
