"""A job that kills every worker that takes it: tried some times, then parked with its reason; its neighbours go on."""

import asyncio
import logging

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.interfaces.worker import tasks
from palier.kit import jobs
from tests.actors import stories
from tests.faults.theatre import Theatre
from tests.report.happened import happened


def test_a_job_that_kills_its_worker_is_given_up_and_holds_up_nobody(
    stage: Theatre, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.defer("poison")
    killed = 0
    for turn in range(tasks.RESCUES + 1):
        jobs.defer("harmless", turn=turn)
        killed += stage.perform("work_once").killed
        assert not stage.perform("work_once").killed, "the next worker does not take what a dead one has"
        assert left() == [("poison", "doing", turn)], "a neighbour waits"
        with caplog.at_level(logging.ERROR):
            its_worker_is_silent()
            asyncio.run(tasks.rescue_stalled.func(0))
    assert killed == tasks.RESCUES + 1
    assert left() == [("poison", "failed", killed)]
    assert f"{stories.poison.name}, is given up: its worker died again" in caplog.text
    assert not stage.perform("work_once").killed, "nobody takes it any more"
    happened("process_kills", killed, story="poison")


def left() -> list[tuple[str, str, int]]:
    """What became of the two jobs of this story; the clock's own jobs come whenever their minute comes."""
    ours = ProcrastinateJob.objects.filter(task_name__in=(stories.poison.name, stories.harmless.name))
    return list(ours.order_by("id").values_list("task_name", "status", "attempts"))


def its_worker_is_silent() -> None:
    """So much time has passed since its last heartbeat that it is taken for dead."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 hour'")
