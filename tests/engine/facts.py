"""Facts that the engine's tests share: three plans, an add-on, a seller in Paris, and short ways to say them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from palier.engine import drafts
from palier.engine.drafts import Draft
from palier.engine.periods import Interval, Period
from palier.engine.policies import ProrationPolicy
from palier.engine.prices import ItemKind, Price
from palier.engine.subscription import Current, Item, Paid, State
from palier.engine.taxes import Taxing, TaxRule
from palier.engine.wire import policy_from_json, policy_to_json
from tests.engine.settlement import settled

PARIS = "Europe/Paris"
POLICY = ProrationPolicy()
VAT = TaxRule(200_000, "S", "FR")
REVERSE = TaxRule(0, "AE", "DE", "reverse_charge")
NONE = TaxRule(0, "O", "US", "outside_eu")

_RANKS = {"team": 1, "business": 2, "enterprise": 3}
_MONTHLY = {"team": (10900, 9500), "business": (15900, 13500), "enterprise": (25900, 21500), "records": (2500, 2200)}


def price(
    key: str, interval: Interval = Interval.MONTH, monthly_minor: int | None = None, currency: str = "EUR"
) -> Price:
    kind = ItemKind.PLAN if key in _RANKS else ItemKind.ADD_ON
    listed = _MONTHLY[key][interval is Interval.YEAR]
    return Price(key, kind, _RANKS.get(key, 0), interval, currency, listed if monthly_minor is None else monthly_minor)


TEAM, BUSINESS, ENTERPRISE, RECORDS = price("team"), price("business"), price("enterprise"), price("records")
TEAM_YEAR, BUSINESS_YEAR = price("team", Interval.YEAR), price("business", Interval.YEAR)
PLANS = [price(key, interval) for key in _RANKS for interval in Interval]


def at(text: str, zone: str = PARIS) -> datetime:
    """ "2026-06-20" is noon of that day in Paris; "2026-06-20 08:30" is that minute."""
    day, _, clock = text.partition(" ")
    return datetime.fromisoformat(f"{day} {clock or '12:00'}").replace(tzinfo=ZoneInfo(zone))


def days(first: str, last: str, zone: str = PARIS) -> Period:
    """From the first instant of one local day to the first instant of another."""
    return Period(at(f"{first} 00:00", zone), at(f"{last} 00:00", zone))


def subscription(
    *items: Item, period: Period, anchor: datetime | None = None, paid: tuple[Paid, ...] | None = None
) -> Current:
    """A subscription whose items were invoiced in full for its period, unless `paid` says otherwise."""
    first = items[0].price
    state = State(first.interval, first.currency, anchor or period.start, period, items)
    lines = tuple(
        Paid(
            f"line-{number}",
            item.price.kind,
            item.price.key,
            item.quantity,
            item.price.unit_minor,
            period,
            item.price.unit_minor * item.quantity,
        )
        for number, item in enumerate(items, 1)
    )
    return Current(state, lines if paid is None else paid)


def change(
    current: Current,
    plan: Price,
    seats: int,
    now: str,
    *,
    tax: Taxing = VAT,
    rules: ProrationPolicy = POLICY,
    add_ons: Sequence[Item] | None = None,
) -> Draft:
    return drafts.change(current, plan=plan, seats=seats, add_ons=add_ons, tax=tax, policy=rules, now=at(now))


def amounts(draft: Draft) -> list[int]:
    return [line.amount_minor for line in draft.lines]


def policy(**values: str) -> ProrationPolicy:
    """The default policy with some values said otherwise, as in a catalogue."""
    return policy_from_json({**policy_to_json(POLICY), **values})


class Life:
    """A subscription through a series of changes, each settled as soon as it is computed."""

    def __init__(self, first: Draft, *, tax: TaxRule = VAT) -> None:
        self.tax, self.policy = tax, first.policy
        self.drafts = [first]
        self.current = settled(None, first, self._ids(first))

    def _ids(self, draft: Draft) -> list[str]:
        return [f"{len(self.drafts) - 1}.{number}" for number in range(len(draft.lines))]

    def change(self, plan: Price, seats: int, now: datetime, add_ons: tuple[Item, ...] | None = None) -> Draft:
        draft = drafts.change(
            self.current, plan=plan, seats=seats, add_ons=add_ons, tax=self.tax, policy=self.policy, now=now
        )
        return self._take(draft)

    def renew(self) -> Draft:
        return self._take(drafts.renewal(self.current, tax=self.tax, policy=self.policy))

    def _take(self, draft: Draft) -> Draft:
        self.drafts.append(draft)
        self.current = settled(self.current, draft, self._ids(draft))
        return draft

    @property
    def net_minor(self) -> int:
        return sum(draft.net_minor for draft in self.drafts)
