"""The program without a database: what it computes and decides, on the facts of one account that are held in memory.

Whatever decides is the program's own: the refusals of a choice, the engine's draft, the promise as it is kept, the
steps down and what goes with them, the sums of a night. Here is only what the flows would write into rows, and the
order of the instants at which something is due. Everything is paid at once; who sits on which seat, cards and debts
are asked of whole lives (``driver.py``).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Final

from palier.apps.accounts.models import Account
from palier.apps.entitlements import allowances
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.engine import wire
from palier.engine.drafts import Draft, RenewalPreview
from palier.engine.lines import Line
from palier.engine.subscription import State
from palier.flows import basket_bills, baskets, change, quote, renew_sums, schedule, upcoming
from palier.flows.change import Choice
from palier.flows.facts import Facts, Held, tax_of
from palier.flows.seats import choice_of_seats
from tests.engine.settlement import settled
from tests.model import reference
from tests.model.agreement import assert_agree, choice
from tests.model.as_stored import SOLD, catalogue_with, items_of, of_a_night, only, records, sold, stored
from tests.model.calendar_days import day_of, midnight, next_day
from tests.model.reference import Wish
from tests.model.time_held import TimeHeld
from tests.world import NOON

PEOPLE: Final = 2
"""Few, so that many numbers of seats can be had."""


@dataclass(frozen=True)
class Promise:
    """A price that is kept, as its row keeps it."""

    choice: Choice
    draft: str
    digest: str
    total_minor: int


class Paper:
    """One account: what it holds, what was invoiced, and its clock."""

    def __init__(self) -> None:
        self.now = NOON
        self.account = Account(name="Cabinet Lumière", country="FR", currency="EUR")
        self.catalogue = SOLD
        self.held: dict[int, Held] = {}
        self.opened: dict[int, datetime] = {}  # since when a basket collects seats, by subscription
        self.books: dict[int, TimeHeld] = {}
        self.invoices: Counter[int] = Counter()
        self.ended: list[str] = []
        self.agreed = 0
        self._lines = count()

    @property
    def facts(self) -> Facts:
        """As ``flows.facts`` reads them from the rows."""
        return Facts(
            account=self.account,
            catalogue=self.catalogue,
            currency="EUR",
            tax=tax_of(self.account, None, self.catalogue, now=self.now),
            held=tuple(sorted(self.held.values(), key=lambda held: held.interval)),
            trial=None,
            active_members=PEOPLE,
            unpaid=False,
            plan_before="",  # what is used, which decides about a lower plan after the end, is not on paper
        )

    def publish(self, prices: Mapping[tuple[str, str], int], charging: str) -> None:
        """The catalogue with other prices for euros and another policy for seats."""
        self.catalogue = catalogue_with(prices, charging)

    # Up: paid first

    def quoted(self, wish: Wish) -> Promise:
        facts = self.facts
        chosen = choice(wish).led_by_what_renews(facts)
        draft = quote.draft_for(facts, chosen, now=self.now)
        return Promise(chosen, json.dumps(wire.draft_to_json(draft)), wire.digest(draft), draft.total_minor)

    def pay(self, kept: Promise) -> None:
        """The promise is read back and settled; the renewals that it told are those that are seen from then on."""
        draft = wire.draft_from_json(json.loads(kept.draft))
        assert wire.digest(draft) == kept.digest
        facts = self.facts
        self._take_back(facts, kept.choice)
        own, other = kept.choice.grounds(facts)
        beside = draft.beside.interval if draft.beside else None
        self._bring(own, draft, draft.after, [line for line in draft.lines if line.interval is not beside])
        if draft.beside is not None:
            lines = [line for line in draft.lines if line.interval is beside]
            if draft.beside.state is not None:
                self._bring(other, draft, draft.beside.state, lines)
                self._stay_on(change.plan_that_waits(facts, kept.choice))
            elif other is not None:
                self._finish(other.id, next_day(day_of(self.now)), lines)
        self.invoices[draft.total_minor] += 1
        self._assert_told(draft)

    def _stay_on(self, plan: str) -> None:
        """A lower plan waits on both subscriptions until the year ends."""
        for key in self.held if plan else ():
            last = change.end_of_year(*(held.current.state for held in self.held.values()))
            self._wait(key, "plan", last, plan)

    def _assert_told(self, draft: Draft) -> None:
        facts, told = self.facts, dict[str, RenewalPreview | None]({draft.after.interval: draft.renewal})
        if draft.beside and draft.beside.state:
            told[draft.beside.interval] = draft.beside.renewal
        seen = {held.interval: upcoming.of(facts, held).preview for held in facts.held}
        assert {key: each and each.total_minor for key, each in seen.items()} == {
            key: each and each.total_minor for key, each in told.items()
        }

    def _take_back(self, facts: Facts, chosen: Choice) -> None:
        gone = {each.id for each in change.settled_by(facts, chosen)}
        for held in facts.held:
            waiting = tuple(each for each in held.waiting if each.id not in gone)
            self.held[held.subscription.id] = replace(held, waiting=waiting)

    def _bring(self, subscription: Subscription | None, draft: Draft, state: State, lines: Sequence[Line]) -> None:
        """A subscription is opened or moved to a state; a new period postpones what waits for the end of the old."""
        before = self.held[subscription.id] if subscription else None
        row = stored(state, before.subscription.id if before else None)
        since = next_day(day_of(self.now))
        fresh = before is None or before.subscription.period_end != row.period_end
        if before and fresh:
            self._finish(row.id, since, [line for line in lines if line.credits])
        if fresh:
            self.books[row.id] = TimeHeld(day_of(row.period_start), day_of(row.period_end))
            since = day_of(row.period_start)
            self.books[row.id].change(since, items_of(state), [line for line in lines if not line.credits])
        else:
            self.books[row.id].change(since, items_of(state), lines)
        waiting = before.waiting if before else ()
        for each in waiting:
            each.effective_at = max(each.effective_at, row.period_end)
        current = settled(before.current if before else None, only(draft, state, lines), self._ids(lines))
        self.held[row.id] = Held(row, current, state.seats, waiting)
        self.opened.pop(row.id, None)

    def _finish(self, subscription_id: int, since: date, lines: Iterable[Line]) -> None:
        """A billed period ends before its time, or a subscription does."""
        book = self.books.pop(subscription_id)
        book.change(since, {}, lines)
        book.check()
        del self.held[subscription_id]
        self.opened.pop(subscription_id, None)

    def _ids(self, lines: Sequence[Line]) -> list[str]:
        return [f"line-{next(self._lines)}" for _ in lines]

    # Seats of a day

    def take(self, interval: str, seats: int) -> None:
        facts = self.facts
        chosen, held = choice_of_seats(facts, seats, interval), facts.on(interval)
        assert held is not None
        baskets.checked(facts, held, chosen, seats, now=self.now)
        self._take_back(facts, chosen)
        key = held.subscription.id
        self.held[key] = replace(self.held[key], seats=seats)
        if seats == held.current.state.seats:
            self.opened.pop(key, None)
        else:
            self.opened.setdefault(key, self.now)

    def _bill(self, key: int) -> None:
        held, opened = self.held[key], self.opened.pop(key)
        draft = basket_bills.bill_of(self.facts, held, opened)
        self.books[key].change(next_day(day_of(opened)), items_of(draft.after), draft.lines)
        self.held[key] = replace(held, current=settled(held.current, draft, self._ids(draft.lines)))
        self.invoices[draft.total_minor] += 1

    # Down: at the end of the paid period

    def step_down(self, wish: Wish) -> None:
        self._schedule(choice(wish))

    def reduce(self, interval: str, seats: int) -> None:
        self._schedule(choice_of_seats(self.facts, seats, interval))

    def _schedule(self, chosen: Choice) -> None:
        facts = self.facts
        schedule.check_step_down(facts, chosen)
        foreseen = [each.preview for each in schedule.foreseen(facts, chosen)]
        for held in facts.held:
            for step in schedule.steps_of(facts, held, chosen):
                self._wait(held.subscription.id, step.kind, step.effective_at, step.key, step.quantity)
        after = self.facts
        assert foreseen == [upcoming.of(after, held).preview for held in after.held]

    def cancel(self, interval: str | None) -> None:
        for held in self.facts.held:
            if interval in (None, held.interval) and not held.cancels:
                self._wait(held.subscription.id, "cancel", held.subscription.period_end)

    def _wait(self, key: int, kind: str, at: datetime, name: str = "", quantity: int = 0) -> None:
        held, about = self.held[key], (kind, name if kind == "add_on" else "")
        others = [each for each in held.waiting if (each.kind, each.key if kind == "add_on" else "") != about]
        made = ScheduledChange(kind=kind, key=name, quantity=quantity, effective_at=at, subscription_id=key)
        self.held[key] = replace(held, waiting=(*others, made))

    @property
    def waiting(self) -> list[tuple[str, ScheduledChange]]:
        return [(held.interval.value, each) for held in self.facts.held for each in held.waiting]

    def withdraw(self, waiting: ScheduledChange) -> None:
        schedule.check_withdrawal(self.facts, waiting)
        gone = {each.id for each in schedule.with_its_twin(self.facts, waiting)}
        for key, held in self.held.items():
            self.held[key] = replace(held, waiting=tuple(each for each in held.waiting if each.id not in gone))

    # Time

    def travel(self, days: int) -> None:
        """Everything that falls due on the way happens at its own instant: what a day collected before what renews."""
        until = self.now + timedelta(days=days)
        while due := min(self._due(until), default=None):
            self.now, renews, _interval, key = due
            self._renew(key) if renews else self._bill(key)
        self.now = until

    def _due(self, until: datetime) -> Iterable[tuple[datetime, bool, str, int]]:
        for key, held in self.held.items():
            found = [(held.subscription.period_end, True)]
            if key in self.opened:
                found.append((midnight(next_day(day_of(self.opened[key]))), False))
            yield from ((at, renews, held.interval.value, key) for at, renews in found if at <= until)

    def _renew(self, key: int) -> None:
        held = self.held[key]
        book = self.books.pop(key)
        book.check()
        night = of_a_night(held, self.now, self.catalogue)
        renewal = renew_sums.of(night, night.held[0])
        if renewal is None:
            del self.held[key]
            self.ended.append("canceled")
            return
        # The sum of a kind of renewals may have been drafted for another anchor.
        after = replace(renewal.sum.draft.after, anchor_at=held.current.state.anchor_at)
        draft = replace(renewal.sum.draft, after=after)
        assert after.period.start == held.subscription.period_end
        assert sum(each.amount_minor for each in renewal.sum.postings) == 0
        waiting = tuple(each for each in held.waiting if each not in renewal.applied)
        current = settled(held.current, draft, self._ids(draft.lines))
        self.held[key] = Held(stored(after, key), current, renewal.seats, waiting)
        self.books[key] = TimeHeld(day_of(after.period.start), day_of(after.period.end))
        self.books[key].change(day_of(after.period.start), items_of(after), draft.lines)
        self.invoices[renewal.sum.total_minor] += 1

    # The two agree

    def check(self, model: reference.Account) -> None:
        """What is held, owed and waits, each total, each billed instant, and what the account may have."""
        facts = self.facts
        assert_agree(facts, model)
        assert self.invoices == Counter(model.invoices) + Counter(debt.total for debt in model.debts)
        assert self.ended == model.ended
        for book in self.books.values():
            book.check()
        grants = {grant.key: grant.limit for grant in allowances.of_sold(self.catalogue, sold(facts))}
        assert grants["records"] == records(model)
        self.agreed += 1
