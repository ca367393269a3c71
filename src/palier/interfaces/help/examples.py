"""Worked examples, computed by the engine from today's catalogue: ``{% example "upgrade_mid_cycle" %}``.

An example is a story in a sentence or two, the lines that the change leads to, their sum, and why each amount is what
it is. They happen in June, which has 30 days, of the present year. Taxes are left aside but where the example is about
them. Where a plan is sold for more users than the story has, it is told with as many as are sold.

    first_purchase      Team by the month           add_ons_mid_cycle   three units on the 20th
    first_year          Team by the year            month_to_year       Team by the month becomes Team by the year
    upgrade_mid_cycle   Team to Business on the 12th    mixed           the same where some users are billed by the year
    seats_mid_cycle     two more users on the 12th      downgrade_at_end  Business to Team: nothing now
    vat                 a customer in the seller's country
    reverse_charge      one with a VAT number in another country of the European Union
    outside_eu          one outside the European Union
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.apps.catalogue import Plan, countries
from palier.apps.tax import rules
from palier.apps.tax.buyers import Buyer
from palier.apps.tax.mentions import mention
from palier.engine import drafts, mixed
from palier.engine.drafts import Draft
from palier.engine.periods import Interval, zone_named
from palier.engine.subscription import Current, Item, Paid
from palier.engine.taxes import TaxRule
from palier.interfaces.help.reading import Lacking, Reading
from palier.interfaces.ui.lines import shown_lines, tax_label
from palier.kit import clock, formats

UNTAXED: Final = TaxRule(0, rules.OUTSIDE_SCOPE, "")
USERS: Final = 5
MORE_USERS: Final = 2
UNITS: Final = 3

VAT_NUMBERS: Final = {"FR": "FR44732829320", "DE": "DE136695976"}
"""Well-formed ones, for a customer in the neighbouring country of the European Union."""


@dataclass(frozen=True, slots=True)
class Example:
    """``story`` says what is held and what is done, ``due_on`` when ``draft`` is due, ``then`` what comes after."""

    story: str
    draft: Draft
    due_on: datetime
    then: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the examples happen: the reader's catalogue, and a June."""

    reading: Reading

    def on(self, day: int, month: int = 6) -> datetime:
        """Ten in the morning of a day of the present year, in the seller's zone."""
        zone = zone_named(self.reading.sold.policy.zone)
        return datetime.combine(date(clock.now().astimezone(zone).year, month, day), time(10), tzinfo=zone)

    def users(self, *plans: Plan, wanted: int = USERS) -> int:
        """So many users, or as many as all these plans are sold for."""
        wanted = max(wanted, *(plan.seats_min for plan in plans))
        return min(wanted, *(plan.seats_max for plan in plans))

    def seats(self, plan: Plan, number: int, interval: Interval = Interval.MONTH) -> Item:
        return Item(plan.price(interval, self.reading.currency), number)

    def bought(self, item: Item, *others: Item, at: datetime, tax: TaxRule = UNTAXED) -> Draft:
        """A first purchase."""
        policy = self.reading.sold.policy
        return drafts.new_subscription(
            plan=item.price, seats=item.quantity, add_ons=others, tax=tax, policy=policy, now=at
        )

    def changed(self, held: Current, item: Item, *others: Item, at: datetime) -> Draft:
        """What a change costs."""
        policy = self.reading.sold.policy
        return drafts.change(
            held, plan=item.price, seats=item.quantity, add_ons=others, tax=UNTAXED, policy=policy, now=at
        )

    def day(self, at: datetime) -> str:
        """``12 June 2026``."""
        return formats.long_day(at, self.reading.language, self.reading.sold.policy.zone)

    def people(self, users: int) -> str:
        """``5 users``."""
        return ngettext("%(quantity)s user", "%(quantity)s users", users) % {"quantity": self.number(users)}

    def number(self, value: int) -> str:
        return formats.whole_number(value, self.reading.language)

    def money(self, minor: int) -> str:
        return formats.money(minor, self.reading.currency, self.reading.language)

    def name(self, plan: Plan) -> str:
        return plan.name(self.reading.language)

    def renews(self, draft: Draft) -> str:
        """What the next renewal is."""
        said = {"day": self.day(draft.renewal.at), "sum": self.money(draft.renewal.net_minor)}
        return _("The next renewal, on %(day)s, costs %(sum)s.") % said


def held(draft: Draft) -> Current:
    """The subscription that a draft leads to, invoiced and paid."""
    paid = tuple(
        Paid(
            line=f"line {number}",
            kind=line.item_kind,
            key=line.key,
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            period=line.period,
            amount_minor=line.amount_minor,
            tax=line.tax,
        )
        for number, line in enumerate(draft.lines, start=1)
    )
    return Current(draft.after, paid)


