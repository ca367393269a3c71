"""Payments, as our own book tells them; what the gateway's book says beside it is ``gateway_book``."""

from datetime import timedelta
from typing import Final

from palier.apps.gateways.reasons import BY_THE_BANK, REASONS
from palier.flows.attempts import NETWORK_TRIES, NETWORK_WITHIN
from palier.flows.invariants.rule import Invariant, all_of, rows

SEEN_AFTER: Final = timedelta(minutes=1)
"""A decline is known to other tries so long after it is dated, at the latest: settling waits for the gateway's answer
and for the account's lock."""

_PAID_ONCE = rows("""
SELECT account_id, 'ord', order_id, 'was paid ' || count(*) || ' times' FROM payments_payment
WHERE state = 'succeeded' AND order_id IS NOT NULL GROUP BY account_id, order_id HAVING count(*) > 1
UNION ALL
SELECT account_id, 'inv', invoice_id, 'was paid ' || count(*) || ' times' FROM payments_payment
WHERE state = 'succeeded' AND invoice_id IS NOT NULL GROUP BY account_id, invoice_id HAVING count(*) > 1
""")

_AS_CONFIRMED = rows("""
SELECT payment.account_id, 'pay', payment.id,
    'asks for ' || payment.amount_minor || ' where ' || quote.total_minor || ' was confirmed'
FROM payments_payment payment JOIN orders_order wish ON wish.id = payment.order_id
JOIN orders_quote quote ON quote.id = wish.quote_id
WHERE payment.amount_minor <> quote.total_minor OR payment.quote_digest <> quote.digest
UNION ALL
SELECT wish.account_id, 'ord', wish.id,
    'was confirmed at ' || quote.total_minor || ' and invoiced at ' || invoice.total_minor
FROM orders_order wish JOIN orders_quote quote ON quote.id = wish.quote_id
JOIN invoices_invoice invoice ON invoice.id = wish.invoice_id WHERE invoice.total_minor <> quote.total_minor
UNION ALL
SELECT payment.account_id, 'pay', payment.id,
    'asks for ' || payment.amount_minor || ' where ' || invoice.total_minor || ' is owed'
FROM payments_payment payment JOIN invoices_invoice invoice ON invoice.id = payment.invoice_id
WHERE payment.amount_minor <> invoice.total_minor
""")

_ONE_ATTEMPT = rows("""
SELECT account_id, 'pay', min(id), count(*) || ' attempts of one order or invoice are alive'
FROM payments_payment WHERE state NOT IN ('failed', 'succeeded')
GROUP BY account_id, order_id, invoice_id HAVING count(*) > 1
""")

_UNKNOWN = rows(
    """
WITH silent AS (
    SELECT payment.id, payment.account_id, payment.state, payment.started_at,
        payment.started_at - account.clock_ahead AS since, payment.asked_at - account.clock_ahead AS asked_at
    FROM payments_payment payment JOIN accounts_account account ON account.id = payment.account_id
    WHERE payment.state IN ('sent', 'unknown')),
answers AS (
    SELECT count(DISTINCT width_bucket(extract(epoch FROM payment.resolved_at), extract(epoch FROM %(answered_before)s),
        extract(epoch FROM %(now)s), %(parts)s)) = %(parts)s AS all_the_time
    FROM payments_payment payment JOIN accounts_account account ON account.id = payment.account_id
    WHERE payment.resolved_at > %(answered_before)s AND payment.resolved_at < %(now)s AND payment.gateway_id <> ''
        AND account.clock_ahead = interval '0')
SELECT account_id, 'pay', id, 'is ' || state || ' since ' || started_at FROM silent CROSS JOIN answers
WHERE since < %(settled_before)s OR since < %(answered_before)s AND all_the_time
UNION ALL
SELECT NULL, 'pay', id, 'is ' || state || ' since ' || started_at || ', and no payment is asked about any more'
FROM silent CROSS JOIN answers
WHERE since >= %(settled_before)s AND since < %(answered_before)s AND NOT all_the_time
    AND (SELECT max(asked_at) FROM silent) < %(answered_before)s
""",
    parts=3,
)
"""A gateway that is away leaves answers missing, and that is nobody's fault. It answers where it has ended other
payments in each third of the time. Where no payment at all was asked about for that long, it is we who do not ask: that
is of no account's concern."""

_PAID_MEANS_SETTLED = rows("""
SELECT payment.account_id, 'pay', payment.id, 'succeeded, and its order is ' || wish.state
FROM payments_payment payment JOIN orders_order wish ON wish.id = payment.order_id
WHERE payment.state = 'succeeded' AND wish.state <> 'settled'
UNION ALL
SELECT payment.account_id, 'pay', payment.id, 'succeeded, and its invoice is ' || invoice.state
FROM payments_payment payment JOIN invoices_invoice invoice ON invoice.id = payment.invoice_id
WHERE payment.state = 'succeeded' AND invoice.state <> 'paid'
UNION ALL
SELECT invoice.account_id, 'inv', invoice.id, 'is paid by nothing'
FROM invoices_invoice invoice LEFT JOIN orders_order wish ON wish.invoice_id = invoice.id
WHERE invoice.state = 'paid' AND invoice.total_minor > 0
    AND NOT EXISTS (SELECT FROM payments_payment payment WHERE payment.state = 'succeeded'
        AND (payment.invoice_id = invoice.id OR payment.order_id = wish.id))
""")

