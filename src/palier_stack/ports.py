"""Ports on this machine's loopback address."""

import os
import socket
from collections.abc import Collection
from itertools import count

LOOPBACK = "127.0.0.1"
HIGHEST = 65_535
LOWEST, ROWS, ROW = 16_000, 400, 40
_turn = count()


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now. A port that was closed a moment ago counts as free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def next_free(preferred: int, *, taken: Collection[int] = ()) -> int:
    """The preferred port, or the first free one above it that is not in `taken`."""
    for port in range(preferred, HIGHEST + 1):
        if port not in taken and is_free(port):
            return port
    return any_free()


def any_free() -> int:
    """A free port, another one each time.

    Each process looks in a row of its own, below the ports that the system gives to whoever calls: between this answer
    and the server that listens, nobody else is given the port.
    """
    row = LOWEST + os.getpid() % ROWS * ROW
    for _ in range(ROW):
        port = row + next(_turn) % ROW
        if is_free(port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether a server answers on the port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False