def first_purchase(scene: Scene) -> Example:
    return _first(scene, Interval.MONTH, _("On %(day)s you buy %(plan)s for %(users)s, by the month."))


def first_year(scene: Scene) -> Example:
    return _first(scene, Interval.YEAR, _("On %(day)s you buy %(plan)s for %(users)s, by the year."))


def _first(scene: Scene, interval: Interval, story: str) -> Example:
    plan = scene.reading.plan("team")
    users = scene.users(plan)
    draft = scene.bought(scene.seats(plan, users, interval), at=scene.on(1))
    said = {"day": scene.day(scene.on(1)), "plan": scene.name(plan), "users": scene.people(users)}
    return Example(story % said, draft, scene.on(1), scene.renews(draft))


def upgrade_mid_cycle(scene: Scene) -> Example:
    low, high = scene.reading.plan("team"), scene.reading.plan("business")
    users = scene.users(low, high)
    before = scene.bought(scene.seats(low, users), at=scene.on(1))
    draft = scene.changed(held(before), scene.seats(high, users), at=scene.on(12))
    story = _("You have %(old)s for %(users)s, paid for from %(first)s on. On %(day)s you change to %(new)s.")
    said = {"old": scene.name(low), "new": scene.name(high), "users": scene.people(users), **_days(scene, 12)}
    return Example(story % said, draft, scene.on(12), scene.renews(draft))


def seats_mid_cycle(scene: Scene) -> Example:
    plan = scene.reading.plan("team")
    users = min(scene.users(plan), plan.seats_max - MORE_USERS)
    if users < plan.seats_min:
        raise Lacking("example seats_mid_cycle")
    after = users + MORE_USERS
    before = scene.bought(scene.seats(plan, users), at=scene.on(1))
    draft = scene.changed(held(before), scene.seats(plan, after), at=scene.on(12))
    story = _("You have %(plan)s for %(users)s, paid for from %(first)s on. On %(day)s you add some: %(after)s in all.")
    numbers = {"users": scene.people(users), "after": scene.people(after)}
    return Example(
        story % {"plan": scene.name(plan), **numbers, **_days(scene, 12)}, draft, scene.on(12), scene.renews(draft)
    )


def add_ons_mid_cycle(scene: Scene) -> Example:
    plan, add_on = scene.reading.plan("team"), scene.reading.add_on("records")
    users, units = scene.users(plan), min(UNITS, add_on.max_units)
    before = scene.bought(scene.seats(plan, users), at=scene.on(1))
    more = Item(add_on.price(Interval.MONTH, scene.reading.currency), units)
    draft = scene.changed(held(before), scene.seats(plan, users), more, at=scene.on(20))
    story = _(
        "You have %(plan)s, paid for from %(first)s on. On %(day)s you buy the add-on “%(add_on)s”, %(units)s times."
    )
    named = {"plan": scene.name(plan), "add_on": add_on.name(scene.reading.language), "units": scene.number(units)}
    then = _("From the next renewal on, on %(day)s, these add-ons cost %(sum)s a month.") % {
        "day": scene.day(draft.renewal.at),
        "sum": scene.money(more.price.unit_minor * units),
    }
    return Example(story % {**named, **_days(scene, 20)}, draft, scene.on(20), then)


def month_to_year(scene: Scene) -> Example:
    plan = scene.reading.plan("team")
    users = scene.users(plan)
    before = scene.bought(scene.seats(plan, users), at=scene.on(1))
    draft = scene.changed(held(before), scene.seats(plan, users, Interval.YEAR), at=scene.on(12))
    story = _(
        "You have %(plan)s for %(users)s by the month, paid for from %(first)s on. "
        "On %(day)s you change to annual billing: a year begins."
    )
    said = {"plan": scene.name(plan), "users": scene.people(users), **_days(scene, 12)}
    return Example(story % said, draft, scene.on(12), scene.renews(draft))


def mixed_billing(scene: Scene) -> Example:
    low, high = scene.reading.plan("team"), scene.reading.plan("business")
    yearly, monthly = scene.users(low, high, wanted=3), scene.users(low, high, wanted=2)
    year = scene.bought(scene.seats(low, yearly, Interval.YEAR), at=scene.on(1, month=3))
    month = scene.bought(scene.seats(low, monthly), at=scene.on(1))
    first = scene.changed(held(year), scene.seats(high, yearly, Interval.YEAR), at=scene.on(12))
    second = scene.changed(held(month), scene.seats(high, monthly), at=scene.on(12))
    draft = mixed.combined(first, second)
    story = _(
        "You have %(old)s: %(yearly)s by the year, paid for from %(year)s on, and %(monthly)s by the month, paid "
        "for from %(first)s on. On %(day)s you change to %(new)s: one order, each part over the days left of its own "
        "period."
    )
    numbers = {"yearly": scene.people(yearly), "monthly": scene.number(monthly)}
    named = {"old": scene.name(low), "new": scene.name(high), "year": scene.day(scene.on(1, month=3))}
    then = _("The monthly users renew on %(month)s for %(little)s, the annual ones on %(year)s for %(much)s.") % {
        "month": scene.day(second.renewal.at),
        "little": scene.money(second.renewal.net_minor),
        "year": scene.day(first.renewal.at),
        "much": scene.money(first.renewal.net_minor),
    }
    return Example(story % {**named, **numbers, **_days(scene, 12)}, draft, scene.on(12), then)


