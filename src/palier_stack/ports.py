"""Ports on this machine's loopback address."""

import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"
HIGHEST = 65_535


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
    """A port that the operating system chooses."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    """Whether a server answers on the port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False
