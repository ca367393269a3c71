"""The offer of the plans page: what each plan costs for the choice typed, and the table for the page's script."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.apps.catalogue import Plan
from palier.engine.drafts import Draft
from palier.engine.periods import Interval
from palier.engine.tables import TableRow, price_table
from palier.engine.taxes import TaxAmount
from palier.flows.quote import Choice, Facts, compute, objection
from palier.interfaces.portal.promise import order_words, tax_label
from palier.kit import formats
from palier.kit.refusals import Refusal

LIKELY_SEATS: Final = 100
"""The table reaches at least so far above nothing, and half as far above what is held; beyond, the page asks."""


MANY: Final = 777
"""A number of seats that no other figure of the words resembles."""


@dataclass(frozen=True, slots=True)
class Card:
    """One plan's card. ``rate_minor``: per seat and month; ``cycle_minor``: all seats, one full cycle; before tax."""

    plan: Plan
    name: str
    tagline: str
    features: tuple[str, ...]
    current: bool
    chosen: bool
    rate_minor: int
    cycle_minor: int
    cycle_words: str
    saving_percent: int


@dataclass(frozen=True, slots=True)
class Due:
    """The order at the side, in the reader's words. ``draft`` is None where the choice cannot be computed."""

    words: str
    draft: Draft | None
    line: str
    tax_label: str
    renewal_label: str
    refusal: str
    same: bool


def cards(facts: Facts, choice: Choice) -> list[Card]:
    """The paid plans at the chosen interval and number of seats."""
    language = translation.get_language() or "en"
    held = facts.current.state.plan.price.key if facts.current else ""
    made = []
    for plan in facts.plans:
        price = plan.price(Interval(choice.interval), facts.currency)
        if facts.current:
            price = facts.current.state.held(price)
        made.append(
            Card(
                plan=plan,
                name=plan.name(language),
                tagline=plan.tagline(language),
                features=plan.features(language),
                current=plan.key == held,
                chosen=plan.key == choice.plan,
                rate_minor=price.monthly_minor,
                cycle_minor=price.unit_minor * choice.seats,
                cycle_words=cycle_words(choice.interval, choice.seats),
                saving_percent=plan.saving_percent(facts.currency),
            )
        )
    return made


def due(facts: Facts, choice: Choice, refusal: Refusal | None, *, now: datetime) -> Due:
    """What the choice costs now and at the next renewal, or why it cannot be bought."""
    language = translation.get_language() or "en"
    draft = None
    if refusal is None:
        draft = compute(facts, choice, now=now)
        refusal = objection(facts, choice, draft.direction, draft.total_minor)
    return Due(
        words=order_words(facts.catalogue.plan(choice.plan).name(language), choice.interval, choice.seats),
        draft=draft if refusal is None else None,
        line=line_words(facts, choice),
        tax_label=tax_label(TaxAmount(facts.tax, 0, 0), language),
        renewal_label=renewal_words(renewals(facts, now=now)[choice.interval], facts),
        refusal=refusal.text(language) if refusal else "",
        same=refusal is not None and refusal.code == "quote.nothing_changes",
    )


