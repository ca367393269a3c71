"""Random lives: one account after another does what accounts do, and its process dies at random moments.

A life is known by its seed. Nothing is staged between two deeds, so that a death costs little; and what an earlier
death has left behind is there when the next one comes.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from palier.apps.accounts.models import Member
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows.change import Choice
from palier.kit import clock
from tests import unpaid, world
from tests.faults.plays import BEHAVIOURS, Play, curtain, recovered, second_tab
from tests.faults.plays_of_endings import cancellation_of, withdrawal_of
from tests.faults.plays_of_people import guest, invitation_of
from tests.faults.plays_of_purchases import billing_admin, change_of, first_purchase_of
from tests.faults.plays_of_renewals import renewal_of
from tests.faults.promises_of_flows import Holds, assert_card_replaced
from tests.faults.scenes import an_owner
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess

SEED: Final = os.environ.get("PALIER_FAULTS_SEED") or "palier"
"""Whence all chance comes; a failure says it, so that it can be had again."""

BEGINNING: Final = timedelta(days=700)
"""How long ago a life begins."""

DEEDS: Final = 12
"""The deeds of a life. None is longer than a year, so that it ends before its card expires."""


@dataclass
class Life:
    """An account, its people, its own time, and the chance that leads it."""

    owner: Member
    admin: Member
    chance: random.Random
    at: datetime
    told: list[str] = field(default_factory=list)

    @property
    def held(self) -> Subscription:
        """Its subscription."""
        return Subscription.objects.alive().get(account=self.owner.account)

    def holds(self, **more: int) -> Holds:
        """What is held after a purchase of ``more``."""
        held = self.held
        return {held.interval: {item.key: item.quantity for item in held.items.all()} | more}


Deed = Callable[[Life, SandboxProcess], Play]


def first_purchase(life: Life, sandbox: SandboxProcess) -> Play:
    """It begins to pay."""
    return first_purchase_of(sandbox, life.owner, life.chance.randint(3, 9), life.at)


def more_seats(life: Life, sandbox: SandboxProcess) -> Play:
    """One to three seats more."""
    seats = life.holds()[life.held.interval]["team"] + life.chance.randint(1, 3)
    return change_of(life.owner, Choice("team", life.held.interval, seats), life.holds(team=seats), life.at)


def add_ons(life: Life, sandbox: SandboxProcess) -> Play:
    """One or two units of an add-on more."""
    now = life.holds()[life.held.interval]
    units = now.get("records", 0) + life.chance.randint(1, 2)
    choice = Choice("team", life.held.interval, now["team"], add_ons=(("records", units),))
    return change_of(life.owner, choice, life.holds(records=units), life.at)


def new_card(life: Life, sandbox: SandboxProcess) -> Play:
    """Another card is put on file, in two tabs."""
    unpaid.typed_on_file(sandbox, life.owner, world.GOOD)
    elsewhere = second_tab("replace_card", life.owner.account, life.at, member=life.owner.id)
    account, kept = life.owner.account, assert_card_replaced
    return curtain(account, life.at, story="replace_card", kept=kept, elsewhere=elsewhere, member=life.owner.id)


def an_end(life: Life, sandbox: SandboxProcess) -> Play:
    """It is canceled."""
    return cancellation_of(life.owner, life.admin, life.at)


def no_end(life: Life, sandbox: SandboxProcess) -> Play:
    """The cancellation is taken back."""
    return withdrawal_of(life.held.scheduled.get(state="waiting"), life.owner, life.admin, life.at)


def a_renewal(life: Life, sandbox: SandboxProcess) -> Play:
    """Its period ends, and the next is paid."""
    life.at = life.held.period_end
    return renewal_of(life.owner, life.held)


def an_invitation(life: Life, sandbox: SandboxProcess) -> Play:
    """Somebody is invited."""
    return invitation_of(life.owner, guest(), life.at)


def deed_of(life: Life) -> Deed:
    """What it does next."""
    if not life.told:
        return first_purchase
    if ScheduledChange.objects.filter(subscription__account=life.owner.account, state="waiting").exists():
        return no_end
    usual: list[Deed] = [more_seats, add_ons, new_card, an_end, a_renewal]
    if len(life.told) <= 1:  # while a seat is free for certain
        usual.append(an_invitation)
    return life.chance.choice(usual)


LENGTHS: Final[dict[Deed, int]] = {
    first_purchase: 105,
    more_seats: 100,
    add_ons: 100,
    new_card: 32,
    an_end: 30,
    no_end: 28,
    a_renewal: 110,
    an_invitation: 24,
}
"""About how many points a deed passes: who shall die after the last one lives, and no death is counted."""


def lived(seed: str, stage: Theatre, sandbox: SandboxProcess) -> tuple[int, list[str]]:
    """A whole life; how often its process was killed, and what was broken."""
    owner = an_owner()
    begun = clock.now() - BEGINNING
    life = Life(owner, billing_admin(owner, begun), random.Random(seed), begun)
    killed = 0
    for _ in range(DEEDS):
        died, wrong = _done(life, stage, sandbox)
        killed += died
        if wrong:
            return killed, [f"PALIER_FAULTS_SEED={SEED}, life {seed}: {wrong} (before: {', '.join(life.told)})"]
    return killed, []


def _done(life: Life, stage: Theatre, sandbox: SandboxProcess) -> tuple[bool, str]:
    """The next deed and its death; whether somebody died, and what is broken after the recovery."""
    deed = deed_of(life)
    play = deed(life, sandbox)
    number, behaviour = life.chance.randrange(LENGTHS[deed]), life.chance.choice(BEHAVIOURS)
    ending = stage.perform(play.story, die_at=number, **play.arguments)
    where = f"{deed.__name__} killed {ending.points[-1]} (point {number})" if ending.killed else deed.__name__
    wrong = recovered(play, behaviour, sandbox)
    life.told.append(where)
    life.at += timedelta(hours=2)
    return ending.killed, wrong and f"{where}, then {behaviour.__name__}: {wrong}"
