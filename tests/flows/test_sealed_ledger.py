"""The ledger is closed behind itself: nothing is added to what was written, and what is changed by force is found."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from palier.apps.ledger import seals
from palier.apps.ledger.actions import post
from palier.apps.ledger.models import Entry, Seal, Transaction
from palier.engine.postings import payment_entries
from palier.flows import doctor
from palier.flows.invariants import Look, ledger
from palier.interfaces.cli import doctor as command
from palier.kit import clock, ids
from tests.flows.by_hand import by_hand

pytestmark = pytest.mark.django_db

KEPT_FOR_EVER = (
    "ledger_transaction",
    "ledger_entry",
    "ledger_seal",
    "events_event",
    "subscriptions_seatentry",
    "invoices_invoice",
    "invoices_invoiceline",
    "invoices_invoicedocument",
    "catalogue_catalogueversion",
    "chat_message",
    "chat_attachment",
)


def paid(name: str) -> Transaction:
    """A movement of 7.00."""
    entries = payment_entries(amount_minor=700)
    movement = post(1, "payment", reference=f"{name}:paid", currency="EUR", postings=entries, now=clock.now())
    assert movement is not None
    return movement


def at_once() -> None:
    """What is deferred to the commit happens now."""
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def sealed(*, most: int = seals.MOST) -> int:
    """Close everything that is there."""
    newest = Transaction.objects.order_by("-id").values_list("id", flat=True)[0]
    return seals.seal(until=newest, now=clock.now(), most=most)


def broken() -> list[str]:
    """What I02 finds, in words."""
    (asked,) = [one for one in ledger.INVARIANTS if one.code == "I02"]
    return [f"{one.subject} {one.fact}" for one in asked.breaches(Look(clock.now(), timedelta(days=1)))]


@pytest.mark.parametrize("table", KEPT_FOR_EVER)
def test_what_is_kept_for_ever_cannot_be_emptied_at_one_stroke(table: str) -> None:
    with pytest.raises(DatabaseError, match="Cannot empty"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def test_each_guard_of_the_database_is_missed_while_it_is_off() -> None:
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger\\_%'"
        )
        guards = cursor.fetchall()
        assert len(guards) >= 29
        ways = {"A": "ENABLE ALWAYS", "O": "ENABLE", "R": "ENABLE REPLICA", "D": "DISABLE"}
        for table, name, right in guards:
            for wrong in ways.keys() - {right}:
                cursor.execute(f"ALTER TABLE {table} {ways[wrong]} TRIGGER {name}")
                assert broken() == [f"{table} its guard is off or gone: {ways[right]} TRIGGER {name}"], (name, wrong)
            cursor.execute(f"ALTER TABLE {table} {ways[right]} TRIGGER {name}")
        assert broken() == []
        cursor.execute(f"DROP TRIGGER {name} ON {table}")
        assert len(broken()) == 1


def test_entries_that_balance_are_not_added_to_what_was_written() -> None:
    old = paid("one")
    with pytest.raises(IntegrityError, match="takes no entries later on"), transaction.atomic():
        Entry.objects.bulk_create(
            [
                Entry(transaction=old, position=position, ledger_account=name, currency="EUR", amount_minor=amount)
                for position, name, amount in ((8, "cash", 5), (9, "revenue", -5))
            ]
        )


def test_seals_follow_one_another_and_close_each_movement_once() -> None:
    for number in range(5):
        paid(f"pay_{number}")
    assert sealed(most=2) == 3
    assert sealed() == 0
    paid("later")
    assert sealed() == 1
    assert list(Seal.objects.order_by("number").values_list("number", "transactions")) == [
        (1, 2),
        (2, 2),
        (3, 1),
        (4, 1),
    ]
    assert broken() == []


def test_nothing_is_written_before_a_seal() -> None:
    early = ids.new_id()
    paid("one")
    sealed()
    with pytest.raises(IntegrityError, match="sealed at this point"), transaction.atomic():
        forged(early)


def forged(identity: int) -> None:
    """A movement that balances, in the past."""
    entries = payment_entries(amount_minor=900)
    movement = Transaction(id=identity, account_id=1, kind="payment", reference=f"{identity}", posted_at=clock.now())
    rows = [
        Entry(
            transaction=movement,
            position=position,
            ledger_account=each.account,
            currency="EUR",
            amount_minor=each.amount_minor,
        )
        for position, each in enumerate(entries, start=1)
    ]
    Entry.objects.bulk_create(rows)
    Transaction.objects.bulk_create([movement])


def written_into_the_past() -> None:
    """The guards are away, as for somebody who may do everything."""
    early = Transaction.objects.order_by("id").values_list("id", flat=True)[0] - 1
    at_once()
    cursor = connection.cursor()
    cursor.execute("ALTER TABLE ledger_transaction DISABLE TRIGGER pgtrigger_after_the_seal_44e58")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    forged(early)
    at_once()
    cursor.execute("ALTER TABLE ledger_transaction ENABLE ALWAYS TRIGGER pgtrigger_after_the_seal_44e58")


def taken_out() -> None:
    last = Transaction.objects.order_by("-id").values_list("id", flat=True)[0]
    by_hand(f"DELETE FROM ledger_entry WHERE transaction_id = {last}")
    by_hand(f"DELETE FROM ledger_transaction WHERE id = {last}")


def more_entries() -> None:
    first = Transaction.objects.order_by("id").values_list("id", flat=True)[0]
    rows = f"({first}, 8, 'cash', 'EUR', 5), ({first}, 9, 'revenue', 'EUR', -5)"
    by_hand(
        f"INSERT INTO ledger_entry (transaction_id, position, ledger_account, currency, amount_minor) VALUES {rows}"
    )


def without_movements() -> None:
    at_once()
    connection.cursor().execute("SET LOCAL session_replication_role = replica")  # no foreign key is asked
    by_hand("DELETE FROM ledger_transaction")


FORCED: dict[str, tuple[Callable[[], object], str]] = {
    "an amount": (lambda: by_hand("UPDATE ledger_entry SET amount_minor = amount_minor * 2"), "does not fit what"),
    "a date": (lambda: by_hand("UPDATE ledger_transaction SET posted_at = '2026-01-01'"), "does not fit what it"),
    "whose it is": (lambda: by_hand("UPDATE ledger_transaction SET account_id = 2"), "does not fit what it closed"),
    "what for": (lambda: by_hand("UPDATE ledger_transaction SET reference = reference || 'x'"), "does not fit what"),
    "entries that balance": (more_entries, "does not fit what it closed"),
    "a movement less": (taken_out, "closed 1 transactions, and there are 0"),
    "entries without their movement": (without_movements, "which is gone"),
    "a movement more, in the past": (written_into_the_past, "closed 3 transactions, and there are 4"),
    "a seal changed": (lambda: by_hand("UPDATE ledger_seal SET transactions = 4"), "closed 4 transactions"),
    "a seal less": (lambda: by_hand("DELETE FROM ledger_seal WHERE number = 1"), "follows a seal that is gone"),
}
"""What somebody with all rights did to the books while no guard looked, and what the doctor says."""


@pytest.mark.parametrize("what", FORCED)
def test_what_is_changed_by_force_is_found(what: str) -> None:
    for number in range(3):
        paid(f"pay_{number}")
    sealed()
    paid("later")
    sealed()
    change, said = FORCED[what]
    change()
    assert any(said in one for one in broken()), broken()


def test_each_round_of_the_doctor_seals_what_is_old_enough() -> None:
    with transaction.atomic():
        forged(ids.first_of(clock.now() - timedelta(days=1)))
        fresh = paid("just now")
    found = doctor.rounds(now=clock.now())
    assert found.unsealed == ""
    seal = Seal.objects.get()
    assert seal.transactions == 1
    assert bytes(seal.hash).hex() in doctor.newest_seal()
    assert seal.until_id < fresh.id


def test_nothing_is_sealed_while_somebody_may_still_write_before_it() -> None:
    """This test's own transaction is open, and could."""
    later = clock.now() + timedelta(days=1)
    assert seals.horizon(now=later) < ids.first_of(later - timedelta(hours=1))
    assert seals.horizon(now=later) < ids.new_id()


def test_an_examination_says_when_sealing_has_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    with transaction.atomic():
        forged(ids.first_of(clock.now() - seals.LATE - timedelta(minutes=1)))
    said = Transaction.objects.get().public_id
    found = doctor.examine(now=clock.now(), with_the_gateway=False)
    assert found.unsealed == f"{said} is not sealed 3 hours after it was written"
    assert command.main(["--without-gateway"]) == 1
    assert f"not sealed any more: {said}" in capsys.readouterr().out


def test_what_is_younger_than_three_hours_need_not_be_sealed_yet() -> None:
    forged(ids.first_of(clock.now() - seals.LATE + timedelta(minutes=30)))
    assert doctor.examine(now=clock.now(), with_the_gateway=False).unsealed == ""


def test_a_round_that_cannot_seal_tells_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody's transaction has been open for hours, or a clock is far behind: here, the round's own."""
    forged(ids.first_of(clock.now()))
    later = clock.now() + timedelta(hours=4)
    assert doctor.rounds(now=later).unsealed
    assert "is not sealed 3 hours after" in caplog.text
