"""The rules that need no database, played on paper."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model import life, reference
from tests.model.life import Wallet
from tests.model.paper import PEOPLE, Paper, Promise
from tests.model.reference import Offer, Wish
from tests.model.rules import PRICES, Shared


class LifeOnPaper(Shared):
    """One account, twice. Everything is paid at once, and nobody but its people sits on its seats."""

    agreed = 0
    """Steps after which the two agreed, in all lives told."""

    program: Paper

    def __init__(self) -> None:
        super().__init__()
        self.program = Paper()
        self.model = reference.Account(dict(PRICES), PEOPLE)
        self.wallet = Wallet("good")

    def teardown(self) -> None:
        type(self).agreed += self.program.agreed

    def pays(self, kept: Promise, offered: Offer, *, declined: bool) -> None:
        self.program.pay(kept)

    def take(self, interval: str, seats: int) -> None:
        stays = self.model.seats - self.model.held[interval].seats
        if self.model.charging != "at_once" and seats + stays >= PEOPLE:
            super().take(interval, seats)

    def withdraw(self, interval: str, kind: str, change: Any) -> None:
        each = self.model.held[interval]
        stays = each.seats_later + sum(one.seats_later for one in self.model.renewing if one is not each)
        if kind != "cancel" or stays >= PEOPLE:
            super().withdraw(interval, kind, change)

    def down(self, wish: Wish, real: Callable[[], object]) -> None:
        if not 0 < life.seats_left(self.model, wish) < PEOPLE:
            super().down(wish, real)

    @precondition(lambda self: self.model.held and len(self.model.renewing) == len(self.model.held))
    @rule(interval=st.sampled_from([None, "month", "year"]), really=st.integers(0, 3))
    def cancels(self, interval: str | None, really: int) -> None:
        if really < 3:
            return
        ending = [each for each in self.model.held.values() if interval in (None, each.interval)]
        stays = sum(each.seats_later for each in self.model.renewing if each not in ending)
        if ending and (not stays or stays >= PEOPLE):
            now = self.program.now
            self.both(lambda: life.cancel(self.model, interval, now), lambda: self.program.cancel(interval))
