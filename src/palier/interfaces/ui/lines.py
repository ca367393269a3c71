"""The lines of a draft as every screen shows them, each with its dates and its explanation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.apps.catalogue import Catalogue, current, versions
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Quote
from palier.engine import explain, wire
from palier.engine.drafts import Draft
from palier.engine.explain import Grounds, Step
from palier.engine.lines import Line, LineKind
from palier.engine.policies import ProrationPolicy
from palier.engine.prices import ItemKind
from palier.engine.taxes import TaxAmount
from palier.interfaces.ui.explanations import sentences
from palier.kit import formats


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line as the screen shows it: ``position`` in its draft, from 1; ``amount_minor`` is net, in minor units of
    the draft's currency."""

    position: int
    title: str
    what: str
    dates: str
    share: str
    amount_minor: int
    steps: tuple[Step, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Issued:
    """What the line of an issued invoice was computed on."""

    currency: str
    policy: ProrationPolicy
    computed_at: datetime


def draft_of(quote: Quote) -> Draft:
    """The draft that the quote promises."""
    return wire.draft_from_json(quote.draft)


def titles_of(draft: Draft, sold_from: Catalogue) -> dict[str, str]:
    """The names of plans and add-ons in the reader's language, as the catalogue that they were sold from has them."""
    return {line.key: sold_from.item_name(line.key, _language()) for line in draft.lines}


def shown_lines(draft: Draft, titles: Mapping[str, str]) -> list[ShownLine]:
    """Every line of a draft, explained in the active language."""
    return [shown_line(position, line, draft, titles) for position, line in enumerate(draft.lines, start=1)]


def lines_of(invoice: Invoice) -> list[ShownLine]:
    """Every line of an issued invoice, explained in the active language: of a purchase as its order explained them."""
    order = getattr(invoice, "order", None)
    if order is not None:
        draft, version = draft_of(order.quote), order.quote.catalogue_version
        return shown_lines(draft, titles_of(draft, versions.known(version.pk, version.sha256)))
    return [invoiced_line(line.position, line.detail, line.title, invoice) for line in invoice.lines_in_order]


def invoiced_line(position: int, detail: Mapping[str, Any], title: str, invoice: Invoice) -> ShownLine:
    """A line of an invoice that no order stands behind, such as a renewal's, from its ``detail`` and ``title``."""
    line = wire.line_from_json(detail)
    return shown_line(position, line, _Issued(invoice.currency, current().policy, invoice.issued_at), {line.key: title})


def tax_label(tax: TaxAmount, language: str) -> str:
    """``VAT 20 %``, or why there is none."""
    match tax.rule.note:
        case "reverse_charge":
            return _("VAT, reverse charge")
        case "outside_eu":
            return _("VAT, outside the European Union")
        case "french_overseas":
            return _("VAT, not applied here")
        case _any_other:
            return _("VAT %(rate)s") % {"rate": formats.percent(tax.rule.rate_ppm, language)}


def shown_line(position: int, line: Line, draft: Grounds, titles: Mapping[str, str]) -> ShownLine:
    chain = explain.steps(line, draft)
    return ShownLine(
        position=position,
        title=titles.get(line.key, line.key),
        what=_what(line),
        dates=_dates(line.period.start, line.period.end, draft.policy.zone),
        share=_share(line),
        amount_minor=line.amount_minor,
        steps=chain,
        sentences=tuple(sentences(chain, titles=titles)),
    )


def _what(line: Line) -> str:
    quantity = formats.whole_number(line.quantity, _language())
    if line.item_kind is ItemKind.PLAN:
        counted = ngettext("%(quantity)s user", "%(quantity)s users", line.quantity) % {"quantity": quantity}
    else:
        counted = ngettext("%(quantity)s unit", "%(quantity)s units", line.quantity) % {"quantity": quantity}
    if line.kind is LineKind.CREDIT:
        return _("Credit for time already paid, %(counted)s") % {"counted": counted}
    return counted


def _dates(start: datetime, end: datetime, zone: str) -> str:
    """The days that are covered, both included: the period is half-open."""
    return _("From %(first)s to %(last)s") % {
        "first": formats.day(start, _language(), zone),
        "last": formats.day(formats.last_instant(end), _language(), zone),
    }


def _share(line: Line) -> str:
    if line.left == line.units:
        return ""
    said = {
        "left": formats.whole_number(line.left, _language()),
        "units": formats.whole_number(line.units, _language()),
    }
    return (_("%(left)s of %(units)s days") if line.unit == "day" else _("%(left)s of %(units)s seconds")) % said


def _language() -> str:
    return translation.get_language() or "en"
