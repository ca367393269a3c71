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
from palier.apps.help import library
from palier.engine.drafts import Draft
from palier.engine.periods import Interval
from palier.engine.prices import Price
from palier.engine.subscription import Item
from palier.engine.tables import TableRow, price_table
from palier.engine.taxes import TaxAmount
from palier.flows import obstacles, schedule, upcoming
from palier.flows.change import Choice, compute, units_held
from palier.flows.facts import Facts
from palier.flows.quote import objection
from palier.flows.quote_refusals import DowngradeWaits, FewerAddOnsWait, FewerSeatsWait, ShorterIntervalWaits
from palier.flows.upcoming import Upcoming
from palier.interfaces.portal.promise import add_on_words, order_words
from palier.interfaces.ui.lines import tax_label
from palier.interfaces.ui.waiting import whose_words
from palier.kit import formats
from palier.kit.refusals import Refusal

LIKELY_SEATS: Final = 100
"""The table reaches at least so far above nothing, and half as far above what is held; beyond, the page asks."""

_WAITS = (DowngradeWaits, ShorterIntervalWaits, FewerSeatsWait, FewerAddOnsWait, obstacles.DowngradeBlocked)
LATER: Final = frozenset(each.code for each in _WAITS)
"""Refusals of a choice that can be scheduled instead, perhaps once something is gone."""

MANY: Final = 777
"""A number of seats that no other figure of the words resembles."""


@dataclass(frozen=True, slots=True)
class Card:
    """One plan's card. ``rate_minor``: per seat and month; ``other_rate_minor``: on the other interval, in mixed
    billing; ``cycle_minor``: all seats, one full cycle; before tax."""

    plan: Plan
    name: str
    tagline: str
    features: tuple[str, ...]
    current: bool
    chosen: bool
    rate_minor: int
    other_rate_minor: int | None
    cycle_minor: int
    cycle_words: str
    saving_percent: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal to come: ``total_minor`` with tax, None where the subscription ends instead."""

    label: str
    total_minor: int | None


@dataclass(frozen=True, slots=True)
class Later:
    """A step down that can be scheduled: the day, what the renewals will be, and what has to go before, with where.
    Where nothing is held any more, only what has to go: then it can be bought."""

    day: str
    renewals: tuple[Renewal, ...]
    plan_name: str
    obstacles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Due:
    """The order at the side, in the reader's words. ``draft`` is None where the choice cannot be bought now; ``later``
    is there where it can be scheduled instead."""

    words: str
    draft: Draft | None
    line: str
    tax_label: str
    renewals: tuple[Renewal, ...]
    refusal: str
    same: bool
    later: Later | None = None


def cards(facts: Facts, choice: Choice) -> list[Card]:
    """The paid plans at the chosen interval and number of seats."""
    language = translation.get_language() or "en"
    held = facts.current.state.plan.price.key if facts.current else ""
    made = []
    for plan in facts.plans:
        price = held_price(facts, plan.price(Interval(choice.interval), facts.currency))
        other = held_price(facts, plan.price(choice.other_interval, facts.currency))
        made.append(
            Card(
                plan=plan,
                name=plan.name(language),
                tagline=plan.tagline(language),
                features=plan.features(language),
                current=plan.key == held,
                chosen=plan.key == choice.plan,
                rate_minor=price.monthly_minor,
                other_rate_minor=other.monthly_minor if facts.mixed else None,
                cycle_minor=price.unit_minor * choice.seats,
                cycle_words=cycle_words(choice.interval, choice.seats),
                saving_percent=plan.saving_percent(facts.currency),
            )
        )
    return made


def due(facts: Facts, choice: Choice, refusal: Refusal | None, *, now: datetime) -> Due:
    """What the choice costs now and at the next renewal; else from when it can be had, or why it cannot."""
    language = translation.get_language() or "en"
    draft = later = None
    if refusal is None:
        led = choice.led_by_what_renews(facts)
        draft = compute(facts, led, now=now)
        refusal = objection(facts, led, draft.direction, draft.total_minor)
    if facts.held and refusal is not None and refusal.code in LATER:
        refusal = schedule.objection(facts, choice, now=now)
        later = later_of(facts, choice, now=now) if refusal is None else None
    elif not facts.held and (refusal is None or refusal.code in LATER):
        refusal, later = None, before_it_is_bought(facts, choice, now=now)
    draft = draft if refusal is None and later is None else None
    return Due(
        words=order_words(
            facts.catalogue.plan(choice.plan).name(language), choice.interval, choice.seats, choice.other_seats
        )
        + add_on_words(dict(choice.add_ons or ()), facts.catalogue),
        draft=draft,
        line=line_words(facts, choice),
        tax_label=tax_label(TaxAmount(facts.tax, 0, 0), language),
        renewals=renewals_of(draft, facts) if draft else (Renewal("", 0),),
        refusal=refusal.text(language) if refusal else "",
        same=refusal is not None and refusal.code == "quote.nothing_changes",
        later=later,
    )


def later_of(facts: Facts, choice: Choice, *, now: datetime) -> Later:
    """When a step down begins, and what the account renews for from there."""
    foreseen = schedule.foreseen(facts, choice)
    moved = [each for each in foreseen if each.items != upcoming.of(facts, each.held).items] or foreseen
    deciding = foreseen[-1:] if _other_plan(facts, choice) else moved  # a plan waits for the year
    last = max(each.held.subscription.period_end for each in deciding)
    language = translation.get_language() or "en"
    return Later(
        day=day_words(last, facts),
        renewals=tuple(_foreseen_renewal(each, facts) for each in foreseen),
        plan_name=facts.catalogue.plan(choice.plan).name(language),
        obstacles=_obstacles(facts, choice, language, now=now),
    )


def before_it_is_bought(facts: Facts, choice: Choice, *, now: datetime) -> Later | None:
    """What has to go before a plan below the one of before can be bought; None where nothing has to."""
    language = translation.get_language() or "en"
    those = _obstacles(facts, choice, language, now=now)
    return Later("", (), facts.catalogue.plan(choice.plan).name(language), those) if those else None


def _obstacles(facts: Facts, choice: Choice, language: str, *, now: datetime) -> tuple[tuple[str, str], ...]:
    those = obstacles.of_choice(facts, choice, now=now)
    return tuple((each.text(language), each.link) for each in those)


def _other_plan(facts: Facts, choice: Choice) -> bool:
    return any(held.current.state.plan.price.key != choice.plan for held in facts.held)


def _foreseen_renewal(each: Upcoming, facts: Facts) -> Renewal:
    whose = f" ({whose_words(each.held.interval)})" if facts.mixed else ""
    end = each.held.subscription.period_end
    if each.preview is None:
        return Renewal(_("Ends on %(day)s") % {"day": day_words(formats.last_instant(end), facts)} + whose, None)
    return Renewal(_("From %(day)s on") % {"day": day_words(end, facts)} + whose, each.preview.total_minor)


def renewals_of(draft: Draft, facts: Facts) -> tuple[Renewal, ...]:
    """The next renewal that a draft leads to; in mixed billing both, the sooner first."""
    previews = [draft.renewal]
    if draft.beside is not None and draft.beside.renewal is not None:
        previews.append(draft.beside.renewal)
    previews.sort(key=lambda preview: preview.at)
    return tuple(Renewal(renewal_words(preview.at, facts), preview.total_minor) for preview in previews)


def table(facts: Facts, *, now: datetime) -> dict[str, object]:
    """Everything that the script needs to follow each click without a request, as plain JSON values.

    Where two subscriptions are held, changes wait or a day's seats are collected, the rows are empty: the page asks. So
    are those of the plans below one that has ended.
    """
    language = translation.get_language() or "en"
    plans = facts.plans
    objections = Objections(language)
    renews = renewals(facts, now=now)
    return {
        "rows": _rows(facts, objections, now=now),
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


def _rows(facts: Facts, objections: "Objections", *, now: datetime) -> dict[str, object]:
    plans = facts.plans
    prices = [plan.price(interval, facts.currency) for plan in plans for interval in Interval]
    if facts.mixed or facts.waiting or any(held.seats != held.current.state.seats for held in facts.held):
        return {f"{each.key}:{each.interval}": _empty(held_price(facts, each)) for each in prices}
    held = facts.current.state.seats if facts.current else facts.active_members
    last = min(max(LIKELY_SEATS, held + LIKELY_SEATS // 2), max(plan.seats_max for plan in plans))
    rows = price_table(
        prices,
        seats=range(1, last + 1),
        current=facts.current,
        add_ons={interval: _add_ons(facts, interval) for interval in Interval},
        tax=facts.tax,
        policy=facts.catalogue.policy,
        now=now,
    )
    below = (
        set() if facts.held else {plan.key for plan in plans if facts.comes_from and plan.rank < facts.comes_from.rank}
    )
    return {
        f"{row.plan}:{row.interval}": _empty(row.price) if row.plan in below else _cells(row, facts, objections)
        for row in rows
    }


def _add_ons(facts: Facts, interval: Interval) -> list[Item]:
    """The add-ons held, as a new period of an interval charges them."""
    return [
        Item(facts.catalogue.add_on(key).price(interval, facts.currency), units)
        for key, units in sorted(units_held(facts).items())
    ]


def held_price(facts: Facts, price: Price) -> Price:
    """The price as it was sold where the account holds it, else today's."""
    held = facts.on(price.interval)
    return held.current.state.held(price) if held else price


