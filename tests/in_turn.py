"""Two at one moment, in a chosen order: the first holds the account's lock, the second is already under way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from django.db import connection, connections, transaction

from palier.apps.accounts.models import Account
from palier.kit.refusals import Refusal

PATIENCE_SECONDS = 120

_WAITS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock')"


def in_turn(
    account_id: int, first: Callable[[], object], second: Callable[[], object]
) -> tuple[object | Refusal, object | Refusal]:
    """Let ``second`` read what it reads before the account's lock, and wait for it, while ``first`` does its work.

    A second that waits for no lock (a renewal skips who is busy) is over before the first has begun.
    """
    locked, over = Event(), Event()
    of_second: list[int] = []

    def leading() -> object:
        with transaction.atomic():
            Account.objects.locked(account_id)
            locked.set()
            while not over.wait(0.005) and not _waits_for_a_lock(of_second):
                pass
            return first()

    def following() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            of_second.append(cursor.fetchone()[0])
        assert locked.wait(PATIENCE_SECONDS)
        try:
            return second()
        finally:
            over.set()

    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(_answered, action) for action in (leading, following)]
        one, other = (each.result(PATIENCE_SECONDS) for each in running)
    return one, other


def _waits_for_a_lock(pids: list[int]) -> bool:
    if not pids:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, pids)
        waits: bool = cursor.fetchone()[0]
    return waits


def _answered(action: Callable[[], object]) -> object | Refusal:
    try:
        return action()
    except Refusal as refusal:
        return refusal
    finally:
        connections.close_all()
