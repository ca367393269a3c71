"""A worker hangs between the two transactions, long enough to be taken for dead; another finishes; then it goes on."""

import pytest

from tests.books import assert_balanced
from tests.faults.crash import moments, points_of
from tests.faults.promises import assert_paid_once
from tests.faults.scenes import RECOVERIES, first_purchase, recover
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_that_wakes_after_its_work_was_done_by_another_changes_nothing(
    stage: Theatre, sandbox: SandboxProcess
) -> None:
    points = points_of(first_purchase, stage, sandbox)
    outside = [number for number in moments(points) if "POST /v1/charges" in points[number]]
    assert len(outside) >= 5  # connecting or not, the bytes leave in two pieces and come back in two

    for turn, number in enumerate(outside):
        scene = first_purchase(sandbox)
        stage.freeze(scene.story, at=number, **scene.arguments)
        recover(scene, RECOVERIES[turn % len(RECOVERIES)], sandbox)
        assert not stage.wake().killed
        assert_paid_once(scene.quote, sandbox)
    assert_balanced(sandbox)
