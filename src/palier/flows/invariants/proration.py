"""Money for time: what an order's invoice asks is what was promised, and what the engine computes again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from palier.apps.orders.models import Order
from palier.engine import explain, wire
from palier.engine.errors import EngineError
from palier.engine.policies import ProrationPolicy
from palier.flows.invariants.rule import Found, Invariant, Look, all_of, rows
from palier.kit import ids

_AS_PROMISED = rows("""
SELECT wish.account_id, 'ord', wish.id, 'was invoiced in other lines than it promised'
FROM orders_order wish JOIN orders_quote quote ON quote.id = wish.quote_id
CROSS JOIN LATERAL (SELECT jsonb_agg(part ->> 'amount_minor' ORDER BY place) AS amounts,
        jsonb_agg(part - '{tax,fraction}'::text[] ORDER BY place) AS grounds
    FROM jsonb_array_elements(quote.draft -> 'lines') WITH ORDINALITY AS parts (part, place)) promised
CROSS JOIN LATERAL (SELECT jsonb_agg(line.amount_minor::text ORDER BY line.position) AS amounts,
        jsonb_agg(line.detail - '{tax,fraction}'::text[] ORDER BY line.position) AS grounds
    FROM invoices_invoiceline line WHERE line.invoice_id = wish.invoice_id) invoiced
WHERE wish.state = 'settled' AND (promised.amounts IS DISTINCT FROM invoiced.amounts
    OR promised.grounds IS DISTINCT FROM invoiced.grounds)
""")

_WHOLE_PERIODS = rows("""
SELECT invoice.account_id, 'inv', invoice.id,
    'asks ' || line.amount_minor || ' for ' || line.quantity || ' times ' || line.unit_minor || ' and a whole period'
FROM invoices_invoiceline line JOIN invoices_invoice invoice ON invoice.id = line.invoice_id
WHERE line.kind = 'charge' AND line.detail -> 'left' = line.detail -> 'units'
    AND line.amount_minor <> line.quantity * line.unit_minor
""")

_CREDITS = rows("""
SELECT invoice.account_id, 'inv', invoice.id, 'gives back ' || -credit.amount_minor || ' of a line of '
    || charge.amount_minor || ' that it takes for one of ' || (credit.detail ->> 'paid_minor')
FROM invoices_invoiceline credit JOIN invoices_invoiceline charge ON charge.id = credit.credits_id
JOIN invoices_invoice invoice ON invoice.id = credit.invoice_id
WHERE (credit.detail ->> 'paid_minor')::bigint <> charge.amount_minor
    OR credit.subscription_id <> charge.subscription_id OR credit.key <> charge.key
UNION ALL
SELECT invoice.account_id, 'inv', invoice.id, 'gives back time that it did not charge'
FROM invoices_invoiceline credit JOIN invoices_invoiceline charge ON charge.id = credit.credits_id
JOIN invoices_invoice invoice ON invoice.id = credit.invoice_id
WHERE credit.period_start < charge.period_start OR credit.period_end > charge.period_end
""")

_PARTS: Final = """
SELECT wish.account_id, wish.id, line.position, line.amount_minor, line.detail::text, (quote.draft -> 'policy')::text,
    quote.draft ->> 'currency', quote.draft ->> 'computed_at'
FROM orders_order wish JOIN orders_quote quote ON quote.id = wish.quote_id
JOIN invoices_invoiceline line ON line.invoice_id = wish.invoice_id
WHERE wish.state = 'settled' AND (line.kind = 'credit' OR line.detail -> 'left' <> line.detail -> 'units')
"""
"""Lines for a part of a period; those of whole periods need no engine."""


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What a stored line was computed on."""

    currency: str
    policy: ProrationPolicy
    computed_at: datetime


def _recomputed(look: Look) -> Iterator[Found]:
    """Each part of a period, taken apart into steps and put together again by the engine."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS)
        while page := cursor.fetchmany(1000):
            for account_id, order_id, position, amount_minor, *stored in page:
                again = _again(*stored)
                if again != amount_minor:
                    fact = f"asks {amount_minor} in line {position} where the engine makes {again}"
                    yield account_id, ids.public_id(Order.id_prefix, order_id), fact


def _again(detail: str, policy: str, currency: str, computed_at: str) -> int | str:
    """The amount that the engine makes of a stored line, in minor units; why it makes none, where it cannot."""
    try:
        line = wire.line_from_json(json.loads(detail))
        grounds = _Grounds(currency, wire.policy_from_json(json.loads(policy)), wire.instant_from_text(computed_at))
        return explain.recompute(explain.steps(line, grounds))
    except (EngineError, KeyError, TypeError, ValueError) as trouble:
        return f"nothing ({trouble!r})"


INVARIANTS = (
    Invariant(
        "I18",
        "Money for a part of a period is what the engine makes of it again; a credit gives back what was charged",
        all_of(_AS_PROMISED, _WHOLE_PERIODS, _CREDITS, _recomputed),
    ),
)
