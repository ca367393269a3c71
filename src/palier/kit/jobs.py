"""Work for later, deferred by name inside the caller's transaction: rolled back with it, seen only after its commit."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from palier.kit import writes


def defer(name: str, *, at: datetime | None = None, priority: int = 0, **arguments: int | str) -> None:
    """Defer the job ``name`` (defined in ``interfaces.worker.tasks``), not before the instant ``at`` where given.

    A job of a higher ``priority`` starts first, whenever it came.
    Jobs run at least once (a killed worker's job is rescued and run again), so every job is repeatable.
    """
    task = app.configure_task(name, allow_unknown=False, schedule_at=at, priority=priority)
    writes.enqueue(task.make_new_job(**arguments))


def defer_once(name: str, key: str, *, priority: int = 0, **arguments: int | str) -> None:
    """Defer the job unless one with the same ``key`` waits already; one of a key runs at a time."""
    task = app.configure_task(name, allow_unknown=False, priority=priority, lock=key, queueing_lock=key)
    with suppress(AlreadyEnqueued), writes.told_as_ours(), transaction.atomic():
        writes.manager.defer_job(task.make_new_job(**arguments))


def defer_forgotten(name: str, argument: str, rows: QuerySet[Any], *, at_most: int = 500, priority: int = 0) -> int:
    """Defer the job for the first of the rows that no waiting or running job is about; returns for how many."""
    forgotten = rows.exclude(pk__in=waiting(name, argument)).order_by("id").values_list("id", flat=True)
    identities = list(forgotten[:at_most])
    with writes.together():
        for identity in identities:
            arguments: dict[str, Any] = {argument: identity}
            defer(name, priority=priority, **arguments)
    return len(identities)


def waiting(name: str, argument: str) -> set[int]:
    """What the jobs ``name`` that are waiting or running are about: the values of their ``argument``."""
    live = ProcrastinateJob.objects.filter(task_name=name, status__in=("todo", "doing"))
    return set(live.values_list(f"args__{argument}", flat=True))
