"""A backup is restored (F32): what happened since is found in the gateway's book, and no number is given out again."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from pytest_django.fixtures import Settings

from palier.apps.agenda.models import Due
from palier.apps.catalogue import current
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import ActionRequired, Failed
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import charge, collect, doctor, renew
from palier.flows.restored import NumberedAsBefore
from palier.interfaces.cli.main import main
from palier.kit import clock, ids
from palier_stack.postgres import find_programs
from tests import world
from tests.databases import Databases, at
from tests.faults.promises import assert_paid_once
from tests.faults.scenes import an_owner
from tests.faults.workers import bank_that_takes
from tests.sandbox_process import SandboxProcess

ASKS = "4000 0027 6000 3184"
"""A card whose bank wants its customer to confirm."""


@pytest.fixture
def bank(sandbox: SandboxProcess, settings: Settings, tmp_path: Path) -> Iterator[SandboxProcess]:
    """A payment service whose book holds nothing of others."""
    with bank_that_takes(0, settings, tmp_path) as process:
        yield process


def test_after_a_restore_nobody_has_paid_for_what_is_lost_and_no_number_comes_twice(
    bank: SandboxProcess,
    database_url: str,
    databases: Databases,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = clock.now()
    world.bought(bank, an_owner(), now=now)
    renewing = world.bought(bank, an_owner(), now=now - timedelta(days=40))
    waiting = world.placed(bank, world.quoted(an_owner(), now=now), now=now)
    postgres("pg_dump", "--format=custom", f"--file={tmp_path / 'backup'}", f"--dbname={database_url}")
    since = clock.now().isoformat()

    world.collected(waiting, now=now)
    renewed(renewing, now=now)
    world.bought(bank, an_owner(), now=now)
    asks = world.collected(world.placed(bank, world.quoted(an_owner(), now=now), ASKS, now=now), now=now)
    assert asks.state == "action_required"
    sent = numbers()

    with restored(tmp_path / "backup", databases):
        kept = numbers()
        assert main(["restored", "--since", since, "--apply"]) == 1
        assert NumberedAsBefore(prefix="F").text("en") in capsys.readouterr().err
        world.publish((world.ROOT / "catalogue.toml").read_text().replace('prefix = "F"', 'prefix = "R"'))

        assert main(["restored", "--since", since]) == 1
        said = capsys.readouterr().out
        assert f"{asks.public_id}  may still be taken, to be given up" in said
        assert "2 taken that we know nothing of, 0 given back; 1 that may still be taken, 0 given up; 0 left" in said
        assert main(["restored", "--since", since, "--apply"]) == 0
        said = capsys.readouterr().out
        assert "2 taken that we know nothing of, 2 given back; 1 that may still be taken, 1 given up; 0 left" in said
        assert f"{waiting.payments.get().public_id}  has left since the backup" in said
        assert main(["restored", "--since", since, "--apply"]) == 0
        assert "0 taken that we know nothing of" in capsys.readouterr().out
        assert isinstance(gateway().find(asks.public_id), Failed), "may still be confirmed, for nothing"

        assert world.looked_after(now=now + timedelta(minutes=1)) == 1
        renewed(renewing, now=now)
        assert_paid_once(waiting.quote, bank)
        assert {payment.state for payment in Payment.objects.all()} == {"succeeded"}
        assert kept < sent
        year = now.astimezone(ZoneInfo(current().policy.zone)).year
        assert sorted(numbers() - kept) == [f"R{year}-000001", f"R{year}-000002"]
        assert not [one for one in doctor.examine(now=now, patience=-timedelta(hours=1)).breaches if one.code in BOOKS]


def test_what_may_still_be_taken_is_listed_before_it_is_given_up(
    bank: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    now = clock.now()
    known = world.collected(world.placed(bank, world.quoted(an_owner(), now=now), ASKS, now=now), now=now)
    lost = replace(collect.wish(known), reference=ids.public_id(Payment.id_prefix, ids.new_id()))
    assert isinstance(gateway().charge(lost), ActionRequired)
    since = now.isoformat()

    assert main(["restored", "--since", since]) == 1
    said = capsys.readouterr().out
    assert f"{lost.reference}  may still be taken, to be given up" in said
    assert known.public_id not in said
    assert "0 given up; 0 left to a person. Nothing was changed" in said
    assert isinstance(gateway().find(lost.reference), ActionRequired)

    assert main(["restored", "--since", since, "--apply"]) == 0
    assert f"{lost.reference}  may still be taken, given up" in capsys.readouterr().out
    assert isinstance(gateway().find(lost.reference), Failed)
    assert main(["restored", "--since", since]) == 0, "it is over, and nothing is to be done"
    assert lost.reference not in capsys.readouterr().out


def test_what_waited_and_has_left_since_is_something_to_do(bank: SandboxProcess) -> None:
    now = clock.now()
    waiting = world.placed(bank, world.quoted(an_owner(), now=now), now=now).payments.get()
    gateway().charge(collect.wish(waiting))
    assert [main(["restored", "--since", now.isoformat(), *do]) for do in ([], ["--apply"], [])] == [1, 0, 0]


BOOKS = ("I01", "I02", "I03", "I04", "I05", "I06", "I07", "I09", "I12", "I13", "I14", "I17", "I19")
"""All but what work is still on its way, as letters unsent."""


def renewed(bought: Order, *, now: datetime) -> None:
    """The next period is invoiced and charged."""
    held = Subscription.objects.get(account=bought.account)
    Due.objects.filter(kind="renewal", subject=held.id).update(due_at=now)
    assert renew.these([held.id], now=now) == 1
    (payment,) = charge.queue()
    assert charge.one(payment.id, now=now)


def numbers() -> set[str]:
    """On all invoices that our book knows."""
    return set(Invoice.objects.values_list("number", flat=True))


@contextmanager
def restored(backup: Path, databases: Databases) -> Iterator[None]:
    """The program meanwhile works on a database that was made from a backup."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(databases.admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    databases.made.append(name)
    postgres("pg_restore", f"--dbname={at(databases.admin_url, name)}", "--exit-on-error", str(backup))
    lost = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = lost


def postgres(program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs."""
    answer = subprocess.run(
        [find_programs() / "bin" / program, *arguments], capture_output=True, text=True, timeout=120
    )
    assert answer.returncode == 0, answer.stderr
