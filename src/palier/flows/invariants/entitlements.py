"""What is paid for is had: at once, for it is written in the transaction that settles, and until its end is written."""

from palier.flows.invariants.rule import Invariant, all_of, rows

_ORDERED = rows("""
SELECT wish.account_id, 'ord', wish.id,
    'paid for ' || wanted.seats || ' seats of ' || wanted.plan || ' by the ' || wanted.interval
        || ', which are not held'
FROM (SELECT DISTINCT ON (account_id) * FROM orders_order WHERE state = 'settled'
    ORDER BY account_id, ended_at DESC, id DESC) wish
JOIN accounts_account account ON account.id = wish.account_id
JOIN orders_quote quote ON quote.id = wish.quote_id
CROSS JOIN LATERAL (SELECT state ->> 'interval' AS interval, item #>> '{price,key}' AS plan,
        (item ->> 'quantity')::bigint AS seats, (state #>> '{period,start}')::timestamptz AS starts_at,
        (state #>> '{period,end}')::timestamptz AS ends_at
    FROM (VALUES (quote.draft -> 'after'), (quote.draft #> '{beside,state}')) AS after (state)
    CROSS JOIN LATERAL jsonb_array_elements(state -> 'items') item
    WHERE item #>> '{price,kind}' = 'plan') wanted
WHERE %(now)s + account.clock_ahead >= wanted.starts_at AND %(now)s + account.clock_ahead < wanted.ends_at
    AND NOT EXISTS (SELECT FROM subscriptions_subscription held JOIN subscriptions_subscriptionitem item
            ON item.subscription_id = held.id AND item.kind = 'plan'
        WHERE held.account_id = wish.account_id AND held.state <> 'ended' AND held.interval = wanted.interval
            AND held.period_end >= wanted.ends_at AND item.key = wanted.plan AND item.quantity >= wanted.seats)
    AND NOT EXISTS (SELECT FROM subscriptions_subscription held
        WHERE held.account_id = wish.account_id AND held.interval = wanted.interval AND held.state = 'ended'
            AND held.end_reason <> '' AND held.ended_at >= wish.ended_at)
    AND NOT EXISTS (SELECT FROM subscriptions_scheduledchange change
        JOIN subscriptions_subscription held ON held.id = change.subscription_id
        WHERE held.account_id = wish.account_id AND change.state = 'applied' AND change.ended_at >= wish.ended_at)
""")
"""The newest settled order of an account says what it holds, until a renewal or an end says otherwise."""

_INVOICED = rows("""
SELECT invoice.account_id, 'inv', invoice.id,
    'is paid for ' || line.quantity || ' seats of ' || line.key || ', which are not held'
FROM invoices_invoiceline line JOIN invoices_invoice invoice ON invoice.id = line.invoice_id
JOIN accounts_account account ON account.id = invoice.account_id
JOIN subscriptions_subscription held ON held.id = line.subscription_id
WHERE invoice.state = 'paid' AND line.kind = 'charge' AND line.item_kind = 'plan'
    AND %(now)s + account.clock_ahead >= line.period_start AND %(now)s + account.clock_ahead < line.period_end
    AND NOT (held.state = 'ended' AND held.end_reason <> '')
    AND NOT EXISTS (SELECT FROM subscriptions_subscriptionitem item WHERE held.state <> 'ended'
        AND item.subscription_id = held.id AND item.kind = 'plan' AND item.key = line.key
        AND item.quantity >= line.quantity)
    AND NOT EXISTS (SELECT FROM orders_order wish WHERE wish.account_id = invoice.account_id
        AND wish.state = 'settled' AND (wish.invoice_id = invoice.id OR wish.ended_at >= invoice.issued_at))
    AND NOT EXISTS (SELECT FROM subscriptions_scheduledchange change
        WHERE change.subscription_id = held.id AND change.state = 'applied' AND change.ended_at > invoice.issued_at)
""")
"""A renewal, or a day's seats, until an order or a later renewal says otherwise."""

INVARIANTS = (Invariant("I11", "What is paid for is had, unless its end is written", all_of(_ORDERED, _INVOICED)),)
