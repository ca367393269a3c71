"""One account in dictionaries and whole numbers, as the mission and the proration page describe it.

Nothing here calls a flow. A command either changes the account or raises ``No`` with the code of the refusal.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from tests.model.calendar_days import MONTHS, day_of, edge, end_after, half_up, next_day, share

RANKS = {"team": 10, "business": 20, "enterprise": 30}
OTHER = {"month": "year", "year": "month"}
CUSTOM_FIELDS = {"team": 15, "business": 150}  # by the catalogue; Enterprise has any number


class No(Exception):
    """The model refuses; ``code`` is the refusal's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Wish:
    """What is wanted: a plan, seats by interval, units of the add-on in all (None: those held)."""

    plan: str
    interval: str
    seats: int
    other: int = 0
    units: int | None = None

    @property
    def by_interval(self) -> dict[str, int]:
        return {self.interval: self.seats, OTHER[self.interval]: self.other}

    @property
    def total(self) -> int:
        return self.seats + self.other


@dataclass
class Charged:
    """An invoiced charge: for what, for which days, how much, what was given back and from when."""

    what: str
    start: date
    end: date
    amount: int
    credited: int = 0
    over: date | None = None


@dataclass(eq=False)
class Contract:
    """One live subscription. ``prices`` are monthly, as sold; ``waiting``: kind to (value, day)."""

    interval: str
    anchor: date
    start: date
    end: date
    plan: str
    seats: int
    units: int
    prices: dict[str, int]
    paid: int
    state: str = "active"
    lines: list[Charged] = field(default_factory=list)
    waiting: dict[str, tuple[object, date]] = field(default_factory=dict)
    basket: date | None = None
    due: datetime | None = None  # when its renewal is looked at, once it has waited for a debt

    @property
    def seats_later(self) -> int:
        """With how many it renews, if it does."""
        return int(self.waiting.get("seats", (self.seats, None))[0])  # type: ignore[call-overload, no-any-return]

    def full(self, what: str, quantity: int) -> int:
        return self.prices[what] * MONTHS[self.interval] * quantity


@dataclass(eq=False)
class Debt:
    """An invoice that was issued before it was paid. ``further``: it bills more of a period that was billed before."""

    total: int
    contract: Contract
    further: bool
    state: str = "open"
    opened: datetime | None = None
    gives_up: datetime | None = None
    next_try: datetime | None = None
    suspended: bool = False


@dataclass(eq=False)
class SeatRequest:
    """Somebody (by their number) asked for a seat: "waiting", "approved" or "declined"."""

    member: int
    asked_at: datetime
    state: str = "waiting"


@dataclass
class Offer:
    """What a purchase costs and leads to."""

    net: int
    total: int
    after: dict[str, Contract]


def with_tax(net: int) -> int:
    """With 20 % VAT, on the net total, half-up."""
    return net + half_up(Fraction(net * 20, 100))


