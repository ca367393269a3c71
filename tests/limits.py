"""The limits of a process, lowered for a moment."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count


@contextmanager
def no_descriptor_left(pid: int = 0) -> Iterator[None]:
    """A process (0: this one) can open nothing any more."""
    lowest_free = _lowest_free_of(pid) if pid else _lowest_free()
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free, before[1]))
    try:
        yield
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
