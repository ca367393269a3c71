from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

from palier.apps.accounts.models import Account
from palier.apps.invoices.models import Invoice, InvoiceLine
from palier.apps.subscriptions.models import Subscription
from palier.engine import wire
from palier.engine.drafts import Draft
from palier.engine.lines import Line
from palier.kit import ids, writes

_TAKE = """
INSERT INTO invoices_numberseries AS series (prefix, last_number, last_issued_on)
VALUES (%(prefix)s, %(count)s, %(today)s)
ON CONFLICT (prefix) DO UPDATE SET last_number = series.last_number + excluded.last_number,
    last_issued_on = greatest(series.last_issued_on, excluded.last_issued_on)
RETURNING last_number, last_issued_on
"""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of a series that follow one another from ``first`` on, and the date of their invoices."""

    prefix: str
    first: int
    issued_on: date

    def number(self, sequence: int) -> str:
        """``F2026-000042``."""
        return f"{self.prefix}{sequence:06d}"


def issue(
    account: Account,
    subscriptions: Mapping[str, Subscription],
    draft: Draft,
    *,
    titles: Mapping[str, str],
    seller: Mapping[str, object],
    buyer: Mapping[str, object],
    language: str,
    series: str,
    paid_at: datetime | None,
    paid_with: str,
    payment_reference: str,
    now: datetime,
) -> Invoice:
    """Issue the invoice of a draft under the account's lock, with the next number of this year's series.

    ``subscriptions`` are those that the lines belong to, by interval. ``titles`` are the names of plans and add-ons
    on the day of issue, by key. ``paid_with`` is like "Visa •••• 4242"; an invoice that is still to be paid is due at
    once.
    """
    today = now.astimezone(ZoneInfo(draft.policy.zone)).date()
    taken = take_numbers(series_of(account, series), 1, today)
    invoice = Invoice(
        account=account,
        series_id=taken.prefix,
        sequence=taken.first,
        number=taken.number(taken.first),
        state="open" if paid_at is None else "paid",
        language=language,
        currency=draft.currency,
        net_minor=draft.net_minor,
        tax_minor=draft.tax_minor,
        total_minor=draft.total_minor,
        taxes=taxes_of(draft),
        seller=seller,
        buyer=buyer,
        rule_version=draft.rule_version,
        issued_at=now,
        issued_on=taken.issued_on,
        due_on=taken.issued_on,
        paid_at=paid_at,
        paid_with=paid_with,
        payment_reference=payment_reference,
    )
    lines = (
        _line(invoice, subscriptions[line.interval], position, line, titles[line.key])
        for position, line in enumerate(draft.lines, start=1)
    )
    writes.insert(invoice, *lines)
    return invoice


def series_of(account: Account, series: str) -> str:
    """Where an account's invoices are numbered. A sandbox account has a series of its own: its invoices are no real
    ones, and its time runs ahead of the others'."""
    return f"TEST-{account.public_id[-6:].upper()}-{series}" if account.sandbox else series


def taxes_of(draft: Draft) -> list[dict[str, object]]:
    """What an invoice keeps of its taxes: one object per rule."""
    return [
        {**wire.tax_rule_to_json(part.rule), "base_minor": part.base_minor, "tax_minor": part.tax_minor}
        for part in draft.taxes
    ]


def mark_paid(invoice: Invoice, *, paid_with: str, payment_reference: str, now: datetime) -> None:
    """An open invoice, or one written off before, has been paid after all."""
    invoice.state, invoice.paid_at = "paid", now
    Invoice.objects.filter(pk=invoice.pk).update(
        state="paid", paid_at=now, paid_with=paid_with, payment_reference=payment_reference
    )


def write_off(invoice: Invoice) -> None:
    """Give up an open invoice: nobody expects the money any more."""
    invoice.state = "uncollectible"
    Invoice.objects.filter(pk=invoice.pk).update(state="uncollectible")


def take_numbers(series: str, count: int, today: date) -> Numbers:
    """Take the next numbers of this year's series, and their date: today, or the last one's where that is later.

    The series' row stays locked until commit, so that rolled-back numbers are given out again: take them late.
    """
    prefix = f"{series}{today.year}-"
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"prefix": prefix, "count": count, "today": today})
        last, issued_on = cursor.fetchone()
    return Numbers(prefix, last - count + 1, issued_on)


def _line(invoice: Invoice, subscription: Subscription, position: int, line: Line, title: str) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
        subscription=subscription,
        position=position,
        kind=line.kind,
        item_kind=line.item_kind,
        key=line.key,
        title=title,
        quantity=line.quantity,
        unit_minor=line.unit_minor,
        period_start=line.period.start,
        period_end=line.period.end,
        amount_minor=line.amount_minor,
        tax=wire.tax_rule_to_json(line.tax),
        credits_id=ids.parse(InvoiceLine.id_prefix, line.credits) if line.credits else None,
        detail=wire.line_to_json(line),
    )
