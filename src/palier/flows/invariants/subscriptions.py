"""Subscriptions: paid for, in periods that follow one another, on the calendar of their anchor, with seats for all."""

from collections.abc import Iterator

from palier.apps.catalogue import at
from palier.apps.subscriptions.models import Subscription
from palier.engine.periods import Interval, period_containing
from palier.flows.invariants.rule import Found, Invariant, Look, all_of, rows

_PAID_FOR = rows("""
SELECT held.account_id, 'sub', held.id, 'is ' || held.state || ' with ' || asked.number || ' of ' || item.key
    || '; its invoices, paid or pursued, cover ' || coalesce(covered.number, 0)
FROM subscriptions_subscription held JOIN subscriptions_subscriptionitem item ON item.subscription_id = held.id
LEFT JOIN subscriptions_seatbasket today
    ON today.subscription_id = held.id AND today.closed_at IS NULL AND item.kind = 'plan'
CROSS JOIN LATERAL (SELECT coalesce(today.paid_seats, item.quantity) AS number) asked
LEFT JOIN (SELECT line.subscription_id, line.item_kind, line.key,
        sum(CASE WHEN line.credits_id IS NULL THEN line.quantity::bigint ELSE -line.quantity END) AS number
    FROM subscriptions_subscription paid_until
    JOIN invoices_invoiceline line
        ON line.subscription_id = paid_until.id AND line.period_end = paid_until.period_end
    JOIN invoices_invoice invoice ON invoice.id = line.invoice_id AND invoice.state IN ('paid', 'open')
    WHERE paid_until.state <> 'ended' GROUP BY 1, 2, 3) covered
    ON covered.subscription_id = held.id AND covered.item_kind = item.kind AND covered.key = item.key
WHERE held.state <> 'ended' AND coalesce(covered.number, 0) < asked.number
""")
"""Every charge runs to the end of the period held, whenever it begins, and a credit takes back the whole quantity of
its line. Of a day's seats that are not billed yet, those that were paid before."""

_OWED_MEANS_PURSUED = rows("""
SELECT invoice.account_id, 'inv', invoice.id, 'is open, and neither a payment nor a pursuit is at work on it'
FROM invoices_invoice invoice JOIN accounts_account account ON account.id = invoice.account_id
WHERE invoice.state = 'open' AND invoice.issued_at < %(settled_before)s + account.clock_ahead
    AND NOT EXISTS (SELECT FROM payments_payment payment
        WHERE payment.invoice_id = invoice.id AND payment.state <> 'failed')
    AND NOT EXISTS (SELECT FROM payments_collection pursuit WHERE pursuit.invoice_id = invoice.id)
""")

_PERIODS_FOLLOW = rows("""
SELECT held.account_id, 'sub', held.id, 'was not billed from ' || upper(previous) || ' to ' || lower(period)
FROM (SELECT subscription_id, period, lag(period) OVER (PARTITION BY subscription_id ORDER BY period) AS previous
    FROM subscriptions_billingperiod) billed
JOIN subscriptions_subscription held ON held.id = billed.subscription_id
WHERE upper(previous) <> lower(period)
UNION ALL
SELECT held.account_id, 'sub', held.id,
    'is paid until ' || held.period_end || ' and billed until ' || max(upper(billed.period))
FROM subscriptions_subscription held JOIN subscriptions_billingperiod billed ON billed.subscription_id = held.id
WHERE held.state <> 'ended'
GROUP BY held.id HAVING max(upper(billed.period)) <> held.period_end
UNION ALL
SELECT held.account_id, 'sub', held.id, 'was never billed'
FROM subscriptions_subscription held
WHERE NOT EXISTS (SELECT FROM subscriptions_billingperiod billed WHERE billed.subscription_id = held.id)
""")

_SEATS = rows("""
SELECT account.id, 'acc', account.id, used.number || ' people are active on ' || bought.number || ' seats'
FROM accounts_account account
JOIN (SELECT held.account_id, sum(item.quantity) AS number
    FROM subscriptions_subscription held JOIN subscriptions_subscriptionitem item
        ON item.subscription_id = held.id AND item.kind = 'plan'
    WHERE held.state <> 'ended' GROUP BY 1) bought ON bought.account_id = account.id
JOIN (SELECT account_id, count(*) AS number FROM accounts_member WHERE deactivated_at IS NULL GROUP BY 1) used
    ON used.account_id = account.id
WHERE used.number > bought.number AND EXISTS (SELECT FROM subscriptions_subscription held
    WHERE held.account_id = account.id AND held.state <> 'ended' AND NOT EXISTS (
        SELECT FROM subscriptions_scheduledchange waiting
        WHERE waiting.subscription_id = held.id AND waiting.state = 'waiting' AND waiting.kind = 'cancel'))
""")

