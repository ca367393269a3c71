"""What was really invoiced for the time that still runs: the facts that credits are computed from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from palier.apps.invoices.models import InvoiceLine
from palier.engine import wire
from palier.engine.periods import Period
from palier.engine.prices import ItemKind
from palier.engine.subscription import Paid
from palier.kit import ids

LINES: Final = """
SELECT line.id, line.item_kind, line.key, line.quantity, line.unit_minor, line.period_start, line.period_end,
    line.amount_minor, line.tax, -coalesce(sum(credit.amount_minor), 0) AS credited, min(credit.period_start) AS ends_at
FROM invoices_invoice invoice
JOIN invoices_invoiceline line ON line.invoice_id = invoice.id
LEFT JOIN invoices_invoiceline credit ON credit.credits_id = line.id
WHERE line.subscription_id = {subscription} AND line.kind = 'charge' AND line.period_end > %(at)s
GROUP BY invoice.id, line.id ORDER BY invoice.issued_at, invoice.sequence, line.position
"""
"""The charges of a subscription that cover time after ``at``, oldest first, with what was credited on each."""


def paid(line: Mapping[str, Any]) -> Paid:
    """One of them, from its JSON."""
    return Paid(
        line=ids.public_id(InvoiceLine.id_prefix, line["id"]),
        kind=ItemKind(line["item_kind"]),
        key=line["key"],
        quantity=line["quantity"],
        unit_minor=line["unit_minor"],
        period=Period(datetime.fromisoformat(line["period_start"]), datetime.fromisoformat(line["period_end"])),
        amount_minor=line["amount_minor"],
        credited_minor=line["credited"],
        ends_at=datetime.fromisoformat(line["ends_at"]) if line["ends_at"] else None,
        tax=wire.tax_rule_from_json(line["tax"]),
    )
