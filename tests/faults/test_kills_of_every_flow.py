"""Every flow that changes what is held, owed or taken is killed; each promise holds, whoever comes back.

See ``docs/reference/faults.md``. A rehearsal passes every point of the flow; then it is played once for each chosen
moment, on a fresh account, by a process that sends itself SIGKILL there.
"""

from datetime import timedelta
from typing import Any

import pytest

from tests.books import assert_balanced
from tests.faults.crash import killed_at, moments, the_dead_let_go
from tests.faults.plays import BEHAVIOURS, Behaviour, Play, Staging, recovered
from tests.faults.plays_of_accounts import export_of_everything, opening, round_of_the_doctor
from tests.faults.plays_of_debts import (
    card_change,
    end_unpaid,
    pay_now,
    retry_that_fails,
    retry_that_pays,
    suspension,
)
from tests.faults.plays_of_endings import (
    cancellation,
    closing,
    late_capture,
    late_capture_unheard,
    refund_by_hand,
    withdrawal,
)
from tests.faults.plays_of_pages import page_of_pay
from tests.faults.plays_of_people import invitation, joining
from tests.faults.plays_of_purchases import add_ons, beside, checkout, interval_switch, more_seats, seat_request
from tests.faults.plays_of_renewals import renewal
from tests.faults.sizes import chosen, deaths, in_turn, spread
from tests.faults.theatre import Theatre
from tests.report.happened import happened
from tests.report.size import SIZE, Size, sized
from tests.sandbox_process import SandboxProcess

FLOORS = {
    checkout: 70,
    page_of_pay: 90,
    more_seats: 70,
    add_ons: 70,
    interval_switch: 80,
    beside: 70,
    seat_request: 80,
    pay_now: 90,
    card_change: 85,
    retry_that_pays: 85,
    retry_that_fails: 90,
    suspension: 38,
    end_unpaid: 60,
    cancellation: 26,
    withdrawal: 25,
    late_capture: 70,
    late_capture_unheard: 70,
    refund_by_hand: 20,
    renewal: 70,
    invitation: 15,
    joining: 15,
    closing: 15,
    opening: 60,
    export_of_everything: 30,
    round_of_the_doctor: 80,
}
"""The plays, each with a number of points that it surely passes: fewer would mean that some went unwatched."""


def rehearsed(staging: Staging, stage: Theatre, sandbox: SandboxProcess) -> list[str]:
    """All points of a play, from a run that nobody kills and that keeps its promise."""
    first = staging(sandbox)
    stage.rehearse(first.story, **first.arguments)
    play = staging(sandbox)
    ending = stage.perform(play.story, **play.arguments)
    assert not ending.killed
    play.kept(play, sandbox)
    return ending.points


def wrong_after(play: Play, where: str, behaviour: Behaviour, sandbox: SandboxProcess) -> str:
    """Let recovery run; what is broken then, where and with whom."""
    the_dead_let_go()
    wrong = recovered(play, behaviour, sandbox)
    return wrong and f"killed {where}, then {behaviour.__name__}: {wrong}"


def assert_none(broken: list[str], sandbox: SandboxProcess) -> None:
    """No promise was broken, and both books are in order."""
    assert not any(broken), "\n".join(filter(None, broken))
    assert_balanced(sandbox)


@pytest.mark.parametrize(("staging", "floor"), FLOORS.items(), ids=[staging.__name__ for staging in FLOORS])
def test_a_kill_at_any_moment_breaks_no_promise(
    staging: Staging, floor: int, stage: Theatre, sandbox: SandboxProcess
) -> None:
    points = rehearsed(staging, stage, sandbox)
    assert len(points) >= floor

    broken, killed = [], list[int]()
    for number, behaviour in in_turn(chosen(points), BEHAVIOURS, each=SIZE is Size.RELEASE):
        play = staging(sandbox)
        killed_at(number, points[number], play, stage)
        killed.append(number)
        broken.append(wrong_after(play, f"{points[number]} (point {number})", behaviour, sandbox))
    assert_none(broken, sandbox)
    deaths(staging.__name__, points, killed)


WHOLE = [checkout, renewal] if SIZE is Size.RELEASE else []
"""Of these all pairs are played."""

PAIRED = [checkout, renewal] if SIZE is Size.PR else list(FLOORS)
FIRSTS, SECONDS = sized((4, 8), (14, 14), (24, 24))
"""At how many moments of a play its process dies, and at how many of each recovery the rescuer as well."""


@pytest.mark.parametrize("staging", PAIRED, ids=lambda staging: staging.__name__)
def test_a_kill_of_the_rescuer_too_breaks_no_promise(staging: Staging, stage: Theatre, sandbox: SandboxProcess) -> None:
    points = rehearsed(staging, stage, sandbox)
    firsts, seconds = (len(points), len(points)) if staging in WHOLE else (FIRSTS, SECONDS)
    broken = []
    for first in spread(points, moments(points)[1:-1], firsts):
        again = rescue_of(dead(staging, first, points, stage, sandbox), stage)
        for turn, second in enumerate(spread(again, moments(again), seconds)):
            play = dead(staging, first, points, stage, sandbox)
            assert stage.perform("clock_turns", die_at=second, **rescue(play)).killed
            where = f"{points[first]} (point {first}) and {again[second]} (point {second} of the rescue)"
            broken.append(wrong_after(play, where, BEHAVIOURS[turn % len(BEHAVIOURS)], sandbox))
    assert len(broken) >= FIRSTS, "a rescue passes some points whatever it finds"
    assert_none(broken, sandbox)
    happened("process_kills", len(broken), story=staging.__name__)
    happened("recovery_kills", len(broken), story=staging.__name__)


def dead(staging: Staging, number: int, points: list[str], stage: Theatre, sandbox: SandboxProcess) -> Play:
    """A play whose process has died at a moment."""
    play = staging(sandbox)
    killed_at(number, points[number], play, stage)
    the_dead_let_go()
    return play


def rescue(play: Play) -> dict[str, Any]:
    """The clock's turn ten minutes after a death."""
    return {"account": play.account.id, "at": (play.at + timedelta(minutes=10)).isoformat()}


def rescue_of(play: Play, stage: Theatre) -> list[str]:
    """The points that a rescue passes when nobody kills it."""
    ending = stage.perform("clock_turns", **rescue(play))
    assert not ending.killed
    return ending.points
