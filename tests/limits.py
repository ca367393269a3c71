"""The limits of a process, lowered for a moment."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count


@contextmanager
def no_descriptor_left(pid: int = 0) -> Iterator[Callable[[], None]]:
    """A process (0: this one) can open nothing any more. What it held for a moment only and has closed since, the
    function that is given takes as well."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)

    def take() -> None:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            lowest_free = _lowest_free_of(pid) if pid else _lowest_free()
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free, before[1]))

    take()
    try:
        yield take
    finally:
        if os.path.exists(f"/proc/{pid or 'self'}"):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def _lowest_free_of(pid: int) -> int:
    opened = {int(number) for number in os.listdir(f"/proc/{pid}/fd")}
    return next(number for number in count() if number not in opened)


def _lowest_free() -> int:
    """Of this process: whoever lists its descriptors holds one more."""
    number = os.open(os.devnull, os.O_RDONLY)
    os.close(number)
    return number
