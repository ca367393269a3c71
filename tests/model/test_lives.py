"""Whole lives at random: the reference and the real flows are driven together and must agree after each step.

A few short lives run by default, more and longer ones in a night; ``PALIER_LIVES=500`` tells as many as it says,
``PALIER_LIVES_STEPS=40`` such long ones.
"""

import os
from datetime import timedelta
from itertools import cycle

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from pytest_django.fixtures import Settings

from palier.apps.orders.models import Quote
from palier.apps.payments.models import Payment
from palier.flows import quote, schedule
from tests import world
from tests.books import a_test_begins, assert_balanced
from tests.model import life, reference
from tests.model.agreement import answer
from tests.model.calendar_days import day_of
from tests.model.driver import PEOPLE, Program
from tests.model.life import Wallet
from tests.model.people import MOST_FAILURES, People
from tests.model.reference import Offer
from tests.model.rules import PRICES, SHRINK, plans, tell
from tests.report.size import SIZE, Size, sized
from tests.sandbox_process import SandboxProcess

ASKED = os.environ.get("PALIER_LIVES")
LIVES = int(ASKED or sized("8", "1200", "9000"))
STEPS = int(os.environ.get("PALIER_LIVES_STEPS", sized("14", "30", "40")))


class Life(People):
    """One account, twice; with its people, cards and debts."""

    sandbox: SandboxProcess

    def __init__(self) -> None:
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        a_test_begins()  # the lives before were rolled back, and the payment service has kept their charges
        world.publish()
        self.program = Program(self.sandbox, world.cast())
        self.model = reference.Account(dict(PRICES), PEOPLE)
        self.wallet = Wallet()
        self.in_vain = cycle(["declined", "refused", "given up"])

    def teardown(self) -> None:
        try:
            assert_balanced(self.sandbox)
        finally:
            transaction.set_rollback(True)
            self.rolled_back.__exit__(None, None, None)

    @precondition(lambda self: self.model.held)
    @rule(plan=plans)
    def lets_a_quote_expire(self, plan: str) -> None:
        wish = self.wish(plan=plan)
        code, offered = answer(lambda: self.model.offer(wish, self.program.now))
        real, kept = answer(lambda: self.program.quoted(wish))
        assert real == code
        if offered is not None and kept is not None:
            late = timedelta(minutes=31)
            assert answer(lambda: self.program.pay(kept, self._card(), after=late))[0] == "quote.expired"
            again = quote.renew(kept, now=self.program.now)
            assert again.total_minor == kept.total_minor

    @precondition(lambda self: self.model.held)
    @rule(interval=st.sampled_from([None, "month", "year"]))
    def cancels(self, interval: str | None) -> None:
        now = self.program.now
        self.both(
            lambda: life.cancel(self.model, interval, now),
            lambda: schedule.cancel(self.program.account, self.owner, interval=interval, now=now),
        )

    # Cards and money

    @precondition(lambda self: self.wallet.card)
    @rule(card=st.sampled_from(["good", "good", "declined", "lost"]))
    def replaces_the_card(self, card: str) -> None:
        now = self.program.now
        if self.program.failures_today() < MOST_FAILURES:
            self.both(
                lambda: life.replace_card(self.model, self.wallet, card, now), lambda: self.program.replace_card(card)
            )

    @precondition(lambda self: self.model.unpaid)
    @rule(twice=st.booleans())
    def pays_an_open_invoice(self, twice: bool) -> None:
        if self.program.failures_today() >= MOST_FAILURES:
            return
        now, owed = self.program.now, self.program.account.invoices.filter(state="open").order_by("id").first()
        assert owed is not None
        debt = next(each for each in self.model.debts if each.state == "open" and each.total == owed.total_minor)
        card = self.wallet.card
        for _ in range(2 if twice else 1):
            self.both(
                lambda: life.pay(self.model, self.wallet, debt, card, now),
                lambda: self.program.pay_invoice(owed),
            )

    @precondition(lambda self: self.model.charging == "end_of_day" and self.wallet.card and not self.model.unpaid)
    @rule(before=st.integers(1, 9), after=st.integers(1, 45), pays=st.booleans())
    def owes_a_days_seats_when_a_month_ends(self, before: int, after: int, pays: bool) -> None:
        if "month" not in self.model.held:
            return
        self.time_passes(max(1, (self.model.held["month"].end - day_of(self.program.now)).days - before))
        self.replaces_the_card("declined")
        self.takes_seats("month", 2)
        self.time_passes(after)
        if pays:
            self.replaces_the_card("good")

    # How

    def _card(self) -> str:
        return "saved" if self.wallet.card == "good" else "good"

    def pays(self, kept: Quote, offered: Offer, *, declined: bool) -> None:
        """Perhaps with a card first that is declined, or whose bank asks in vain; then Pay is pressed twice."""
        if declined and offered.total and self.program.failures_today() < MOST_FAILURES:
            first = next(self.in_vain)
            tried = self.program.pay(kept, "declined" if first == "declined" else "asks")
            assert tried.state == "open"
            self.program.check(self.model)
            if first != "declined":
                self.program.end_at_the_bank(tried, refused=first == "refused")
                self.program.check(self.model)
        count = Payment.objects.count()
        accepted = self.program.pay(kept, self._card())
        assert accepted.state == "settled"
        assert Payment.objects.count() == count + bool(offered.total)
        self.program.pay(kept, "saved")
        assert Payment.objects.count() == count + bool(offered.total)
        if offered.total:
            self.wallet.card = "good"


@pytest.mark.django_db
@pytest.mark.timeout(0 if ASKED else sized(300, 0, 0))
def test_the_program_lives_as_the_reference_does(sandbox: SandboxProcess, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    machine = type("LifeHere", (Life,), {"sandbox": sandbox})
    tell(
        machine,
        number=LIVES,
        steps=STEPS,
        same=SIZE is Size.PR and not ASKED,
        shrink=SHRINK,
    )
