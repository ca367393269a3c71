"""All that Palier keeps about an account, as one ZIP: tables as CSV and JSON, every invoice as it was handed out, and
the files of its conversations.

Always there for those who buy for the account: while it pays, when it is read-only, and before it is closed.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Final

from palier.apps.accounts.models import Account, Member
from palier.apps.invoices import documents
from palier.apps.invoices.models import Invoice, InvoiceDocument
from palier.flows.exports import export_conversations
from palier.flows.exports.export_cells import Cell, Row
from palier.flows.exports.export_tables import TABLES
from palier.flows.people import buyers

FORMULA: Final = re.compile(r"[\s']*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\n]")
"""What a spreadsheet takes for the beginning of a formula, in wide letters too, and what it may overlook before one."""

NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def of_account(account: Account, member: Member, into: IO[bytes], *, now: datetime) -> None:
    """Write the ZIP into a file. Times are UTC, sums decimal figures of their currency.

    Of the files of conversations one at a time is in memory: together they may be larger than that.
    """
    buyers.require(member, account.id)
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in TABLES.items():
            rows = table.rows(account)
            archive.writestr(_entry(f"{name}.json", now), json.dumps(rows, ensure_ascii=False, indent=1))
            archive.writestr(_entry(f"{name}.csv", now), table_of(rows))
        for number, content in _documents(account, now=now):
            archive.writestr(_entry(f"invoices/{number}.pdf", now), content)
        for path, content in export_conversations.files(account):
            archive.writestr(_entry(path, now), content)


def table_of(rows: Sequence[Row]) -> bytes:
    """CSV in UTF-8, with the mark by which spreadsheets know it; no cell is taken for a formula."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: safe(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig")


def safe(value: Cell) -> str:
    """A cell that a spreadsheet shows and never computes."""
    text = "" if value is None else str(value)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def said(cell: str) -> str:
    """What such a cell was made of."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def _entry(name: str, now: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _documents(account: Account, *, now: datetime) -> Iterable[tuple[str, bytes]]:
    """Every invoice's document; those that the worker has not come to yet are made now."""
    kept = {row.pk: row for row in InvoiceDocument.objects.filter(invoice__account=account)}
    for invoice in Invoice.objects.filter(account=account).order_by("issued_at", "id"):
        document = kept.get(invoice.pk) or documents.keep(invoice.pk, now=now)
        yield invoice.number, bytes(document.content)