class Account:
    """Everything that is known of it; ``prices`` is today's catalogue, by (item, interval)."""

    def __init__(self, prices: dict[tuple[str, str], int], people: int) -> None:
        self.prices = prices
        self.held: dict[str, Contract] = {}
        self.debts: list[Debt] = []
        self.invoices: list[int] = []  # those that were paid at once
        self.people = people
        self.invited: list[datetime] = []  # until when each open invitation holds its seat
        self.charging = "at_once"
        self.ended: list[str] = []
        self.plan_before = ""
        self.custom_fields = 0
        self.roles: dict[int, str] = {}  # by the number of a person, where another one was given
        self.away: set[int] = set()
        self.requests: list[SeatRequest] = []

    # What it is

    @property
    def seats(self) -> int:
        return sum(each.seats for each in self.held.values())

    @property
    def units(self) -> int:
        return sum(each.units for each in self.held.values())

    @property
    def plan(self) -> str:
        return self.first.plan

    @property
    def first(self) -> Contract:
        return self.held.get("month") or self.held["year"]

    @property
    def leading(self) -> Contract:
        """The contract that single seats come to and go from."""
        return (self.renewing or [self.first])[0]

    @property
    def plans(self) -> set[str]:
        """Two for the days between the end of a year and that of a month, after a step down."""
        return {each.plan for each in self.held.values()}

    @property
    def mixed(self) -> bool:
        return len(self.held) == 2

    @property
    def unpaid(self) -> bool:
        return any(debt.state == "open" for debt in self.debts)

    @property
    def read_only(self) -> bool:
        """After the end, and while what is unpaid suspends it."""
        return not self.held or any(each.state == "suspended" for each in self.held.values())

    @property
    def renewing(self) -> list[Contract]:
        """Those that are not canceled, the month first."""
        found = (self.held.get(interval) for interval in ("month", "year"))
        return [each for each in found if each and "cancel" not in each.waiting]

    def holding(self, now: datetime) -> int:
        """Seats that people and open invitations hold."""
        return self.people + sum(until > now for until in self.invited)

    def free(self, now: datetime) -> int:
        """Seats for somebody else: those that are about to go cannot be given away."""
        later = sum(each.seats_later for each in self.renewing or self.held.values())
        return max(0, min(self.seats, later) - self.holding(now))

    def exceeds(self, plan: str) -> bool:
        """Whether what is used does not fit a plan; Team has no billing admins."""
        billing_admins = {who for who, role in self.roles.items() if role == "billing_admin"} - self.away
        too_many = self.custom_fields > CUSTOM_FIELDS.get(plan, self.custom_fields)
        return too_many or (plan == "team" and bool(billing_admins))

    def renewal_of(self, each: Contract) -> int | None:
        """The next renewal's total; None where it ends."""
        after = renewed(each, self.prices)
        return None if after is None else with_tax(sum(line.amount for line in after.lines))

    # Buying

    def waits(self, wish: Wish) -> str:
        """Which part of a wish is a step down, by the code that names it; "" where none is."""
        year = self.held.get("year")
        if RANKS[wish.plan] < RANKS[self.plan]:
            return "quote.downgrade_waits"
        month = self.held["month"].seats if "month" in self.held else 0
        shorter = year is not None and wish.by_interval["year"] < year.seats
        fewer = wish.total < self.seats
        if year is not None and (shorter or fewer) and wish.by_interval["month"] > month:
            return "quote.shorter_interval_waits"
        if fewer:
            return "quote.fewer_seats_wait"
        if shorter or (wish.units is not None and wish.units < self.units):
            return "quote.fewer_add_ons_wait"
        return ""

    def offer(self, wish: Wish, now: datetime) -> Offer:
        """What a purchase costs, or why it cannot be made now."""
        offered = self._computed(wish, day_of(now))
        if self.unpaid:
            raise No("quote.invoice_open")
        if len(self.plans) > 1 and wish.plan in self.plans:
            raise No("quote.plans_differ")
        if self.held and self._same(wish):
            raise No("quote.nothing_changes")
        if self.held and (code := self.waits(wish)):
            raise No(code)
        if any("cancel" in each.waiting and self._touches(wish, each) for each in self.held.values()):
            raise No("quote.cancellation_waits")
        if wish.total < self.people:
            raise No("quote.seats_below_members")
        if offered.total < 0:
            raise No("quote.credit_exceeds_charge")
        if not self.held and RANKS[wish.plan] < RANKS.get(self.plan_before, 0) and self.exceeds(wish.plan):
            raise No("schedule.plan_exceeded")
        return offered

    def settle(self, offered: Offer, wish: Wish) -> None:
        """A purchase was paid."""
        self.held = offered.after
        self.invoices.append(offered.total)

    def _touches(self, wish: Wish, each: Contract) -> bool:
        """Whether a wish alters a contract: in mixed billing one may be left as it is."""
        if not self.mixed or wish.plan != each.plan or wish.by_interval[each.interval] != each.seats:
            return True
        if wish.units is None or wish.interval != each.interval:
            return False
        return max(0, wish.units - self.held[OTHER[each.interval]].units) != each.units

    def _same(self, wish: Wish) -> bool:
        here = {key: each.seats if self.mixed or wish.other else each.paid for key, each in self.held.items()}
        wanted = {key: seats for key, seats in wish.by_interval.items() if seats}
        return (wish.plan, wanted) == (self.plan, here) and wish.units in (None, self.units)

    def _computed(self, wish: Wish, day: date) -> Offer:
        after = deepcopy(self.held)
        lines: list[Charged] = []
        units = self.units if wish.units is None else wish.units
        if not self.held:
            after[wish.interval], lines = opened(wish.interval, wish.plan, wish.seats, units, self.prices, day)
            if wish.other:
                other = OTHER[wish.interval]
                after[other], more = opened(other, wish.plan, wish.other, 0, self.prices, day)
                lines += more
        elif len(self.held) == 1 and not wish.other and wish.interval not in self.held:
            old = after.pop(OTHER[wish.interval])
            credit = given_back(old, {"plan", "units"}, next_day(day))
            fresh, lines = opened(wish.interval, wish.plan, wish.seats, units, self.prices, day)
            fresh.waiting = {kind: (value, fresh.end) for kind, (value, _) in old.waiting.items()}
            after[wish.interval] = fresh
            lines = [*credit, *lines]
        else:
            for interval, seats in wish.by_interval.items():
                lines += self._part(after, wish, interval, seats, units, day)
        net = sum(line.amount for line in lines)
        self._take_back(after, wish)
        return Offer(net, with_tax(net), after)

    def _part(
        self, after: dict[str, Contract], wish: Wish, interval: str, seats: int, units: int, day: date
    ) -> list[Charged]:
        """One of two subscriptions: opened, changed, or ended because its seats move to the other."""
        other = self.held.get(OTHER[interval])
        elsewhere = other.units if other and wish.by_interval[OTHER[interval]] else 0
        own = self.held[interval].units if interval in self.held else 0
        mine = max(0, units - elsewhere) if interval == wish.interval else own
        if interval not in self.held:
            if not seats:
                return []
            after[interval], lines = opened(interval, wish.plan, seats, mine, self.prices, day)
            return lines
        if not seats:
            return given_back(after.pop(interval), {"plan", "units"}, next_day(day))
        return changed(after[interval], wish.plan, seats, mine, self.prices, day)

    def _take_back(self, after: dict[str, Contract], wish: Wish) -> None:
        """A purchase takes back what waits about the same thing."""
        if not self.held:
            return
        moves = {key for key, n in wish.by_interval.items() if n} != set(self.held)
        for interval, each in after.items():
            here = self.held.get(interval)
            about = {"plan": wish.plan != self.plan, "interval": moves, "units": wish.units is not None}
            about["seats"] = moves or (here is not None and here.seats != wish.by_interval[interval])
            each.waiting = {kind: value for kind, value in each.waiting.items() if not about.get(kind)}
        plans = [each.waiting["plan"][0] for each in after.values() if "plan" in each.waiting]
        if plans and len(after) == 2:  # a lower plan waits for the end of the year
            for each in after.values():
                each.waiting["plan"] = (plans[0], after["year"].end)


