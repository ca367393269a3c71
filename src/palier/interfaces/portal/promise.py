"""What a quote promises, in the reader's words: its lines, its tax, the sum due today and that of the next renewal."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel import dates
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.apps import catalogue
from palier.apps.catalogue import Catalogue
from palier.apps.orders.models import Quote
from palier.engine.drafts import Draft
from palier.engine.periods import Interval
from palier.interfaces.ui.lines import ShownLine, draft_of, shown_lines, tax_label, titles_of
from palier.interfaces.ui.waiting import whose_words
from palier.kit import formats


@dataclass(frozen=True, slots=True)
class ShownTax:
    """One rate of tax: ``amount_minor`` in minor units of the promise's currency."""

    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading: in mixed billing those of one interval, else all of them under none."""

    title: str
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class ShownRenewal:
    """The next renewal of one subscription; ``whose`` is empty where there is only one."""

    day: str
    whose: str
    total_minor: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A quote on screen. Amounts in minor units of ``currency``; texts in the active language."""

    quote: Quote
    plan_name: str
    order_words: str
    currency: str
    groups: tuple[Group, ...]
    taxes: tuple[ShownTax, ...]
    net_minor: int
    total_minor: int
    renewals: tuple[ShownRenewal, ...]
    renewal_words: tuple[str, ...]
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
    renewals = renewals_of(draft)
    total = formats.money(draft.total_minor, draft.currency, language)
    return Promise(
        quote=quote,
        plan_name=plan_name,
        order_words=bought_words(quote, plan_name, sold_from),
        currency=draft.currency,
        groups=groups_of(draft, titles_of(draft, sold_from)),
        taxes=tuple(ShownTax(tax_label(tax, language), tax.tax_minor) for tax in draft.taxes),
        net_minor=draft.net_minor,
        total_minor=draft.total_minor,
        renewals=renewals,
        renewal_words=tuple(
            _("Next renewal: %(total)s on %(day)s")
            % {"total": formats.money(each.total_minor, draft.currency, language), "day": each.day}
            for each in renewals
        ),
        renewal_rule=renewal_rule(draft),
        held_until=_("Price held until %(time)s (%(place)s time)")
        % {"time": formats.time_of_day(quote.expires_at, language, zone), "place": place_of(zone, language)},
        pay_words=_("Pay %(total)s") % {"total": total} if draft.total_minor else _("Confirm the order"),
        zone=zone,
    )


def groups_of(draft: Draft, titles: Mapping[str, str]) -> tuple[Group, ...]:
    """The lines of a draft; where it touches two subscriptions, under the heading of each."""
    shown = shown_lines(draft, titles)
    if draft.beside is None:
        return (Group("", tuple(shown)),)
    headings = {Interval.MONTH: _("Billed monthly"), Interval.YEAR: _("Billed annually")}
    groups = []
    for interval, title in headings.items():
        of_it = [each for line, each in zip(draft.lines, shown, strict=True) if line.interval is interval]
        if of_it:
            groups.append(Group(title, tuple(of_it)))
    return tuple(groups)


def renewals_of(draft: Draft) -> tuple[ShownRenewal, ...]:
    """The renewals that a draft leads to, the sooner first."""
    found = [(draft.renewal, draft.after.interval)]
    if draft.beside is not None and draft.beside.state is not None and draft.beside.renewal is not None:
        found.append((draft.beside.renewal, draft.beside.state.interval))
    found.sort(key=lambda each: each[0].at)
    language, zone = translation.get_language() or "en", draft.policy.zone
    return tuple(
        ShownRenewal(
            day=formats.long_day(preview.at, language, zone),
            whose=whose_words(interval) if len(found) > 1 else "",
            total_minor=preview.total_minor,
        )
        for preview, interval in found
    )


def renewal_rule(draft: Draft) -> str:
    """How it goes on: every month, every year, or each of two on its own."""
    if draft.beside is not None and draft.beside.renewal is not None:
        return _("Monthly users renew every month and annual users every year, until you cancel.")
    if draft.after.interval is Interval.YEAR:
        return _("Renews every year until you cancel.")
    return _("Renews every month until you cancel.")


def bought_words(quote: Quote, plan_name: str, sold_from: Catalogue) -> str:
    """What is ordered: the plan and its users, and the add-ons where they are what changes."""
    words = order_words(plan_name, quote.interval, quote.seats, quote.other_seats)
    return words + add_on_words(quote.add_ons or {}, sold_from)


def add_on_words(units: Mapping[str, int], sold_from: Catalogue) -> str:
    """``, 3 × 10,000 more records``; nothing where there are none."""
    language = translation.get_language() or "en"
    return "".join(
        f", {formats.whole_number(number, language)} × {sold_from.item_name(key, language)}"
        for key, number in sorted(units.items())
        if number
    )


def order_words(plan_name: str, interval: str, seats: int, other_seats: int = 0) -> str:
    """``Business, annual, 8 users``; in mixed billing ``Business, 8 annual users, 5 monthly users``."""
    if other_seats:
        yearly, monthly = (seats, other_seats) if interval == Interval.YEAR else (other_seats, seats)
        return f"{plan_name}, {users_of('month', monthly)}, {users_of('year', yearly)}"
    users = ngettext("%(seats)s user", "%(seats)s users", seats) % {"seats": _number(seats)}
    rhythm = _("annual") if interval == Interval.YEAR else _("monthly")
    return f"{plan_name}, {rhythm}, {users}"


def users_of(interval: str, seats: int) -> str:
    """``8 annual users``."""
    if interval == Interval.YEAR:
        return ngettext("%(seats)s annual user", "%(seats)s annual users", seats) % {"seats": _number(seats)}
    return ngettext("%(seats)s monthly user", "%(seats)s monthly users", seats) % {"seats": _number(seats)}


def _number(seats: int) -> str:
    return formats.whole_number(seats, translation.get_language() or "en")


def place_of(zone: str, language: str) -> str:
    """The city that a time zone is named after, as the reader writes it: ``Paris``."""
    return dates.get_timezone_location(zone, locale=formats.locale_of(language), return_city=True)