_GIVEN_BACK = rows("""
SELECT taken.account_id, '', taken.payload->>'payment', 'was taken after it had failed and is not given back'
FROM events_event taken JOIN accounts_account account ON account.id = taken.account_id
WHERE taken.kind = 'payment.taken_late' AND taken.at < %(settled_before)s + account.clock_ahead
    AND NOT EXISTS (SELECT FROM events_event back WHERE back.account_id = taken.account_id
        AND back.kind = 'payment.refunded' AND back.payload->>'payment' = taken.payload->>'payment')
""")

_AFTER_THE_END = rows("""
SELECT payment.account_id, 'pay', payment.id, 'was begun after its invoice was ' || invoice.state
FROM payments_payment payment JOIN invoices_invoice invoice ON invoice.id = payment.invoice_id
LEFT JOIN payments_collection pursuit ON pursuit.invoice_id = invoice.id
WHERE (invoice.state = 'void' AND (pursuit.ended_at IS NULL OR payment.started_at > pursuit.ended_at)
    OR invoice.state = 'uncollectible' AND payment.started_at > pursuit.ended_at
    OR EXISTS (SELECT FROM payments_payment paid
        WHERE paid.invoice_id = invoice.id AND paid.state = 'succeeded' AND paid.id < payment.id))
""")

_TRIES: Final = f"""
WITH card AS (
    SELECT method.id, concat_ws('/', method.gateway, coalesce(nullif(method.fingerprint, ''), method.id::text),
        method.expiry_month, method.expiry_year, CASE WHEN account.sandbox THEN account.id END) AS name
    FROM payments_paymentmethod method JOIN accounts_account account ON account.id = method.account_id),
declined AS (
    SELECT card.name, payment.id, payment.started_at, payment.resolved_at, payment.reason
    FROM payments_payment payment JOIN card ON card.id = payment.method_id
    WHERE payment.state = 'failed' AND payment.sent_at IS NOT NULL AND payment.reason = ANY(%(by_the_bank)s)),
try AS (
    SELECT payment.account_id, payment.id, card.name, CASE WHEN payment.on_session THEN payment.started_at
        ELSE payment.sent_at END - interval '{int(SEEN_AFTER.total_seconds())} seconds' AS seen_at
    FROM payments_payment payment JOIN card ON card.id = payment.method_id
    WHERE payment.sent_at IS NOT NULL AND card.name IN (SELECT name FROM declined))
"""  # noqa: S608 - put together from constants
"""Each try, and when what was known of its card was looked at; a card is one whatever account it is typed in, and a
sandbox account's are its own."""

_CEILINGS = rows(
    f"""{_TRIES}
SELECT try.account_id, 'pay', try.id,
    'was tried with a card that had been declined ' || count(*) || ' times within 30 days'
FROM try JOIN declined ON declined.name = try.name AND declined.id <> try.id AND declined.resolved_at < try.seen_at
    AND declined.started_at > try.seen_at - interval '{NETWORK_WITHIN.days} days'
GROUP BY try.account_id, try.id HAVING count(*) >= {NETWORK_TRIES}
""",  # noqa: S608
    by_the_bank=list(BY_THE_BANK),
)

_FINAL = rows(
    f"""{_TRIES}
SELECT try.account_id, 'pay', try.id, 'tries a card again that was refused for good: ' || last.reason
FROM try JOIN LATERAL (SELECT reason FROM declined
    WHERE declined.name = try.name AND declined.id < try.id AND declined.resolved_at < try.seen_at
    ORDER BY declined.id DESC LIMIT 1) last ON last.reason = ANY(%(final)s)
""",  # noqa: S608
    by_the_bank=list(BY_THE_BANK),
    final=[reason.code for reason in REASONS.values() if reason.final],
)

INVARIANTS = (
    Invariant("I03", "An order or invoice is paid once at the most", _PAID_ONCE),
    Invariant("I05", "What is charged and invoiced is what was confirmed", _AS_CONFIRMED),
    Invariant("I06", "An order or invoice has one live attempt at the most", _ONE_ATTEMPT),
    Invariant("I08", "An attempt whose answer is missing is soon resolved", _UNKNOWN),
    Invariant(
        "I09",
        "A payment that succeeded is settled, what is paid was paid by one, and what came too late goes back",
        all_of(_PAID_MEANS_SETTLED, _GIVEN_BACK),
    ),
    Invariant("I19", "Nothing is charged for what is paid, void or given up", _AFTER_THE_END),
    Invariant(
        "I20",
        "Tries of a card stay below the networks' ceilings and end at a final decline",
        all_of(_CEILINGS, _FINAL),
    ),
)
