"""The ledger: it balances, it only grows, it says what is owed, and its seals hold."""

from collections.abc import Iterator

from palier.apps.ledger.seals import HASH, SAID
from palier.flows.invariants.rule import Found, Invariant, Look, all_of, rows
from palier.kit import triggers

_SUMS = rows("""
SELECT transaction.account_id, 'txn', transaction.id, 'sums to ' || sum(entry.amount_minor) || ' ' || entry.currency
FROM ledger_transaction transaction JOIN ledger_entry entry ON entry.transaction_id = transaction.id
GROUP BY transaction.id, entry.currency HAVING sum(entry.amount_minor) <> 0
""")

_EMPTY = rows("""
SELECT transaction.account_id, 'txn', transaction.id, 'has no entries'
FROM ledger_transaction transaction
WHERE NOT EXISTS (SELECT FROM ledger_entry entry WHERE entry.transaction_id = transaction.id)
""")

_OWED = rows("""
SELECT account.id, 'acc', account.id,
    'the ledger says that ' || coalesce(owed.minor, 0) || ' is owed, its open invoices say ' || coalesce(open.minor, 0)
FROM accounts_account account
LEFT JOIN (SELECT transaction.account_id, sum(entry.amount_minor) AS minor
    FROM ledger_entry entry JOIN ledger_transaction transaction ON transaction.id = entry.transaction_id
    WHERE entry.ledger_account = 'receivable' GROUP BY 1) owed ON owed.account_id = account.id
LEFT JOIN (SELECT account_id, sum(total_minor) AS minor FROM invoices_invoice WHERE state = 'open' GROUP BY 1) open
    ON open.account_id = account.id
WHERE coalesce(owed.minor, 0) <> coalesce(open.minor, 0)
""")

_STRAYS = rows("""
SELECT NULL, '', 'ledger_entry', 'holds entries of transaction ' || entry.transaction_id || ', which is gone'
FROM ledger_entry entry LEFT JOIN ledger_transaction movement ON movement.id = entry.transaction_id
WHERE movement.id IS NULL GROUP BY entry.transaction_id
""")

_CHAIN = rows(
    f"""
WITH chain AS (SELECT *, lag(until_id, 1, 0::bigint) OVER (ORDER BY number) AS after_id,
        lag(hash) OVER (ORDER BY number) AS before, row_number() OVER (ORDER BY number) AS place FROM ledger_seal),
found AS (SELECT chain.number, count(movement.id) AS transactions,
        {
        HASH.format(
            before="chain.before",
            number="chain.number",
            until="chain.until_id",
            count="chain.transactions",
            said=SAID.format(row="movement"),
            id="movement.id",
        )
    } AS hash
    FROM chain LEFT JOIN ledger_transaction movement
        ON movement.id > chain.after_id AND movement.id <= chain.until_id
    GROUP BY chain.number, chain.before, chain.until_id, chain.transactions)
SELECT NULL, '', 'seal ' || chain.number, CASE
    WHEN chain.place <> chain.number THEN 'follows a seal that is gone'
    WHEN found.transactions <> chain.transactions
        THEN 'closed ' || chain.transactions || ' transactions, and there are ' || found.transactions
    ELSE 'does not fit what it closed, or the seal before it' END
FROM chain JOIN found USING (number)
WHERE chain.place <> chain.number OR found.hash IS DISTINCT FROM chain.hash
"""  # noqa: S608 - put together from constants
)

_GUARDS = """
SELECT NULL, '', guarded.name, 'its guard is off or gone: ' || CASE guarded.fires
    WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END || ' TRIGGER ' || guarded.guard
FROM unnest(%(tables)s::text[], %(guards)s::text[], %(fire)s::text[]) AS guarded (name, guard, fires)
WHERE NOT EXISTS (SELECT FROM pg_trigger trigger
    WHERE trigger.tgrelid = to_regclass(guarded.name) AND trigger.tgname = guarded.guard
        AND trigger.tgenabled::text = guarded.fires)
"""


def _guards(look: Look) -> Iterator[Found]:
    tables, guards, fire = zip(*triggers.ours(), strict=True)
    return rows(_GUARDS, tables=list(tables), guards=list(guards), fire=list(fire))(look)


_ONE_CURRENCY = rows("""
SELECT payment.account_id, 'pay', payment.id,
    'is in ' || payment.currency || ', what it pays in ' || coalesce(quote.currency, invoice.currency)
FROM payments_payment payment
LEFT JOIN orders_order wish ON wish.id = payment.order_id LEFT JOIN orders_quote quote ON quote.id = wish.quote_id
LEFT JOIN invoices_invoice invoice ON invoice.id = payment.invoice_id
WHERE payment.currency <> coalesce(quote.currency, invoice.currency)
UNION ALL
SELECT wish.account_id, 'ord', wish.id, 'was promised in ' || quote.currency || ' and invoiced in ' || invoice.currency
FROM orders_order wish JOIN orders_quote quote ON quote.id = wish.quote_id
JOIN invoices_invoice invoice ON invoice.id = wish.invoice_id WHERE invoice.currency <> quote.currency
UNION ALL
SELECT held.account_id, 'sub', held.id, 'is in ' || held.currency || ', its account in ' || account.currency
FROM subscriptions_subscription held JOIN accounts_account account ON account.id = held.account_id
WHERE held.currency <> account.currency
UNION ALL
SELECT transaction.account_id, 'txn', transaction.id, 'mixes currencies'
FROM ledger_transaction transaction JOIN ledger_entry entry ON entry.transaction_id = transaction.id
GROUP BY transaction.id HAVING count(DISTINCT entry.currency) > 1
""")

INVARIANTS = (
    Invariant(
        "I01",
        "Each ledger transaction sums to zero, and what the ledger says is owed is what open invoices say",
        all_of(_SUMS, _EMPTY, _OWED),
    ),
    Invariant(
        "I02",
        "What is append-only cannot be changed: every guard is on, and the ledger is what its seals closed",
        all_of(_guards, _STRAYS, _CHAIN),
    ),
    Invariant("I21", "An order, its invoice, payments and ledger share one currency", _ONE_CURRENCY),
)
