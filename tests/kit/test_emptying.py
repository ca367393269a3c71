"""A test that commits leaves nothing for the next one, and every guard of the database on its post."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.accounts.models import Account
from palier.flows import collect
from tests import world
from tests.emptying import Emptying
from tests.payment_fixtures import sandbox, sandbox_process
from tests.sandbox_process import SandboxProcess
from tests.world import NOON

__all__ = ["sandbox", "sandbox_process"]

_GUARDS = "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger ORDER BY 1, 2"


def asked(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def filled() -> list[str]:
    """The tables that hold rows."""
    tables = connection.introspection.table_names()
    return [table for table in sorted(tables) if asked(f"SELECT 1 FROM {table} LIMIT 1")]


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_is_gone_and_each_guard_is_back(sandbox: SandboxProcess) -> None:
    emptying, untouched, guards = Emptying(), filled(), asked(_GUARDS)
    assert emptying.possible
    for _turn in range(2):
        world.publish()
        world.bought(sandbox, world.cast().owner, now=NOON)
        assert ProcrastinateJob.objects.exists()
        assert len(filled()) > len(untouched) + 20
        emptying()
        assert filled() == untouched
        assert asked(_GUARDS) == guards
    assert Permission.objects.exists()
    assert not Account.objects.exists()
    assert not collect.unknown(now=NOON)


@pytest.mark.django_db(transaction=True)
def test_an_invoice_is_still_kept_for_ever(sandbox: SandboxProcess) -> None:
    emptying = Emptying()
    world.publish()
    world.bought(sandbox, world.cast().owner, now=NOON)
    emptying()
    world.publish()
    world.bought(sandbox, world.cast().owner, now=NOON)
    with pytest.raises(ProgrammingError), transaction.atomic():
        asked("DELETE FROM invoices_invoice")