def table(facts: Facts, *, now: datetime) -> dict[str, object]:
    """Everything that the script needs to follow each click without a request, as plain JSON values."""
    language = translation.get_language() or "en"
    plans = facts.plans
    held = facts.current.state.seats if facts.current else facts.active_members
    last = min(max(LIKELY_SEATS, held + LIKELY_SEATS // 2), max(plan.seats_max for plan in plans))
    prices = [plan.price(interval, facts.currency) for plan in plans for interval in Interval]
    rows = price_table(
        prices,
        seats=range(1, last + 1),
        current=facts.current,
        tax=facts.tax,
        policy=facts.catalogue.policy,
        now=now,
    )
    objections = Objections(language)
    renews = renewals(facts, now=now)
    return {
        "rows": {f"{row.plan}:{row.interval}": _cells(row, facts, objections) for row in rows},
        "objections": objections.texts,
        "plans": {plan.key: {"name": plan.name(language), "max": plan.seats_max} for plan in plans},
        "intervals": {
            interval.value: {
                "order": _templates(partial(order_words, "{plan}", interval)),
                "line": _templates(partial(line_template, facts, interval)),
                "cycle": _templates(partial(cycle_words, interval)),
                "months": interval.months,
                "renewal": renewal_words(renews[interval], facts),
            }
            for interval in Interval
        },
        "minimum": facts.seats_min if facts.current is None else 1,
        "money": money_pattern(facts.currency, language),
        "announcement": _("%(order)s. Due today: %(total)s.") % {"order": "{order}", "total": "{total}"},
    }


class Objections:
    """The texts of refusals, each once; a cell of the table holds the position of its text, 0 for none."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.texts: list[dict[str, object]] = [{}]
        self._positions: dict[str, int] = {}

    def position(self, refusal: Refusal | None) -> int:
        if refusal is None:
            return 0
        text = refusal.text(self.language)
        if text not in self._positions:
            self._positions[text] = len(self.texts)
            self.texts.append({"text": text, "same": refusal.code == "quote.nothing_changes"})
        return self._positions[text]


def _cells(row: TableRow, facts: Facts, objections: Objections) -> dict[str, object]:
    return {
        "rate": row.price.monthly_minor,
        "net": row.net_minor,
        "tax": row.tax_minor,
        "renewal": row.renewal_total_minor,
        "objection": [
            objections.position(objection(facts, Choice(row.plan, row.interval, seats), way, total_minor))
            for seats, (way, total_minor) in enumerate(
                zip(row.directions, row.total_minor, strict=True), start=row.first_seats
            )
        ],
    }


def renewals(facts: Facts, *, now: datetime) -> dict[str, datetime]:
    """When each interval, chosen now, would renew."""
    plan = facts.plans[0].key
    seats = facts.seats_min
    return {each.value: compute(facts, Choice(plan, each, seats), now=now).renewal.at for each in Interval}


def users(seats: int) -> str:
    """``8 users``."""
    count = formats.whole_number(seats, translation.get_language() or "en")
    return ngettext("%(seats)s user", "%(seats)s users", seats) % {"seats": count}


def cycle_words(interval: str, seats: int) -> str:
    """What stands after the sum of a full cycle: ``a year for 8 users``."""
    if interval == Interval.YEAR:
        return _("a year for %(users)s") % {"users": users(seats)}
    return _("a month for %(users)s") % {"users": users(seats)}


def line_words(facts: Facts, choice: Choice) -> str:
    """The words beside the net sum of the order."""
    language = translation.get_language() or "en"
    price = facts.catalogue.price(choice.plan, Interval(choice.interval), facts.currency)
    if facts.current:
        price = facts.current.state.held(price)
    rate = formats.money(price.monthly_minor, facts.currency, language)
    return line_template(facts, Interval(choice.interval), choice.seats).replace("{rate}", rate)


def line_template(facts: Facts, interval: Interval, seats: int) -> str:
    """``8 × {rate} × 12 months``, or until when a change in mid-cycle is prorated."""
    language = translation.get_language() or "en"
    count = formats.whole_number(seats, language)
    if facts.current and interval is facts.current.state.interval:
        until = formats.long_day(facts.current.state.period.end, language, facts.catalogue.policy.zone)
        return _("For the days left until %(day)s") % {"day": until}
    formula = _("%(seats)s × %(rate)s × 12 months") if interval is Interval.YEAR else "%(seats)s × %(rate)s"
    said = formula % {"seats": count, "rate": "{rate}"}
    return _("%(formula)s, less the days already paid") % {"formula": said} if facts.current else said


def renewal_words(at: datetime, facts: Facts) -> str:
    """``Next renewal, 23 November 2027``."""
    day = formats.long_day(at, translation.get_language() or "en", facts.catalogue.policy.zone)
    return _("Next renewal, %(day)s") % {"day": day}


def money_pattern(currency: str, language: str) -> dict[str, object]:
    """How the language writes a sum, for the script: read off a sum that the server wrote itself."""
    sample = formats.money(123456789, currency, language)
    first, last = sample.index("1"), sample.index("9")
    figures = sample[first : last + 1]
    exponent = -int(formats.decimal_of(1, currency).as_tuple().exponent)
    decimal = figures[-exponent - 1] if exponent else ""
    return {
        "before": sample[:first],
        "after": sample[last + 1 :],
        "group": next(mark for mark in figures if not mark.isdigit()),
        "decimal": decimal,
        "exponent": exponent,
    }


def _templates(words: Callable[[int], str]) -> dict[str, str]:
    """The words for one seat and for several, with ``{seats}`` in the place of the number."""
    return {"one": words(1), "many": words(MANY).replace(str(MANY), "{seats}")}
