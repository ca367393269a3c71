"""A process may die between any two lines, and no customer notices: each is charged once, or not at all.

A rehearsal passes every point of a story: each SQL statement, each commit, each step of each request to the gateway.
Then the story is played once for each point, on a fresh account, by a process that sends itself SIGKILL there; recovery
runs, and both books are read. No exception stands in for the kill: nothing is unwound and nothing is rolled back by us.
"""

import pytest

from tests.books import assert_balanced
from tests.faults.crash import Staging, killed_at, points_of, wrong_after
from tests.faults.scenes import RECOVERIES, first_purchase, plan_change, webhook
from tests.faults.sizes import chosen, deaths, in_turn
from tests.faults.theatre import Theatre
from tests.report.happened import happened
from tests.report.size import SIZE, Size
from tests.sandbox_process import SandboxProcess

FLOORS = [(first_purchase, 70), (plan_change, 60), (webhook, 60)]
"""The stories, each with a number of points that it surely passes: fewer would mean that some went unwatched."""


@pytest.mark.parametrize(("story", "floor"), FLOORS, ids=[story.__name__ for story, _ in FLOORS])
def test_a_kill_at_any_point_charges_once_and_loses_nothing(
    story: Staging, floor: int, stage: Theatre, sandbox: SandboxProcess
) -> None:
    points = points_of(story, stage, sandbox)
    assert len(points) >= floor

    failures, killed = [], list[int]()
    for number, recovery in in_turn(chosen(points), RECOVERIES, each=SIZE is Size.RELEASE):
        scene = story(sandbox)
        killed_at(number, points[number], scene, stage)
        killed.append(number)
        if failure := wrong_after(scene, recovery, sandbox):
            failures.append(f"killed {points[number]} (point {number}), then {recovery.__name__}: {failure}")
    assert not failures, "\n".join(failures)
    assert_balanced(sandbox)
    deaths(story.__name__, points, killed)


def test_a_kill_of_the_rescuer_too_charges_once_and_loses_nothing(stage: Theatre, sandbox: SandboxProcess) -> None:
    """The first dies when the request has left and before the answer; the second wherever it can."""
    points = points_of(first_purchase, stage, sandbox)
    sent = points.index("after POST /v1/charges: http11.send_request_body")
    rescued = first_purchase(sandbox)
    killed_at(sent, points[sent], rescued, stage)
    again = stage.perform("work", quote=rescued.quote.id).points
    assert len(again) >= 40

    failures, killed = [], 0
    for number, recovery in in_turn(chosen(again), RECOVERIES, each=SIZE is Size.RELEASE):
        scene = first_purchase(sandbox)
        killed_at(sent, points[sent], scene, stage)
        assert stage.perform("work", die_at=number, quote=scene.quote.id).killed
        killed += 1
        if failure := wrong_after(scene, recovery, sandbox):
            failures.append(f"killed twice, then {again[number]} (point {number}): {failure}")
    assert not failures, "\n".join(failures)
    assert_balanced(sandbox)
    happened("process_kills", killed, story="first_purchase")
    happened("recovery_kills", killed, story="first_purchase")
