from collections.abc import Mapping
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
INSERT INTO invoices_numberseries AS series (prefix, last_number, last_issued_on) VALUES (%s, 1, %s)
ON CONFLICT (prefix) DO UPDATE SET last_number = series.last_number + 1,
    last_issued_on = greatest(series.last_issued_on, excluded.last_issued_on)
RETURNING last_number, last_issued_on
"""


def issue(
    account: Account,
    subscription: Subscription,
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

    ``titles`` are the names of plans and add-ons on the day of issue, by key. ``paid_with`` is like "Visa •••• 4242".
    """
    prefix, sequence, issued_on = _next_number(series, now.astimezone(ZoneInfo(draft.policy.zone)).date())
    invoice = Invoice(
        account=account,
        subscription=subscription,
        series_id=prefix,
        sequence=sequence,
        number=f"{prefix}{sequence:06d}",
        state="open" if paid_at is None else "paid",
        language=language,
        currency=draft.currency,
        net_minor=draft.net_minor,
        tax_minor=draft.tax_minor,
        total_minor=draft.total_minor,
        taxes=[
            {**wire.tax_rule_to_json(part.rule), "base_minor": part.base_minor, "tax_minor": part.tax_minor}
            for part in draft.taxes
        ],
        seller=seller,
        buyer=buyer,
        rule_version=draft.rule_version,
        issued_at=now,
        issued_on=issued_on,
        paid_at=paid_at,
        paid_with=paid_with,
        payment_reference=payment_reference,
    )
    lines = (_line(invoice, position, line, titles[line.key]) for position, line in enumerate(draft.lines, start=1))
    writes.insert(invoice, *lines)
    return invoice


def _next_number(series: str, today: date) -> tuple[str, int, date]:
    """Take the next number of this year's series, and its date: today, or the last one's where that is later.

    The series' row stays locked until commit, so that a rolled-back number is given out again.
    """
    prefix = f"{series}{today.year}-"
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [prefix, today])
        number, issued_on = cursor.fetchone()
    return prefix, number, issued_on


def _line(invoice: Invoice, position: int, line: Line, title: str) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
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
