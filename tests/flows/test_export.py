"""The export: everything about the account, nothing of another, and no cell that a spreadsheet would compute."""

import csv
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Account
from palier.flows import doctor
from palier.flows.exports import export
from palier.flows.exports.export_tables import LEFT_OUT, TABLES
from palier.flows.people import invite
from palier.flows.people.buyers import NotABuyer
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db


def archive_of(cast: Cast) -> zipfile.ZipFile:
    written = io.BytesIO()
    export.of_account(world.fresh(cast.account), cast.owner, written, now=NOON)
    return zipfile.ZipFile(written)


def rows_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"{name}.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(json.loads(archive.read(f"{name}.json")))
    return rows


def test_it_holds_all_tables_twice_and_the_invoices(cast: Cast, sandbox: SandboxProcess) -> None:
    order = world.bought(sandbox, cast.owner, seats=6)
    invite.people(world.fresh(cast.account), cast.owner, ["new@lumiere.example"], now=NOON)
    archive = archive_of(cast)
    assert archive.testzip() is None
    assert {row["role"] for row in rows_of(archive, "members")} == {"owner", "admin", "billing_admin", "member"}
    assert [row["email"] for row in rows_of(archive, "invitations")] == ["new@lumiere.example"]
    (subscription,) = rows_of(archive, "subscriptions")
    assert (subscription["key"], subscription["quantity"], subscription["price_per_month"]) == ("team", "6", "109.00")
    (entry,) = rows_of(archive, "seat_journal")
    assert (entry["seats_now"], entry["seats_at_renewal"], entry["cause"]) == ("6", "6", "bought")
    assert [row["id"] for row in rows_of(archive, "orders")] == [order.public_id]
    (invoice,) = rows_of(archive, "invoices")
    assert (invoice["total"], invoice["state"]) == ("784.80", "paid")
    assert rows_of(archive, "invoice_lines")[0]["amount"] == "654.00"
    assert rows_of(archive, "scheduled_changes") == []
    assert archive.read(f"invoices/{invoice['number']}.pdf").startswith(b"%PDF")


def test_it_says_who_did_what_and_the_sellers_people_stay_nameless(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.billing_admin)
    Account.objects.filter(pk=cast.account.pk).update(parked_at=NOON)
    doctor.release(cast.account, who="lucile", word="a typing mistake of ours", now=NOON)
    archive = archive_of(cast)
    done = {row["kind"]: (row["author"], row["role"], json.loads(row["about"])) for row in rows_of(archive, "history")}
    assert done["order.placed"][:2] == (cast.billing_admin.public_id, "billing_admin")
    assert done["order.settled"][:2] == ("gateway", "gateway")
    assert done["account.released"] == ("operator", "operator", {})
    assert b"lucile" not in archive.read("history.json")


def test_nothing_of_another_account_is_in_it(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    everything = b"".join(archive_of(cast).read(name) for name in archive_of(cast).namelist() if name.endswith("json"))
    assert b"stranger" not in everything.lower()
    assert cast.stranger.account.public_id.encode() not in everything


def leads_to_an_account(model: type[Model]) -> bool:
    """By a key or a bare number of an account, its own or that of a row it refers to."""
    return model is Account or any(
        field.attname == "account_id"
        or (
            isinstance(field, ForeignKey)
            and field.related_model is not model
            and leads_to_an_account(field.related_model)
        )
        for field in model._meta.concrete_fields
    )


def test_no_table_about_an_account_is_forgotten() -> None:
    told = [model for table in TABLES.values() for model in table.tells]
    assert len(told) == len(set(told))
    assert not LEFT_OUT.keys() & set(told)
    assert LEFT_OUT.keys() | set(told) == {model for model in apps.get_models() if leads_to_an_account(model)}


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_read_from_what_it_tells_of_in_one_statement(cast: Cast, name: str) -> None:
    account = world.fresh(cast.account)
    with CaptureQueriesContext(connection) as asked:
        TABLES[name].rows(account)
    assert len(asked) == (0 if name == "account" else 1)
    for model in TABLES[name].tells:
        assert model is Account or f'"{model._meta.db_table}"' in asked[0]["sql"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+33 1 23", "'+33 1 23"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-327.00", "-327.00"),
        ("Cabinet Lumière", "Cabinet Lumière"),
        (None, ""),
        (5, "5"),
    ],
)
def test_no_cell_is_a_formula(typed: str | int | None, kept: str) -> None:
    assert export.safe(typed) == kept
    table = export.table_of([{"name": typed}]).decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(table)), {"name": ""})["name"] == kept


def test_a_name_that_is_a_formula_stays_text_in_the_whole_archive(cast: Cast, sandbox: SandboxProcess) -> None:
    cast.owner.user.name = '=cmd|" /C calc"!A0'
    cast.owner.user.save()
    names = {row["name"] for row in rows_of(archive_of(cast), "members")}
    assert "'" + cast.owner.user.name in names


@pytest.mark.parametrize("who", ["admin", "member", "stranger"])
def test_only_those_who_manage_the_account_export(cast: Cast, who: str) -> None:
    with pytest.raises(NotABuyer):
        export.of_account(cast.account, getattr(cast, who), io.BytesIO(), now=NOON)
