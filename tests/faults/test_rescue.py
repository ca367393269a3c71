"""Which jobs of a dead worker run again, that none stands in the way of another, and what stays of the failed."""

import asyncio
import json
import logging

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.interfaces.worker import tasks


def worker(*, silent_seconds: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [silent_seconds],
        )
        row: tuple[int] = cursor.fetchone()
    return row[0]


def job(task: str, *, worker: int | None, status: str = "doing", lock: str | None = None, **arguments: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id, queueing_lock) "
            "VALUES ('billing', %s, %s, %s::procrastinate_job_status, %s, %s) RETURNING id",
            [task, json.dumps(arguments), status, worker, lock],
        )
        row: tuple[int] = cursor.fetchone()
    return row[0]


def state_of(job_id: int) -> str | None:
    return ProcrastinateJob.objects.filter(pk=job_id).values_list("status", flat=True).first()


def rescue() -> None:
    asyncio.run(tasks.rescue_stalled.func(0))


def test_the_job_of_a_silent_worker_runs_again_and_that_of_a_living_one_does_not() -> None:
    stalled = job("collect_payment", worker=worker(silent_seconds=60), payment_id=1)
    pruned = job("collect_payment", worker=None, payment_id=2)
    alive = job("collect_payment", worker=worker(silent_seconds=1), payment_id=3)
    rescue()
    assert (state_of(stalled), state_of(pruned), state_of(alive)) == ("todo", "todo", "doing")


def test_a_job_that_kills_every_worker_is_given_up_and_told(caplog: pytest.LogCaptureFixture) -> None:
    poison = job("collect_payment", worker=worker(silent_seconds=60), payment_id=1)
    for _ in range(tasks.RESCUES):
        rescue()
        assert state_of(poison) == "todo"
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [poison])
    with caplog.at_level(logging.ERROR):
        rescue()
    assert state_of(poison) == "failed"
    assert f"job {poison}, collect_payment, is given up" in caplog.text


def test_a_dead_turn_of_the_clock_is_dropped_and_holds_up_nobody() -> None:
    """Its next turn does the same work. Put back beside that one it would be refused, and those behind it with it."""
    dead = worker(silent_seconds=60)
    turns = [job(task, worker=dead, lock=task) for task in ("collect_unknown", "rescue_stalled")]
    waiting = [job(task, worker=None, status="todo", lock=task) for task in ("collect_unknown", "rescue_stalled")]
    behind = job("collect_payment", worker=dead, payment_id=1)
    rescue()
    assert [state_of(turn) for turn in turns] == [None, None]
    assert [state_of(turn) for turn in waiting] == ["todo", "todo"]
    assert state_of(behind) == "todo"


def test_a_failed_job_is_kept_for_a_month_and_one_that_waits_for_ever() -> None:
    failed = [job("examine_books", worker=None, status="failed") for _ in range(2)]
    waits = job("collect_payment", worker=None, status="todo", payment_id=1)
    for job_id, hours in ((failed[0], tasks.TRACES_HOURS + 1), (failed[1], tasks.TRACES_HOURS - 1), (waits, 10**4)):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job_id])
            cursor.execute(
                "INSERT INTO procrastinate_events (job_id, type, at) "
                "VALUES (%s, 'failed', now() - make_interval(hours => %s))",
                [job_id, hours],
            )
    asyncio.run(tasks.forget_failed_jobs.func(0))
    assert [state_of(each) for each in (*failed, waits)] == [None, "failed", "todo"]
