"""How long something takes: the best of several turns, and positions in a list of times."""

import time
from collections.abc import Callable, Sequence

TURNS = 7
TURN_SECONDS = 0.08


def microseconds(call: Callable[[], object]) -> float:
    """One call, in microseconds: the best of several turns, each long enough for the clock."""
    times = 1
    while (spent := _turn(call, times)) < TURN_SECONDS:
        times = max(times * 2, int(times * TURN_SECONDS / max(spent, 1e-9)))
    return min(_turn(call, times) for _ in range(TURNS)) / times * 1e6


def _turn(call: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        call()
    return time.perf_counter() - started


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which ``percent`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]
