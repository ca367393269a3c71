"""Work for later, deferred by name inside the caller's transaction: rolled back with it, seen only after its commit."""

from datetime import datetime

from procrastinate.contrib.django import app

from palier.kit import writes


def defer(name: str, *, at: datetime | None = None, **arguments: int | str) -> None:
    """Defer the job ``name`` (defined in ``interfaces.worker.tasks``), not before the instant ``at`` where given.

    Jobs run at least once (a killed worker's job is rescued and run again), so every job is repeatable.
    """
    writes.enqueue(app.configure_task(name, allow_unknown=False, schedule_at=at).make_new_job(**arguments))
