import pgtrigger
from django.db import models

from palier.kit.fields import Identified
from palier.kit.triggers import InPlaceOfOthers, append_only, never_emptied

_BALANCED = """
IF EXISTS (
    SELECT 1 FROM ledger_entry WHERE transaction_id = NEW.{key}
    GROUP BY currency HAVING SUM(amount_minor) <> 0
) OR NOT EXISTS (SELECT 1 FROM ledger_entry WHERE transaction_id = NEW.{key}) THEN
    RAISE EXCEPTION 'ledger transaction % does not balance', NEW.{key} USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


def _balanced(name: str, key: str) -> pgtrigger.Trigger:
    """The database's own check, at commit: entries exist and sum to zero in each currency."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=_BALANCED.format(key=key),
    )


_ENTRIES_BALANCE = """
IF EXISTS (SELECT 1 FROM written GROUP BY transaction_id, currency HAVING SUM(amount_minor) <> 0) THEN
    RAISE EXCEPTION 'ledger transactions written together do not balance' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""

_HAVE_ENTRIES = """
IF EXISTS (SELECT 1 FROM written
    WHERE (SELECT 1 FROM ledger_entry entry WHERE entry.transaction_id = written.id LIMIT 1) IS NULL) THEN
    RAISE EXCEPTION 'ledger transactions written together have no entries' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


def _together(name: str, func: str, kind: type[pgtrigger.Trigger] = pgtrigger.Trigger) -> pgtrigger.Trigger:
    """A check over all rows of one statement, at its end. Two of them are those at commit once more: they fire when,
    and only when, those do not, where ``session_replication_role`` is ``replica`` (``kit.copies``, ADR 0016)."""
    return kind(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="written"),  # type: ignore[no-untyped-call]
        func=func,
    )


_AFTER_THE_SEAL = """
IF EXISTS (SELECT 1 FROM written WHERE id <= (SELECT max(until_id) FROM ledger_seal)) THEN
    RAISE EXCEPTION 'the ledger is sealed at this point' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""

_CLOSED = """
IF EXISTS (SELECT 1 FROM written WHERE (SELECT (SELECT 1 FROM ledger_entry entry
        WHERE entry.transaction_id = movement.id AND entry.xmin <> movement.xmin LIMIT 1)
    FROM ledger_transaction movement WHERE movement.id = written.transaction_id) IS NOT NULL) THEN
    RAISE EXCEPTION 'a ledger transaction takes no entries later on' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
"""``xmin`` is who wrote a row: entries come with their movement, from the same transaction of the database."""


class Transaction(Identified):
    """One balanced movement, such as an invoice that was issued.

    ``reference`` is unique: posting the same thing twice is refused. Its entries are written with it, never later
    (ADR 0024).
    """

    id_prefix = "txn"

    account_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=60)
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reference"], name="posted_once")]
        indexes = [models.Index(fields=["account_id", "id"], name="transaction_by_account")]
        triggers = [
            append_only(),
            _balanced("has_entries", "id"),
            _together("have_entries_together", _HAVE_ENTRIES, InPlaceOfOthers),
            _together("after_the_seal", _AFTER_THE_SEAL),
            never_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Entry(models.Model):
    """A signed amount on one ledger account (debit positive, credit negative), in minor units of its currency."""

    pk = models.CompositePrimaryKey("transaction_id", "position")
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="entries", db_index=False)
    position = models.PositiveSmallIntegerField()
    ledger_account = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount_minor=0), name="entry_moves_something"),
        ]
        triggers = [
            append_only(),
            _balanced("balanced", "transaction_id"),
            _together("balanced_together", _ENTRIES_BALANCE, InPlaceOfOthers),
            _together("closed_to_entries", _CLOSED),
            never_emptied(),
        ]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.amount_minor} {self.currency}"


class Seal(models.Model):
    """All transactions after the seal before it up to ``until_id``, closed for ever: how many, and a hash over what
    they say and the hash before (ADR 0024)."""

    number = models.PositiveIntegerField(primary_key=True)
    until_id = models.BigIntegerField(unique=True)
    transactions = models.PositiveIntegerField()
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"seal {self.number}"
