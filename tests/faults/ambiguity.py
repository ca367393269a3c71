"""Answers that leave open whether money moved, how long the gateway then stays away, and what happens meanwhile."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.payments.models import Payment
from palier.flows import collect
from palier.flows.refund import NotRefunded
from palier.kit.refusals import Refusal
from tests.actors import stories
from tests.faults.events import deliver
from tests.faults.plays import Play, the_same_again
from tests.sandbox_process import SandboxProcess

TICK: Final = timedelta(seconds=10)
"""How often the clock looks for payments that are not over (``interfaces.worker.tasks.collect_unknown``)."""

LAST_TURNS: Final = timedelta(seconds=50)
"""Before the gateway is back the clock has so long done all that it does: longer than from one question to the next."""

BOUND: Final = timedelta(minutes=15)
"""The longest that a payment may be unknown once the gateway answers (reliability, I08)."""

FORBIDDEN: Final = timedelta(hours=24) * collect.KEY_MEMORY_USED_PERCENT / 100
"""From here on nothing is sent again under an old key."""

UNSEEN: Final = ("timeout_before_capture", "rate_limited", "key_in_use")
"""The request was dropped, refused for now, or met another one: nothing was done."""

SEEN: Final = ("timeout_after_capture", "error_after_capture", "error_replayed", "answer_junk")
"""The work was done and the answer is of no use."""

AWAY: Final = (*(timedelta(),) * 5, timedelta(minutes=1), timedelta(minutes=10))
LONG_AWAY: Final = (timedelta(hours=18), timedelta(hours=20), timedelta(hours=25))
"""How long the gateway answers nothing; mostly it is back at once, and sometimes its keys may be forgotten by then."""


class Lost(Exception):
    """A refund whose answer was lost: its job is tried again."""


Next = Callable[[Play, SandboxProcess], None]


def worker_again(play: Play, sandbox: SandboxProcess) -> None:
    """The same job runs once more, at once: its worker seemed dead."""
    for payment in new_payments(play):
        collect.payment(payment.id, now=play.at)


def webhook_first(play: Play, sandbox: SandboxProcess) -> None:
    """The gateway's own events arrive before anybody asks; where nothing was done there are none."""
    references = [payment.public_id for payment in new_payments(play)]
    for told in sandbox.book_of((), references)["events"]:
        deliver(sandbox, told, at=play.at)
    stories.empty_the_queue(play.account.id, play.at.isoformat())


def customer_again(play: Play, sandbox: SandboxProcess) -> None:
    """They press the same again."""
    with suppress(GatewayUnreachable):
        the_same_again(play)


def second_tab(play: Play, sandbox: SandboxProcess) -> None:
    """They try to pay the same elsewhere, and press here again."""
    with suppress(Refusal, GatewayUnreachable):
        play.elsewhere()
    customer_again(play, sandbox)


def clock_alone(play: Play, sandbox: SandboxProcess) -> None:
    """Nobody comes back."""


NEXT: Final[tuple[Next, ...]] = (worker_again, webhook_first, customer_again, second_tab, clock_alone)


@dataclass(frozen=True)
class Case:
    """One bad day. ``away`` is how long the gateway is out of reach after it."""

    fault: str
    away: timedelta
    then: Next

    def __str__(self) -> str:
        return f"{self.fault}, away for {self.away}, {self.then.__name__}"

    @property
    def unanswerable(self) -> bool:
        """Nothing was done, and by the time somebody can ask its key may be forgotten."""
        return self.fault in UNSEEN and self.away >= FORBIDDEN


def cases(chance: random.Random, number: int, *, faults: tuple[str, ...], long: bool) -> Iterator[Case]:
    """A seeded mix in which every answer meets everything that may happen next."""
    mixed = [(fault, then) for fault in faults for then in NEXT]
    for turn in range(number):
        if turn % len(mixed) == 0:
            chance.shuffle(mixed)
        fault, then = mixed[turn % len(mixed)]
        away = chance.choice(LONG_AWAY) if long and turn % 8 == 7 else chance.choice(AWAY)
        if away:
            away += TICK * chance.randrange(4)
        yield Case(fault, away, then)


def new_payments(play: Play) -> list[Payment]:
    """The payments that the play has begun; where it is about a refund, the one that is given back."""
    mine, known = Payment.objects.filter(account=play.account), [identity for identity, _ in play.before["payments"]]
    return list(mine.exclude(pk__in=known).order_by("id")) or list(mine.order_by("id"))


def unknown(play: Play) -> list[Payment]:
    """What is not over because the gateway's answer is missing."""
    return [payment for payment in new_payments(play) if (payment.state, payment.reason) == ("unknown", "no_answer")]


@contextmanager
def out_of_reach(sandbox: SandboxProcess, away: timedelta) -> Iterator[None]:
    """The gateway answers nothing for a while; its clock goes on. Afterwards the next case finds its clock at home."""
    if away:
        sandbox.fault("down", times=None)
    yield
    sandbox.clear_faults()
    if away >= timedelta(hours=1):
        sandbox.advance(away.total_seconds())


def home_again(sandbox: SandboxProcess, away: timedelta) -> None:
    """The gateway's clock is what it was."""
    if away >= timedelta(hours=1):
        sandbox.advance(-away.total_seconds())


def clock_turns_until_known(play: Play, since: datetime) -> timedelta:
    """The clock looks every ten seconds from ``since`` on; how long it took until nothing is unknown any more."""
    passed = timedelta()
    while (unrefunded := _unrefunded(play)) or unknown(play):
        passed += TICK
        while not collect.unknown(now=since + passed) and not unrefunded:  # nobody is asked about: nothing has changed
            passed += TICK
            assert passed <= BOUND, "still unknown a quarter of an hour after the gateway's return"
        assert passed <= BOUND, "still unknown a quarter of an hour after the gateway's return"
        stories.empty_the_queue(play.account.id, (since + passed).isoformat())
    return passed


def the_clock_goes_on(play: Play, away: timedelta) -> None:
    """While the gateway is out of reach the clock asks in vain, at growing distances."""
    passed = timedelta(seconds=40)
    while passed < away:
        with suppress(NotRefunded, GatewayUnreachable):
            if collect.unknown(now=play.at + passed):
                stories.empty_the_queue(play.account.id, (play.at + passed).isoformat())
        passed *= 3


def _unrefunded(play: Play) -> bool:
    return play.facts("payment.taken_late") > play.facts("payment.refunded")