def downgrade_at_end(scene: Scene) -> Example:
    low, high = scene.reading.plan("team"), scene.reading.plan("business")
    users = scene.users(low, high)
    before = scene.bought(scene.seats(high, users), at=scene.on(1))
    draft = drafts.renewal(before.after, items=[scene.seats(low, users)], tax=UNTAXED, policy=scene.reading.sold.policy)
    story = _(
        "You have %(old)s for %(users)s, paid for from %(first)s on. On %(day)s you choose %(new)s. "
        "Nothing is due that day, and %(old)s stays until the end of what is paid for."
    )
    said = {"old": scene.name(high), "new": scene.name(low), "users": scene.people(users), **_days(scene, 12)}
    return Example(story % said, draft, draft.computed_at)


def _days(scene: Scene, day: int) -> dict[str, str]:
    return {"first": scene.day(scene.on(1)), "day": scene.day(scene.on(day))}


def vat(scene: Scene) -> Example:
    return _taxed(scene, Buyer("company", "", country=scene.reading.sold.seller.country))


def reverse_charge(scene: Scene) -> Example:
    country = next(country for country in VAT_NUMBERS if country != scene.reading.sold.seller.country)
    return _taxed(scene, Buyer("company", "", country=country, vat_number=VAT_NUMBERS[country]))


def outside_eu(scene: Scene) -> Example:
    return _taxed(scene, Buyer("company", "", country="US"))


def _taxed(scene: Scene, buyer: Buyer) -> Example:
    """A first purchase with the tax that this buyer owes."""
    plan, seller, language = scene.reading.plan("team"), scene.reading.sold.seller, scene.reading.language
    users = scene.users(plan)
    tax = rules.rule_for(buyer, seller, scene.on(1).date())
    draft = scene.bought(scene.seats(plan, users), at=scene.on(1), tax=tax)
    story = (
        _("A company with the VAT number %(number)s (%(country)s) buys %(plan)s for %(users)s on %(day)s.")
        if buyer.vat_number
        else _("A company (%(country)s) buys %(plan)s for %(users)s on %(day)s.")
    )
    said = {
        "number": buyer.vat_number,
        "country": countries.names(language)[buyer.country],
        "plan": scene.name(plan),
        "users": scene.people(users),
        "day": scene.day(scene.on(1)),
    }
    return Example(story % said, draft, scene.on(1), mention(tax.note, seller.country, language))


EXAMPLES: Final[Mapping[str, Callable[[Scene], Example]]] = {
    "first_purchase": first_purchase,
    "first_year": first_year,
    "upgrade_mid_cycle": upgrade_mid_cycle,
    "seats_mid_cycle": seats_mid_cycle,
    "add_ons_mid_cycle": add_ons_mid_cycle,
    "month_to_year": month_to_year,
    "mixed": mixed_billing,
    "downgrade_at_end": downgrade_at_end,
    "vat": vat,
    "reverse_charge": reverse_charge,
    "outside_eu": outside_eu,
}


def example(reading: Reading, name: str) -> SafeString:
    """The example as it stands in an article."""
    if name not in EXAMPLES:
        raise Lacking(f"example {name}")
    scene = Scene(reading)
    told = EXAMPLES[name](scene)
    draft = told.draft
    taxed = any(part.rule != UNTAXED for part in draft.taxes)
    titles = {line.key: reading.sold.item_name(line.key, reading.language) for line in draft.lines}
    context = {
        "story": told.story,
        "then": told.then,
        "lines": shown_lines(draft, titles),
        "currency": draft.currency,
        "net_minor": draft.net_minor,
        "taxes": [(tax_label(part, reading.language), part.tax_minor) for part in draft.taxes] if taxed else [],
        "total_minor": draft.total_minor,
        "due": _due(taxed) % {"day": scene.day(told.due_on)},
    }
    return render_to_string("help/example.html", context)


def _due(taxed: bool) -> str:
    return _("Due on %(day)s") if taxed else _("Due on %(day)s, before tax")
