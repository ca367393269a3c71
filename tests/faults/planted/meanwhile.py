"""Two at one moment in a forced order: the second does all its work at a chosen line of the first's."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

from django.db import IntegrityError, connection, connections

from palier.kit.refusals import Refusal
from tests.live_stack import until

PATIENCE_SECONDS = 120.0

_WAITS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock')"


@contextmanager
def meanwhile(owner: object, name: str, second: Callable[[], object]) -> Iterator[list[object]]:
    """When ``owner.name`` is first called, ``second`` is played on a connection of its own before that call is made,
    until it is over or waits for a lock that the caller holds.

    Yields a list that holds its answer, or its refusal by us or by the database, once the block has ended.
    """
    played, answers = getattr(owner, name), list[object]()
    begun: list[Future[object]] = []
    with ThreadPoolExecutor(1) as thread:

        def paused(*values: Any, **options: Any) -> Any:
            setattr(owner, name, played)
            begun.append(_begin(thread, second))
            return played(*values, **options)

        setattr(owner, name, paused)
        try:
            yield answers
        finally:
            setattr(owner, name, played)
            answers += [each.result(PATIENCE_SECONDS) for each in begun]
    assert begun, f"{name} was never called"


def _begin(thread: ThreadPoolExecutor, second: Callable[[], object]) -> Future[object]:
    connected, of_second = Event(), list[int]()

    def play() -> object:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                of_second.append(cursor.fetchone()[0])
            connected.set()
            return second()
        except (Refusal, IntegrityError) as refusal:
            return refusal
        finally:
            connected.set()
            connections.close_all()

    future = thread.submit(play)
    assert connected.wait(PATIENCE_SECONDS)
    until(lambda: future.done() or _waits(of_second), "the end of the second, or its lock", seconds=PATIENCE_SECONDS)
    return future


def _waits(of_second: list[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, [of_second[0] if of_second else 0])
        return bool(cursor.fetchone()[0])