def opened(
    interval: str, plan: str, seats: int, units: int, prices: dict[tuple[str, str], int], day: date
) -> tuple[Contract, list[Charged]]:
    """A new subscription from today, charged for its whole first period."""
    own = {"plan": prices[plan, interval], "units": prices["records", interval]}
    end = edge(day, MONTHS[interval])
    fresh = Contract(interval, day, day, end, plan, seats, units, own, paid=seats)
    _charge_whole(fresh)
    return fresh, list(fresh.lines)


def _charge_whole(each: Contract) -> None:
    each.lines = [Charged("plan", each.start, each.end, each.full("plan", each.seats))]
    if each.units:
        each.lines.append(Charged("units", each.start, each.end, each.full("units", each.units)))


def given_back(each: Contract, what: set[str], cut: date) -> list[Charged]:
    """The unused rest of what was invoiced, at what was invoiced, never more than what is left of it."""
    credits = []
    for line in each.lines:
        if line.what in what and line.end > cut and (line.over is None or line.over > cut):
            rest = half_up(line.amount * share(line.start, line.end, cut))
            back = min(rest, line.amount - line.credited)
            line.credited += back
            line.over = max(cut, line.start)
            credits.append(Charged(line.what, line.start, line.end, -back))
    return credits


def changed(
    each: Contract, plan: str, seats: int, units: int, prices: dict[tuple[str, str], int], day: date
) -> list[Charged]:
    """Another plan, more seats, other units within the period: the lines of it."""
    cut = next_day(day)
    another = plan != each.plan
    lines = []
    if another or seats < each.paid:
        lines += given_back(each, {"plan"}, cut)
    if units < each.units:
        lines += given_back(each, {"units"}, cut)
    if another:
        each.prices = {**each.prices, "plan": prices[plan, each.interval]}
    if units and not each.units:
        each.prices = {**each.prices, "units": prices["records", each.interval]}
    more_seats = seats if another or seats < each.paid else seats - each.paid
    more_units = units if units < each.units else units - each.units
    for what, quantity in (("plan", more_seats), ("units", more_units)):
        if quantity:
            amount = half_up(each.full(what, quantity) * share(each.start, each.end, cut))
            line = Charged(what, min(cut, each.end), each.end, amount)
            each.lines.append(line)
            lines.append(line)
    each.plan, each.seats, each.paid, each.units, each.basket = plan, seats, seats, units, None
    return lines


def renewed(each: Contract, prices: dict[tuple[str, str], int], *, blocked: bool = False) -> Contract | None:
    """What follows its period, all that waits until then applied, but a plan that is blocked; None where it ends."""
    waiting = {kind: kept for kind, kept in each.waiting.items() if not (blocked and kind == "plan")}
    due = {kind: value for kind, (value, day) in waiting.items() if day <= each.end}
    if "cancel" in due:
        return None
    after = deepcopy(each)
    after.interval = str(due.get("interval", each.interval))
    after.plan = str(due.get("plan", each.plan))
    after.seats = after.paid = int(due.get("seats", each.seats))  # type: ignore[call-overload]
    after.units = int(due.get("units", each.units))  # type: ignore[call-overload]
    if (after.plan, after.interval) != (each.plan, each.interval):
        after.prices = {**after.prices, "plan": prices[after.plan, after.interval]}
    if after.interval != each.interval or not each.units:
        after.prices = {**after.prices, "units": prices["records", after.interval]}
    after.due = None
    after.start, after.end = each.end, end_after(each.anchor, after.interval, each.end)
    after.waiting = {kind: kept for kind, kept in each.waiting.items() if kind not in due}
    _charge_whole(after)
    return after
