"""Invoices: numbered without a gap, never changed, adding up, never credited beyond what they charged."""

from palier.flows.invariants.rule import Invariant, all_of, rows

_NUMBERS = rows("""
SELECT NULL, '', series.prefix,
    'gave out ' || series.last_number || ' numbers and has ' || count(invoice.id) || ' invoices, from '
        || coalesce(min(invoice.sequence), 0) || ' to ' || coalesce(max(invoice.sequence), 0)
FROM invoices_numberseries series LEFT JOIN invoices_invoice invoice ON invoice.series_id = series.prefix
GROUP BY series.prefix
HAVING count(invoice.id) <> series.last_number
    OR (series.last_number > 0 AND (min(invoice.sequence) <> 1 OR max(invoice.sequence) <> series.last_number))
""")

_DATES = rows("""
SELECT account_id, 'inv', id, number || ' is dated before the number that precedes it'
FROM (SELECT *, lag(issued_on) OVER (PARTITION BY series_id ORDER BY sequence) AS before FROM invoices_invoice) numbered
WHERE issued_on < before
""")

_DOCUMENTS = rows("""
SELECT invoice.account_id, 'inv', invoice.id, 'its document is not what was handed out'
FROM invoices_invoicedocument document JOIN invoices_invoice invoice ON invoice.id = document.invoice_id
WHERE encode(sha256(document.content), 'hex') <> document.sha256
""")

_SUMS = rows("""
SELECT invoice.account_id, 'inv', invoice.id,
    'net ' || invoice.net_minor || ', lines ' || lines.minor || '; tax ' || invoice.tax_minor || ', rates '
        || taxes.minor || '; total ' || invoice.total_minor
FROM invoices_invoice invoice
CROSS JOIN LATERAL (SELECT coalesce(sum(amount_minor), 0) AS minor FROM invoices_invoiceline line
    WHERE line.invoice_id = invoice.id) lines
CROSS JOIN LATERAL (SELECT coalesce(sum((tax ->> 'tax_minor')::bigint), 0) AS minor
    FROM jsonb_array_elements(invoice.taxes) tax) taxes
WHERE lines.minor <> invoice.net_minor OR taxes.minor <> invoice.tax_minor
    OR invoice.total_minor <> invoice.net_minor + invoice.tax_minor
""")

_RATES = rows("""
SELECT invoice.account_id, 'inv', invoice.id,
    'taxes ' || rate.base_minor || ' with ' || rate.tax_minor || ' where its rate makes ' || rate.meant
FROM invoices_invoice invoice
CROSS JOIN LATERAL (SELECT base_minor, tax_minor, round(base_minor * rate_ppm / 1000000) AS meant
    FROM jsonb_to_recordset(invoice.taxes) AS tax (base_minor numeric, tax_minor numeric, rate_ppm numeric)) rate
WHERE rate.tax_minor <> rate.meant
UNION ALL
SELECT invoice.account_id, 'inv', invoice.id, 'net ' || invoice.net_minor || ', taxed ' || taxed.minor
FROM invoices_invoice invoice
CROSS JOIN LATERAL (SELECT coalesce(sum((tax ->> 'base_minor')::bigint), 0) AS minor
    FROM jsonb_array_elements(invoice.taxes) tax) taxed
WHERE taxed.minor <> invoice.net_minor
""")
"""PostgreSQL rounds a tie of numeric away from zero, as the engine does (half-up, EN 16931)."""

_CREDITS = rows("""
SELECT invoice.account_id, 'inv', invoice.id,
    'line ' || line.position || ' of ' || line.amount_minor || ' was credited ' || -sum(credit.amount_minor)
FROM invoices_invoiceline line JOIN invoices_invoiceline credit ON credit.credits_id = line.id
JOIN invoices_invoice invoice ON invoice.id = line.invoice_id
GROUP BY invoice.id, line.id HAVING -sum(credit.amount_minor) > line.amount_minor
""")

INVARIANTS = (
    Invariant(
        "I12",
        "Numbers of a series have no gap and no duplicate, and their dates never go down",
        all_of(_NUMBERS, _DATES),
    ),
    Invariant("I13", "The bytes of an issued document are those that were handed out", _DOCUMENTS),
    Invariant(
        "I14",
        "The lines of an invoice sum to its net, its rates to its tax, both to its total, and each tax is its rate's",
        all_of(_SUMS, _RATES),
    ),
    Invariant("I15", "No line is credited beyond what it charged", _CREDITS),
)
