"""Rows in bulk: what the database checks row by row it checks for all together, and never nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from palier.apps.invoices.models import InvoiceLine
from palier.apps.ledger.models import Entry, Transaction
from palier.kit.copies import NotProved, copy, proved, require_nothing

pytestmark = pytest.mark.django_db
AT = "2026-06-01T10:00:00+00:00"


@contextmanager
def as_a_role_without_the_right() -> Iterator[None]:
    """Like a host that forbids ``SET session_replication_role``."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE plain; GRANT ALL ON ALL TABLES IN SCHEMA public TO plain; SET LOCAL ROLE plain")
        yield
        cursor.execute("RESET ROLE")


def movement(number: int) -> str:
    return f"{number}\t1\tinvoice_issued\tinv_{number}:issued\t{AT}\n"


def entry(number: int, position: int, amount_minor: int, currency: str = "EUR") -> str:
    return f"{number}\t{position}\trevenue\t{currency}\t{amount_minor}\n"


def post(movements: list[str], entries: list[str]) -> None:
    with transaction.atomic():
        with proved():
            copy(Entry, "transaction_id position ledger_account currency amount_minor", entries)
            copy(Transaction, "id account_id kind reference posted_at", movements)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is deferred to the commit


def test_what_balances_is_written() -> None:
    post([movement(1), movement(2)], [entry(1, 1, 5), entry(1, 2, -5), entry(2, 1, 7), entry(2, 2, -7)])
    assert Entry.objects.count() == 4


WRONG = {
    "one does not balance": ([movement(1), movement(2)], [entry(1, 1, 5), entry(1, 2, -5), entry(2, 1, 7)]),
    "two balance each other": ([movement(1), movement(2)], [entry(1, 1, 5), entry(2, 1, -5)]),
    "two currencies": ([movement(1)], [entry(1, 1, 5), entry(1, 2, -5, "USD")]),
    "no entries": ([movement(1), movement(2)], [entry(1, 1, 5), entry(1, 2, -5)]),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_database_refuses_what_does_not_balance_in_bulk(what: str) -> None:
    with pytest.raises(IntegrityError, match="written together"):
        post(*WRONG[what])
    assert not Entry.objects.exists()


@pytest.mark.parametrize("what", WRONG)
def test_it_refuses_the_same_where_the_role_may_not_leave_keys_to_a_proof(what: str) -> None:
    with as_a_role_without_the_right(), pytest.raises(IntegrityError, match="does not balance"):
        post(*WRONG[what])
    assert not Entry.objects.exists()


def test_the_same_movement_is_refused_twice_in_bulk() -> None:
    post([movement(1)], [entry(1, 1, 5), entry(1, 2, -5)])
    with pytest.raises(IntegrityError, match="posted_once"):
        post([movement(2).replace("inv_2", "inv_1")], [entry(2, 1, 5), entry(2, 2, -5)])


def test_what_is_append_only_stays_so_in_bulk() -> None:
    post([movement(1)], [entry(1, 1, 5), entry(1, 2, -5)])
    for change in ("UPDATE ledger_entry SET amount_minor = 1", "DELETE FROM ledger_transaction"):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic(), proved():
            connection.cursor().execute(change)


def test_every_trigger_of_ours_fires_always_or_has_another_in_its_place() -> None:
    """A new one that is switched off by ``kit.copies`` would be a rule that the night does not follow."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
            "WHERE tgname LIKE 'pgtrigger\\_%' AND tgenabled NOT IN ('A', 'R') ORDER BY 1"
        )
        ordinary = cursor.fetchall()
    assert [table for _, table in ordinary] == ["ledger_entry", "ledger_transaction"], ordinary


def test_after_the_block_keys_are_checked_again() -> None:
    with proved():
        pass
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        connection.cursor().execute(_ORPHAN)


_ORPHAN = """
INSERT INTO accounts_member (id, account_id, user_id, role, joined_at) VALUES (1, 1, 1, 'member', now());
SET CONSTRAINTS ALL IMMEDIATE
"""


def test_a_broken_reference_is_named() -> None:
    with pytest.raises(NotProved, match="a line of nothing"):
        require_nothing("SELECT 'a line of nothing' WHERE %(one)s = 1", {"one": 1})


def test_a_column_that_the_copy_forgets_is_noticed() -> None:
    with pytest.raises(TypeError, match="detail"):
        copy(InvoiceLine, "id invoice_id", ["1\t1\n"])