_JOURNAL = rows("""
SELECT held.account_id, 'sub', held.id, 'has ' || item.quantity || ' seats and renews with ' || renewing.seats
    || ', its journal says ' || coalesce(newest.seats_now, 0) || ' and ' || coalesce(newest.seats_at_renewal, 0)
FROM subscriptions_subscription held
JOIN subscriptions_subscriptionitem item ON item.subscription_id = held.id AND item.kind = 'plan'
CROSS JOIN LATERAL (SELECT coalesce(min(CASE kind WHEN 'cancel' THEN 0 ELSE quantity END), item.quantity) AS seats
    FROM subscriptions_scheduledchange waiting
    WHERE waiting.subscription_id = held.id AND state = 'waiting' AND kind IN ('seats', 'cancel')) renewing
LEFT JOIN LATERAL (SELECT seats_now, seats_at_renewal FROM subscriptions_seatentry entry
    WHERE entry.subscription_id = held.id ORDER BY entry.id DESC LIMIT 1) newest ON true
WHERE held.state <> 'ended'
    AND (coalesce(newest.seats_now, 0), coalesce(newest.seats_at_renewal, 0)) <> (item.quantity, renewing.seats)
""")

_ONE_PLAN = rows("""
SELECT held.account_id, 'acc', held.account_id, 'holds ' || string_agg(DISTINCT item.key, ' and ')
FROM subscriptions_subscription held
JOIN subscriptions_subscriptionitem item ON item.subscription_id = held.id AND item.kind = 'plan'
LEFT JOIN subscriptions_scheduledchange lower
    ON lower.subscription_id = held.id AND lower.kind = 'plan' AND lower.state = 'waiting'
WHERE held.state <> 'ended' AND NOT EXISTS (SELECT FROM subscriptions_scheduledchange last
    WHERE last.subscription_id = held.id AND last.kind = 'cancel' AND last.state = 'waiting')
GROUP BY held.account_id HAVING count(DISTINCT item.key) > 1 AND count(DISTINCT coalesce(lower.key, item.key)) > 1
""")

_PROMISES = rows("""
SELECT wish.account_id, 'ord', wish.id, 'was placed after its quote had expired'
FROM orders_order wish JOIN orders_quote quote ON quote.id = wish.quote_id
WHERE wish.placed_at >= quote.expires_at
UNION ALL
SELECT wish.account_id, 'ord', wish.id, 'stands on a quote that is ' || quote.state
FROM orders_order wish JOIN orders_quote quote ON quote.id = wish.quote_id WHERE quote.state <> 'accepted'
UNION ALL
SELECT quote.account_id, 'quo', quote.id, 'is accepted without an order' FROM orders_quote quote
WHERE quote.state = 'accepted' AND NOT EXISTS (SELECT FROM orders_order wish WHERE wish.quote_id = quote.id)
""")


def _calendar(look: Look) -> Iterator[Found]:
    """Each live subscription's period is one that its anchor makes (31 January, 28 February, 31 March)."""
    for held in Subscription.objects.alive().iterator(chunk_size=2000):
        zone = at(held.catalogue_version_id).policy.zone
        meant = period_containing(held.anchor_at, Interval(held.interval), held.period_start, zone)
        if held.period_end != meant.end or held.period_start < meant.start:
            fact = f"runs {held.period_start} to {held.period_end}; its anchor makes {meant.start} to {meant.end}"
            yield held.account_id, held.public_id, fact


INVARIANTS = (
    Invariant(
        "I10",
        "What is subscribed is paid for in its whole number, or its invoice is being pursued",
        all_of(_PAID_FOR, _OWED_MEANS_PURSUED),
    ),
    Invariant(
        "I16",
        "No more people are active than seats are bought, the journal says how many, and the plan is one",
        all_of(_SEATS, _JOURNAL, _ONE_PLAN),
    ),
    Invariant(
        "I17", "Billed periods follow one another without a hole up to the date that is paid for", _PERIODS_FOLLOW
    ),
    Invariant("I29", "Periods are those of the anchor's calendar", _calendar),
    Invariant("I30", "A quote is accepted once, in time, by one order", _PROMISES),
)
