"""What was really invoiced for the time that still runs: the facts that credits are computed from."""

from datetime import datetime

from django.db.models import Min, Sum
from django.db.models.functions import Coalesce

from palier.apps.invoices.models import InvoiceLine
from palier.apps.subscriptions.models import Subscription
from palier.engine import wire
from palier.engine.periods import Period
from palier.engine.prices import ItemKind
from palier.engine.subscription import Paid


def paid_lines(subscription: Subscription, *, at: datetime) -> tuple[Paid, ...]:
    """The charges of a subscription that cover time after ``at``, oldest first, with what was credited on each.

    One query.
    """
    lines = (
        InvoiceLine.objects.filter(invoice__subscription=subscription, kind="charge", period_end__gt=at)
        .annotate(credited=Coalesce(Sum("credited_by__amount_minor"), 0), ends_at=Min("credited_by__period_start"))
        .order_by("invoice__issued_at", "invoice__sequence", "position")
    )
    return tuple(_paid(line, credited=line.credited, ends_at=line.ends_at) for line in lines)


def _paid(line: InvoiceLine, *, credited: int, ends_at: datetime | None) -> Paid:
    return Paid(
        line=line.public_id,
        kind=ItemKind(line.item_kind),
        key=line.key,
        quantity=line.quantity,
        unit_minor=line.unit_minor,
        period=Period(line.period_start, line.period_end),
        amount_minor=line.amount_minor,
        credited_minor=-credited,
        ends_at=ends_at,
        tax=wire.tax_rule_from_json(line.tax),
    )
