"""Seals: what is older than a while is closed, one seal after the other, each over the one before (ADR 0024).

Nobody who pays waits for it: a seal takes no lock. It goes no further than where nothing can still appear.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from palier.apps.ledger.models import Seal, Transaction
from palier.kit import ids

LAG: Final = timedelta(minutes=15)
"""How much later than its identity a transaction may begin, and how far the clocks of two machines may differ."""

MOST: Final = 100_000
"""Transactions of one seal."""

LATE: Final = timedelta(hours=3)
"""How old a transaction is that should have been sealed, were all well: it is done once an hour."""

SAID: Final = """sha256(convert_to(concat_ws(E'\\n', {row}.id, {row}.account_id, {row}.kind, {row}.reference,
    (extract(epoch FROM {row}.posted_at) * 1000000)::bigint,
    (SELECT string_agg(concat_ws(' ', entry.position, entry.ledger_account, entry.currency, entry.amount_minor), E'\\n'
        ORDER BY entry.position) FROM ledger_entry entry WHERE entry.transaction_id = {row}.id)), 'UTF8'))"""
"""All that a transaction says, its entries included, as 32 bytes; ``row`` is the name of its row."""

HASH: Final = """sha256(coalesce({before}, ''::bytea)
    || convert_to(concat_ws(' ', {number}, {until}, {count}), 'UTF8')
    || string_agg({said}, ''::bytea ORDER BY {id}))"""
"""A seal's hash: over the hash before, what the seal says, and what its transactions say in the order of identities."""

_SEAL: Final = f"""
WITH last AS MATERIALIZED (SELECT number, until_id, hash FROM ledger_seal ORDER BY number DESC LIMIT 1),
next AS MATERIALIZED (SELECT id, {SAID.format(row="movement")} AS said
    FROM ledger_transaction movement
    WHERE id > coalesce((SELECT until_id FROM last), 0) AND id <= %(until)s ORDER BY id LIMIT %(most)s),
closing AS (SELECT coalesce((SELECT number FROM last), 0) + 1 AS number, max(id) AS until_id, count(*) AS number_of
    FROM next HAVING count(*) > 0)
INSERT INTO ledger_seal (number, until_id, transactions, hash, sealed_at)
SELECT closing.number, closing.until_id, closing.number_of,
    {
    HASH.format(
        before="(SELECT hash FROM last)",
        number="closing.number",
        until="closing.until_id",
        count="closing.number_of",
        said="next.said",
        id="next.id",
    )
}, %(now)s
FROM closing CROSS JOIN next GROUP BY closing.number, closing.until_id, closing.number_of
ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from constants

_OLDEST: Final = """
SELECT least(statement_timestamp(), min(xact_start)) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
"""


def horizon(*, now: datetime) -> int:
    """The greatest identity below which no transaction can appear any more: whoever could write one has ended."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        (oldest,) = cursor.fetchone()
    return ids.first_of(min(now, oldest) - LAG) - 1


def newest() -> str:
    """The newest seal in words, for whoever keeps them elsewhere; "" where there is none."""
    last = Seal.objects.order_by("number").last()
    return f"seal {last.number} up to {last.until_id}: {bytes(last.hash).hex()}" if last else ""


def late(*, now: datetime) -> str:
    """Which transaction should be sealed since long, in words; "" where sealing goes on as it should."""
    last = Seal.objects.order_by("number").values_list("until_id", flat=True).last() or 0
    oldest = Transaction.objects.filter(id__gt=last).order_by("id").first()
    if oldest is None or oldest.id >= ids.first_of(now - LATE):
        return ""
    return f"{oldest.public_id} is not sealed {LATE.seconds // 3600} hours after it was written"


def seal(*, until: int, now: datetime, most: int = MOST) -> int:
    """Seal what is not sealed yet, up to the transaction ``until``; returns the number of new seals. Two at once do it
    once."""
    made = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_SEAL, {"until": until, "most": most, "now": now})
            if not cursor.rowcount:
                return made
            made += 1
