"""Everything that stands on an invoice, as plain values, and how it is read from the stored rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from palier.apps.invoices.models import Invoice, InvoiceLine
from palier.engine import wire
from palier.engine.lines import Line


@dataclass(frozen=True, slots=True)
class Party:
    """One side of the sale, as it was on the day of issue. ``country`` is ISO 3166-1 alpha-2; ``legal`` is the seller's
    form, capital and register ("SAS au capital de 10 000 €, RCS Paris 732 829 320")."""

    name: str
    address: str
    postcode: str
    city: str
    country: str
    region: str = ""
    siren: str = ""
    vat_number: str = ""
    email: str = ""
    legal: str = ""
    company: bool = True

    @property
    def registration(self) -> str:
        """The SIREN: the given one, else the nine digits that a French VAT number ends in."""
        vat = self.vat_number.replace(" ", "").upper()
        return self.siren or (vat[4:] if vat.startswith("FR") and len(vat) == 13 and vat[4:].isdigit() else "")


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line. ``unit_minor`` is the price of one unit for a full ``interval`` ("month" or "year"), net of tax;
    ``amount_minor`` is the net amount, negative for a credit; ``fraction`` is the share of the full period (units left,
    units of the period) counted in ``unit`` ("day" or "second"), (1, 1) for all of it; the period is half-open.
    ``rate_ppm`` may be left out where the invoice knows one rate only."""

    title: str
    quantity: int
    unit_minor: int
    interval: str
    period_start: datetime
    period_end: datetime
    amount_minor: int
    fraction: tuple[int, int] = (1, 1)
    unit: str = "day"
    rate_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentTax:
    """The tax of one rate: ``rate_ppm`` 200000 is 20 %; ``note`` is "", "reverse_charge" or "outside_eu"."""

    rate_ppm: int
    base_minor: int
    tax_minor: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """Everything that stands on the invoice. Amounts are minor units of ``currency``; days are counted in ``zone``, the
    seller's time zone. ``paid_at`` is None while the invoice is open; ``paid_with`` is like "Visa •••• 4242".
    ``late_penalty_percent`` is a year's, "" for the rate of the law; ``recovery_fee`` is in euros."""

    number: str
    issued_on: date
    due_on: date
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    taxes: tuple[DocumentTax, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    currency: str
    zone: str
    paid_at: datetime | None = None
    paid_with: str = ""
    payment_reference: str = ""
    po_number: str = ""
    late_penalty_percent: str = ""
    recovery_fee: str = "40.00"


def facts_of(invoice: Invoice) -> InvoiceFacts:
    """An issued invoice as its document shows it: two queries, and nothing that could have changed since the issue."""
    lines = [(line, wire.line_from_json(line.detail)) for line in invoice.lines_in_order]
    return InvoiceFacts(
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        seller=_seller(invoice.seller),
        buyer=_buyer(invoice.buyer),
        lines=tuple(_line(row, line) for row, line in lines),
        taxes=tuple(_tax(part) for part in invoice.taxes),
        net_minor=invoice.net_minor,
        tax_minor=invoice.tax_minor,
        total_minor=invoice.total_minor,
        currency=invoice.currency,
        zone=invoice.seller["time_zone"],
        paid_at=invoice.paid_at,
        paid_with=invoice.paid_with,
        payment_reference=invoice.payment_reference,
        po_number=invoice.buyer["po_number"],
        late_penalty_percent=invoice.seller["late_penalty_percent"],
        recovery_fee=invoice.seller["recovery_fee"],
    )


def _seller(kept: Mapping[str, Any]) -> Party:
    names = ("name", "address", "postcode", "city", "country", "siren", "vat_number", "email", "legal")
    return Party(**{name: kept[name] for name in names})


def _buyer(kept: Mapping[str, Any]) -> Party:
    names = ("name", "address", "postcode", "city", "region", "country", "vat_number", "email")
    return Party(**{name: kept[name] for name in names}, company=kept["kind"] == "company")


def _line(row: InvoiceLine, line: Line) -> DocumentLine:
    return DocumentLine(
        title=row.title,
        quantity=row.quantity,
        unit_minor=row.unit_minor,
        interval=line.interval,
        period_start=row.period_start,
        period_end=row.period_end,
        amount_minor=row.amount_minor,
        fraction=line.fraction,
        unit=line.unit,
        rate_ppm=line.tax.rate_ppm,
    )


def _tax(part: Mapping[str, Any]) -> DocumentTax:
    return DocumentTax(part["rate_ppm"], part["base_minor"], part["tax_minor"], part["note"])