def _empty(price: Price) -> dict[str, object]:
    return {"rate": price.monthly_minor, "net": [], "tax": [], "renewal": [], "objection": []}


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
            same, later = refusal.code == "quote.nothing_changes", refusal.code in LATER
            article = library.for_code(refusal.code, self.language)
            shown = {"code": refusal.code, "article": article.path if article else ""}
            self.texts.append({"text": text, "same": same, "later": later, **shown})
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
    if facts.mixed:
        return {held.interval.value: held.subscription.period_end for held in facts.held}
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
    price = held_price(facts, facts.catalogue.price(choice.plan, Interval(choice.interval), facts.currency))
    rate = formats.money(price.monthly_minor, facts.currency, language)
    return line_template(facts, Interval(choice.interval), choice.seats).replace("{rate}", rate)


def line_template(facts: Facts, interval: Interval, seats: int) -> str:
    """``8 × {rate} × 12 months``, or until when a change in mid-cycle is prorated."""
    language = translation.get_language() or "en"
    count = formats.whole_number(seats, language)
    if facts.mixed:
        return _("For the days left of both periods")
    if facts.current and interval is facts.current.state.interval:
        until = formats.long_day(facts.current.state.period.end, language, facts.catalogue.policy.zone)
        return _("For the days left until %(day)s") % {"day": until}
    formula = _("%(seats)s × %(rate)s × 12 months") if interval is Interval.YEAR else "%(seats)s × %(rate)s"
    said = formula % {"seats": count, "rate": "{rate}"}
    return _("%(formula)s, less the days already paid") % {"formula": said} if facts.current else said


def renewal_words(at: datetime, facts: Facts) -> str:
    """``Next renewal, 23 November 2027``."""
    return _("Next renewal, %(day)s") % {"day": day_words(at, facts)}


def day_words(at: datetime, facts: Facts) -> str:
    """``1 July 2026``, in the seller's zone."""
    return formats.long_day(at, translation.get_language() or "en", facts.catalogue.policy.zone)


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
