"""What a quote promises, in the reader's words: its lines, its tax, the sum due today and that of the next renewal."""

from dataclasses import dataclass

from babel import dates
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.apps import catalogue
from palier.apps.catalogue import Catalogue
from palier.apps.orders.models import Quote
from palier.engine.periods import Interval
from palier.engine.taxes import TaxAmount
from palier.interfaces.portal.explanations import ShownLine, draft_of, shown_lines, titles_of
from palier.kit import formats


@dataclass(frozen=True, slots=True)
class ShownTax:
    """One rate of tax: ``amount_minor`` in minor units of the promise's currency."""

    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A quote on screen. Amounts in minor units of ``currency``; texts in the active language."""

    quote: Quote
    plan_name: str
    order_words: str
    currency: str
    lines: tuple[ShownLine, ...]
    taxes: tuple[ShownTax, ...]
    net_minor: int
    total_minor: int
    renewal_minor: int
    renewal_day: str
    renewal_words: str
    renewal_rule: str
    held_until: str
    pay_words: str
    zone: str


def promise_of(quote: Quote, current: Catalogue | None = None) -> Promise:
    """Everything that the checkout and the order page show of a quote; reads the row, computes no price.

    ``current`` is today's catalogue, for who has read it already.
    """
    draft = draft_of(quote)
    sold_from = current if current and current.version_id == quote.catalogue_version_id else None
    sold_from = sold_from or catalogue.at(quote.catalogue_version_id)
    language = translation.get_language() or "en"
    zone = draft.policy.zone
    plan_name = sold_from.plan(quote.plan).name(language)
    renewal_day = formats.long_day(draft.renewal.at, language, zone)
    renewal_total = formats.money(draft.renewal.total_minor, draft.currency, language)
    total = formats.money(draft.total_minor, draft.currency, language)
    yearly = draft.after.interval is Interval.YEAR
    said = {"total": renewal_total, "day": renewal_day}
    return Promise(
        quote=quote,
        plan_name=plan_name,
        order_words=order_words(plan_name, quote.interval, quote.seats),
        currency=draft.currency,
        lines=tuple(shown_lines(draft, titles_of(draft, sold_from))),
        taxes=tuple(ShownTax(tax_label(tax, language), tax.tax_minor) for tax in draft.taxes),
        net_minor=draft.net_minor,
        total_minor=draft.total_minor,
        renewal_minor=draft.renewal.total_minor,
        renewal_day=renewal_day,
        renewal_words=_("Next renewal: %(total)s on %(day)s") % said,
        renewal_rule=_("Renews every year until you cancel.") if yearly else _("Renews every month until you cancel."),
        held_until=_("Price held until %(time)s (%(place)s time)")
        % {"time": formats.time_of_day(quote.expires_at, language, zone), "place": place_of(zone, language)},
        pay_words=_("Pay %(total)s") % {"total": total} if draft.total_minor else _("Confirm the order"),
        zone=zone,
    )


def order_words(plan_name: str, interval: str, seats: int) -> str:
    """``Business, annual, 8 users``."""
    users = ngettext("%(seats)s user", "%(seats)s users", seats) % {
        "seats": formats.whole_number(seats, translation.get_language() or "en")
    }
    rhythm = _("annual") if interval == Interval.YEAR else _("monthly")
    return f"{plan_name}, {rhythm}, {users}"


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


def place_of(zone: str, language: str) -> str:
    """The city that a time zone is named after, as the reader writes it: ``Paris``."""
    return dates.get_timezone_location(zone, locale=formats.locale_of(language), return_city=True)
