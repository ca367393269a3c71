import pgtrigger
from django.db import models

from palier.kit.fields import Identified

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


def _append_only() -> pgtrigger.Protect:
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Transaction(Identified):
    """One balanced movement, e.g.

    An invoice issued. ``reference`` is unique: posting the same thing twice is refused.
    """

    id_prefix = "txn"

    account_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=60, unique=True)
    posted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account_id", "id"], name="transaction_by_account")]
        triggers = [_append_only(), _balanced("has_entries", "id")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Entry(models.Model):
    """A signed amount on one ledger account (debit positive, credit negative), in minor units of its currency."""

    pk = models.CompositePrimaryKey("transaction_id", "position")
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveSmallIntegerField()
    ledger_account = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount_minor=0), name="entry_moves_something"),
        ]
        triggers = [_append_only(), _balanced("balanced", "transaction_id")]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.amount_minor} {self.currency}"
