"""Many at one moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from palier.kit.refusals import Refusal


def together[T](actions: Sequence[Callable[[], T]]) -> list[T | Refusal]:
    """Run each in a thread with a connection of its own, all released at one moment; refusals are answers too."""
    gate = Barrier(len(actions))

    def one(action: Callable[[], T]) -> T | Refusal:
        try:
            with connection.cursor() as cursor:  # how long a crowd waits says more about the machine than about us
                cursor.execute("SET lock_timeout = 0")
            gate.wait(timeout=240)
            return action()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(one, actions))
