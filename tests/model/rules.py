"""What may happen to an account that needs neither people, cards nor debts: the same rules for the whole program and on
paper."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.model import life, reference
from tests.model.agreement import answer
from tests.model.calendar_days import day_of
from tests.model.life import Wallet
from tests.model.reference import OTHER, Offer, Wish

plans = st.sampled_from(["team", "business", "enterprise"])
intervals = st.sampled_from(["month", "year"])
few = st.integers(1, 4)

SHRINK = "PALIER_LIVES_SHRINK" in os.environ
AT_ONCE = 500
"""Lives of one search, which remembers all that it has told."""

PRICES = {
    ("team", "month"): 10900,
    ("team", "year"): 9500,
    ("business", "month"): 15900,
    ("business", "year"): 13500,
    ("enterprise", "month"): 25900,
    ("enterprise", "year"): 21500,
    ("records", "month"): 2500,
    ("records", "year"): 2500,
}


class Priced(Protocol):
    """A promise."""

    @property
    def total_minor(self) -> int: ...


class Driven(Protocol):
    """What is driven beside the reference."""

    @property
    def now(self) -> datetime: ...

    @property
    def waiting(self) -> list[tuple[str, Any]]:
        """The changes that wait, each with the interval of its subscription."""

    def publish(self, prices: dict[tuple[str, str], int], charging: str) -> None: ...

    def quoted(self, wish: Wish) -> Any: ...

    def take(self, interval: str, seats: int) -> object: ...

    def step_down(self, wish: Wish) -> object: ...

    def reduce(self, interval: str, seats: int) -> object: ...

    def withdraw(self, waiting: Any) -> object: ...

    def travel(self, days: int) -> object: ...

    def check(self, model: reference.Account) -> None: ...


class Shared(RuleBasedStateMachine):
    """One account, twice."""

    program: Driven
    model: reference.Account
    wallet: Wallet

    # The beginning

    @initialize(
        plan=plans,
        interval=intervals,
        extra=few,
        charging=st.sampled_from(["at_once", "end_of_day"]),
        later=st.one_of(st.integers(0, 60), st.just(60)),  # 31 July, whose day most months do not have
    )
    def buys(self, plan: str, interval: str, extra: int, charging: str, later: int) -> None:
        if later:
            self.program.travel(later)
        self.model.charging = charging
        self.program.publish(self.model.prices, charging)
        self.purchase(Wish(plan, interval, self.model.people + extra))

    # Up: paid first

    @precondition(lambda self: self.model.held and self.model.plan != "enterprise")
    @rule(farther=st.booleans(), declined=st.booleans())
    def moves_up(self, farther: bool, declined: bool) -> None:
        plan = "enterprise" if farther or self.model.plan == "business" else "business"
        self.purchase(self.wish(plan=plan), declined=declined)

    @precondition(lambda self: self.model.held)
    @rule(more=few, interval=intervals)
    def buys_seats(self, more: int, interval: str) -> None:
        if interval in self.model.held:
            self.purchase(self.wish(interval=interval, more=more))

    @precondition(lambda self: self.model.held)
    @rule(units=st.integers(0, 4), interval=intervals)
    def buys_add_ons(self, units: int, interval: str) -> None:
        if interval in self.model.held:
            self.purchase(self.wish(interval=interval, units=units))

    @precondition(lambda self: "month" in self.model.held)
    @rule()
    def moves_to_the_year(self) -> None:
        self.purchase(Wish(self.model.plan, "year", self.model.seats))

    @precondition(lambda self: self.model.held)
    @rule(yearly=few, more=st.integers(0, 2))
    def mixes(self, yearly: int, more: int) -> None:
        monthly = self.model.seats - yearly + more
        if monthly > 0:
            self.purchase(Wish(self.model.plan, "year", yearly, monthly))

    @precondition(lambda self: self.model.held and "month" not in self.model.held)
    @rule(monthly=few)
    def adds_monthly_seats(self, monthly: int) -> None:
        self.purchase(Wish(self.model.plan, "month", monthly, self.model.seats))

    @precondition(lambda self: not self.model.held)
    @rule(plan=plans, interval=intervals, extra=st.integers(0, 3))
    def buys_again(self, plan: str, interval: str, extra: int) -> None:
        self.purchase(Wish(plan, interval, self.model.people + extra))

    @precondition(lambda self: self.model.held)
    @rule(plan=plans, interval=intervals, seats=st.integers(1, 9), other=st.integers(0, 4), units=st.integers(0, 2))
    def buys_anything(self, plan: str, interval: str, seats: int, other: int, units: int) -> None:
        self.purchase(Wish(plan, interval, seats, other, units))

    # Seats of a day

    @precondition(lambda self: self.model.held)
    @rule(interval=intervals, step=st.integers(-3, 3))
    def takes_seats(self, interval: str, step: int) -> None:
        if interval in self.model.held:
            self.take(interval, max(1, self.model.held[interval].seats + step))

    # Down: at the end of the paid period

    @precondition(lambda self: self.model.held and self.model.plan != "team")
    @rule(farther=st.booleans())
    def schedules_a_lower_plan(self, farther: bool) -> None:
        self.schedule(self.wish(plan="team" if farther or self.model.plan == "business" else "business"))

    @precondition(lambda self: self.model.held)
    @rule(interval=intervals, fewer=few)
    def reduces(self, interval: str, fewer: int) -> None:
        if interval in self.model.held:
            wish = self.wish(interval=interval, more=-fewer)
            if wish.seats > 0:
                self.down(wish, lambda: self.program.reduce(interval, wish.seats))

    @precondition(lambda self: self.model.held and self.model.units)
    @rule(units=st.integers(0, 3))
    def schedules_fewer_add_ons(self, units: int) -> None:
        self.schedule(self.wish(units=units))

    @precondition(lambda self: self.model.held)
    @rule(plan=plans, interval=intervals, seats=st.integers(1, 6), other=st.integers(0, 4), units=st.integers(0, 2))
    def schedules_anything(self, plan: str, interval: str, seats: int, other: int, units: int) -> None:
        self.schedule(Wish(plan, interval, seats, other, units))

    @precondition(lambda self: list(self.model.held) == ["year"])
    @rule(fewer=st.integers(0, 1))
    def schedules_the_month(self, fewer: int) -> None:
        self.schedule(Wish(self.model.plan, "month", max(1, self.model.seats - fewer)))

    @precondition(lambda self: any(each.waiting for each in self.model.held.values()))
    @rule(which=st.integers(0, 9))
    def withdraws(self, which: int) -> None:
        waiting = self.program.waiting
        interval, change = waiting[which % len(waiting)]
        kind = "units" if change.kind == "add_on" else change.kind
        self.withdraw(interval, kind, change)

    # Time

    @rule()
    def the_day_ends(self) -> None:
        self.time_passes(1)

    @precondition(lambda self: self.model.held)
    @rule(past=st.integers(0, 2))
    def a_period_ends(self, past: int) -> None:
        first = min(each.end for each in self.model.held.values())
        self.time_passes((first - day_of(self.program.now)).days + past)

    @rule(days=st.one_of(st.integers(1, 12), st.sampled_from([28, 31, 45])))
    def time_passes(self, days: int) -> None:
        self.program.travel(days)
        life.pass_time(self.model, self.wallet, self.program.now)
        self.program.check(self.model)

    @rule(days=st.sampled_from([200, 366]), often=st.integers(0, 3))
    def much_time_passes(self, days: int, often: int) -> None:
        if not often:
            self.time_passes(days)

    @rule(what=st.sampled_from(["team", "business", "enterprise", "records"]), price=st.integers(1_000, 30_000))
    def prices_change(self, what: str, price: int) -> None:
        self.model.prices[what, "month"], self.model.prices[what, "year"] = price, price * 9 // 10
        self.program.publish(self.model.prices, self.model.charging)
        self.program.check(self.model)

    # How

    def wish(self, *, plan: str = "", interval: str = "", more: int = 0, units: int | None = None) -> Wish:
        """What is held, but for what is said."""
        main = interval or self.model.first.interval
        other = self.model.held.get(OTHER[main])
        own = self.model.held[main].seats + more
        return Wish(plan or self.model.plan, main, own, other.seats if other else 0, units)

    def purchase(self, wish: Wish, *, declined: bool = False) -> None:
        """Both refuse for the same reason, or ask the same sum and agree once it is paid."""
        now = self.program.now
        code, offered = answer(lambda: self.model.offer(wish, now))
        real, kept = answer(lambda: self.program.quoted(wish))
        assert real == code, (real, code, wish)
        if offered is not None and kept is not None:
            assert kept.total_minor == offered.total
            self.pays(kept, offered, declined=declined)
            self.model.settle(offered, wish)
        self.program.check(self.model)

    def pays(self, kept: Any, offered: Offer, *, declined: bool) -> None:
        """Settle a promise."""
        raise NotImplementedError

    def schedule(self, wish: Wish) -> None:
        self.down(wish, lambda: self.program.step_down(wish))

    def take(self, interval: str, seats: int) -> None:
        now = self.program.now
        self.both(lambda: life.take(self.model, interval, seats, now), lambda: self.program.take(interval, seats))

    def withdraw(self, interval: str, kind: str, change: Any) -> None:
        now = self.program.now
        self.both(lambda: life.withdraw(self.model, interval, kind, now), lambda: self.program.withdraw(change))

    def down(self, wish: Wish, real: Callable[[], object]) -> None:
        now = self.program.now
        self.both(lambda: life.step_down(self.model, wish, now), real)

    def both(self, model: Callable[[], object], real: Callable[[], object]) -> None:
        """The same command to both: the same refusal, or the same outcome."""
        expected, got = answer(model)[0], answer(real)[0]
        assert got == expected
        self.program.check(self.model)


def tell(lives: type[Shared], *, number: int, steps: int, same: bool, shrink: bool = False) -> None:
    """Tell so many lives of so many steps; ``same``: those, each time."""
    for told in range(0, number, AT_ONCE):
        run_state_machine_as_test(
            lives,
            settings=hypothesis.settings(
                max_examples=min(AT_ONCE, number - told),
                stateful_step_count=steps,
                deadline=None,
                database=None,
                derandomize=same,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            ),
        )
