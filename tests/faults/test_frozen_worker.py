"""A worker hangs, long enough to be taken for dead; another ends its work; then it goes on and changes nothing.

It is frozen at the steps of a charge, where nothing is locked, and at the beginning and the end of a chunk of renewals.
Inside a transaction PostgreSQL itself cuts it off: see ``config/database.py``.
"""

from datetime import timedelta

import pytest

from palier.apps.agenda.models import Due
from tests.actors import stories
from tests.books import assert_balanced
from tests.faults.nights import JUNE, assert_renewed_once, planned
from tests.faults.plays import BEHAVIOURS, Staging, recovered
from tests.faults.plays_of_debts import pay_now, retry_that_fails, retry_that_pays
from tests.faults.plays_of_purchases import checkout, more_seats
from tests.faults.plays_of_renewals import renewal
from tests.faults.sizes import in_turn
from tests.faults.theatre import Theatre
from tests.refused import digest
from tests.report.happened import happened
from tests.report.size import SIZE, Size, sized
from tests.sandbox_process import SandboxProcess

FLOWS: list[Staging] = sized(
    [checkout, retry_that_fails],
    [checkout, more_seats, pay_now, retry_that_pays, retry_that_fails, renewal],
    [checkout, more_seats, pay_now, retry_that_pays, retry_that_fails, renewal],
)
MOST = sized(4, 100, 100)


@pytest.mark.parametrize("staging", FLOWS, ids=lambda staging: staging.__name__)
def test_a_worker_that_wakes_after_its_work_was_done_by_another_changes_nothing(
    staging: Staging, stage: Theatre, sandbox: SandboxProcess
) -> None:
    rehearsal = staging(sandbox)
    points = stage.perform(rehearsal.story, **rehearsal.arguments).points
    outside = [number for number, point in enumerate(points) if "POST /v1/charges" in point]
    assert len(outside) >= 8  # the bytes leave in two pieces and come back in two

    frozen = outside[:: -(-len(outside) // MOST)]
    turns = list(in_turn(frozen, BEHAVIOURS, each=SIZE is Size.RELEASE))
    for number, behaviour in turns:
        play = staging(sandbox)
        stage.hang(play.story, number, play.arguments)
        wrong = recovered(play, behaviour, sandbox)
        assert_nothing_changes(stage, f"frozen {points[number]}, then {behaviour.__name__}")
        assert not wrong, f"frozen {points[number]}, then {behaviour.__name__}: {wrong}"
        play.kept(play, sandbox)
    assert_balanced(sandbox)
    happened("frozen_workers", len(turns), story=staging.__name__)


def test_a_worker_that_wakes_after_its_chunk_was_renewed_changes_nothing(stage: Theatre) -> None:
    points = stage.perform("renew_chunk", chunk=planned(3).id, at=JUNE.isoformat()).points
    unlocked = [0, 2, len(points) - 1]  # before it reads its chunk, before it reads its range, and when all is done
    for number in unlocked:
        chunk = planned(3)
        due = Due.objects.filter(kind="renewal", subject__range=(chunk.first_subject, chunk.last_subject))
        subjects = list(due.values_list("subject", flat=True))
        stage.hang("renew_chunk", number, {"chunk": chunk.id, "at": JUNE.isoformat()})
        stories.renew_all((JUNE + timedelta(minutes=1)).isoformat())
        assert_nothing_changes(stage, f"frozen {points[number]}")
        assert_renewed_once(subjects)
    assert_balanced()
    happened("frozen_workers", len(unlocked), story="renew_chunk")


def assert_nothing_changes(stage: Theatre, when: str) -> None:
    """Whoever stood still goes on to the end, and every row is as it was."""
    before = digest()
    assert not stage.wake().killed
    assert digest() == before, f"the zombie has written: {when}"
