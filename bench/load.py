"""Customers of a web server: kept-alive connections, one request after the other, the time of each."""

import socket
import threading
import time
from dataclasses import dataclass

END_OF_HEAD = b"\r\n\r\n"


class NotAnswered(Exception):
    """The server said something else than 200."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answers a second by all customers together, and the seconds of each answer."""

    rate: float
    seconds: list[float]


def load(port: int, path: str, cookie: str, *, customers: int, seconds: float) -> Load:
    """So many customers, for so long."""
    wish = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nHX-Request: true\r\n\r\n".encode()
    taken: list[float] = []
    failures: list[NotAnswered] = []

    def customer() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (started := time.perf_counter()) < end:
                line.sendall(wish)
                try:
                    _read(line)
                except NotAnswered as failure:
                    failures.append(failure)
                    return
                taken.append(time.perf_counter() - started)

    threads = [threading.Thread(target=customer) for _ in range(customers)]
    begun = time.perf_counter()
    end = begun + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Load(len(taken) / (time.perf_counter() - begun), taken)


def _read(line: socket.socket) -> None:
    data = line.recv(65536)
    while END_OF_HEAD not in data:
        data += _more(line)
    head, _, body = data.partition(END_OF_HEAD)
    if not head.startswith(b"HTTP/1.1 200"):
        raise NotAnswered(head.decode(errors="replace") + body[:500].decode(errors="replace"))
    fields = dict(field.lower().split(b": ", 1) for field in head.split(b"\r\n")[1:])
    missing = int(fields[b"content-length"]) - len(body)
    while missing > 0:
        missing -= len(_more(line))


def _more(line: socket.socket) -> bytes:
    data = line.recv(65536)
    if not data:
        raise NotAnswered("the server closed the connection")
    return data
