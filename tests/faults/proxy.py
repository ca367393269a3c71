"""A small TCP proxy: one ``Link`` stands before one server, passes all on, and breaks what it is told to break.

``link.arm(Fault(…))`` waits for a question (a statement, a request) and breaks it at a place in a manner;
``link.break_all(…)``, ``link.hold()``, ``link.slow_seconds`` and ``link.closed`` act at once and on whatever is there.
``link.seen`` tells what was really done: a fault counts from there, not from where it was armed. Nothing is encrypted.
"""

import contextlib
import selectors
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tests.faults.wire import HEAD_END, WIRES, Exchange, Wire

BYTES: Final = 65536


class Place(StrEnum):
    """Where a question and its answer are broken."""

    BEFORE = "before the question"  # it never reaches the server
    INTO = "in the middle of the question"
    UNANSWERED = "after the question, before its answer"  # the server has done all of it
    HEAD = "after the head of the answer"
    HALF = "in the middle of the answer"
    AT_ONCE = "wherever it was"


class How(StrEnum):
    """In which manner."""

    CUT = "cut"  # both sides are told of the end
    RESET = "reset"  # the connection is torn down
    HOLE = "silence"  # nothing is passed any more, and nobody is told
    DELAY = "delay"  # it goes on after ``seconds``
    DRIP = "drip"  # the answer goes on in small bits, each after ``seconds``


def anything(_: Exchange) -> bool:
    """Whatever is asked first."""
    return True


def commit(exchange: Exchange) -> bool:
    """What the server keeps: COMMIT, or a write outside of a transaction."""
    return exchange.commits


@dataclass(frozen=True, slots=True)
class Fault:
    """Break the question that is ``wanted``, after ``skip`` of its kind have passed; as often as it is armed."""

    place: Place
    how: How = How.CUT
    wanted: Callable[[Exchange], bool] = anything
    skip: int = 0
    seconds: float = 0.0
    bits: int = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """What was done to what; ``answer`` is the server's own word where it had answered: "COMMIT", "200"."""

    what: str
    place: Place
    how: How
    answer: str = ""


@dataclass
class Link:
    """The way to one server. ``port`` is where the link listens on this machine."""

    server: tuple[str, int]
    wire: Callable[[], Wire]
    closed: bool = False
    slow_seconds: float = 0.0
    passed: deque[Exchange] = field(default_factory=lambda: deque(maxlen=20_000))
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    _armed: list[tuple[Fault, int]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: set["_Connection"] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)

    # What a test tells it

    def arm(self, fault: Fault) -> None:
        """Break the next question of a kind, once."""
        with self._lock:
            self._armed.append((fault, fault.skip))

    def disarm(self) -> None:
        """What was armed and has not met its question is forgotten."""
        with self._lock:
            self._armed.clear()

    def break_all(self, how: How = How.CUT) -> int:
        """End all connections at once; returns how many there were."""
        return sum(connection.told(how) for connection in self.connections())

    def hold(self) -> int:
        """Pass nothing any more on the connections that are open, and tell nobody; returns how many there were."""
        return self.break_all(How.HOLE)

    def connections(self) -> "list[_Connection]":
        """Those that are open."""
        with self._lock:
            return list(self._open)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Meanwhile no new connection gets through, and those that were open are cut."""
        self.closed = True
        self.break_all()
        try:
            yield
        finally:
            self.closed = False

    # What its connections ask

    def due(self, exchange: Exchange) -> Fault | None:
        """The fault that this question meets, disarmed with that."""
        with self._lock:
            for place, (fault, left) in enumerate(self._armed):
                if fault.wanted(exchange):
                    if left == 0:
                        del self._armed[place]
                        return fault
                    self._armed[place] = (fault, left - 1)
            self.passed.append(exchange)
            return None

    def note(self, what: str, place: Place, how: How, answer: str = "") -> None:
        """It was done."""
        with self._lock:
            self.seen.append(Seen(what, place, how, answer))

    def wait(self, seconds: float) -> None:
        """Let time pass, but not beyond the link's own end."""
        self._ended.wait(seconds)

    # Its life

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the link ends."""
        while not self._ended.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if self.closed or self._ended.is_set():
                _reset(client)
                self.note("", Place.BEFORE, How.RESET)
                continue
            connection = _Connection(self, client)
            with self._lock:
                self._open.add(connection)
            connection.thread.start()

    def forget(self, connection: "_Connection") -> None:
        """It has ended."""
        with self._lock:
            self._open.discard(connection)

    def end(self) -> None:
        """End the connections, and take no more."""
        self._ended.set()
        self.closed = True
        self.break_all(How.RESET)


class _Over(Exception):
    """The connection has ended."""


class _Connection:
    """One client's connection through a link, in a thread of its own."""

    def __init__(self, link: Link, client: socket.socket) -> None:
        self.link, self.client, self.wire = link, client, link.wire()
        self.server: socket.socket | None = None
        self.asked: deque[tuple[Exchange, Fault | None]] = deque()
        self.kept = b""
        self.order: How | None = None
        self.silent = False
        self.wake, self.woken = socket.socketpair()
        self.obeyed = threading.Event()
        self.thread = threading.Thread(target=self._run, name="a link", daemon=True)

    def told(self, how: How) -> bool:
        """Break it at once, and wait until that is done; False where it had ended by itself."""
        self.obeyed.clear()
        self.order = how
        with contextlib.suppress(OSError):
            self.wake.send(b"!")
        while not self.obeyed.wait(0.5) and self.thread.is_alive():
            pass
        return self.order is None

    def _run(self) -> None:
        server = None
        try:
            self.server = server = socket.create_connection(self.link.server, timeout=30)
            with selectors.DefaultSelector() as ready:
                for side in (self.client, server):
                    side.settimeout(None)
                    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    ready.register(side, selectors.EVENT_READ)
                ready.register(self.woken, selectors.EVENT_READ)
                while True:
                    for key, _ in ready.select():
                        self._read(key.fileobj, server)
        except (_Over, OSError):
            pass
        finally:
            for end in (self.client, server, self.wake, self.woken):
                _close(end)
            self.link.forget(self)
            self.obeyed.set()

    def _read(self, side: object, server: socket.socket) -> None:
        """Something has come from one of the two sides, or an order from the test."""
        if side is self.woken:
            self._at_once()
            return
        data = (server if side is server else self.client).recv(BYTES)
        if not data:  # also in the middle of a silence: nobody is left to keep it for
            self._hear_out(server) if side is self.client else None
            raise _Over
        if self.silent:
            return
        self.link.wait(self.link.slow_seconds)
        if side is server:
            for piece, word in self.wire.answered(data):
                self._pass_back(piece, word)
        else:
            for piece, exchange in self.wire.asked(data):
                self._pass_on(piece, exchange, server)

    def _hear_out(self, server: socket.socket) -> None:
        """The client was not patient enough for the answer that was to be broken: the server is still waited for."""
        while self.asked and self.asked[0][1] is not None and not self.silent and (data := server.recv(BYTES)):
            for piece, word in self.wire.answered(data):
                self._pass_back(piece, word)

    def _at_once(self) -> None:
        self.woken.recv(16)
        how, self.order = self.order, None
        if how is None:
            return
        self.link.note(self.asked[0][0].what if self.asked else "", Place.AT_ONCE, how)
        try:
            self._end(how)
        finally:
            if how is How.HOLE:
                self.obeyed.set()  # of an end it is told once all is closed

    def _pass_on(self, piece: bytes, exchange: Exchange | None, server: socket.socket) -> None:
        """A piece on its way to the server."""
        if self.silent:
            return
        fault = self.link.due(exchange) if exchange else None
        if exchange is None or fault is None or fault.place not in (Place.BEFORE, Place.INTO):
            if exchange is not None:
                self.asked.append((exchange, fault))
            server.sendall(piece)
            return
        if fault.place is Place.INTO:
            server.sendall(piece[: len(piece) // 2])
            piece = piece[len(piece) // 2 :]
        self.link.note(exchange.what, fault.place, fault.how)
        if fault.how is How.DELAY:
            self.link.wait(fault.seconds)
            self.asked.append((exchange, None))
            server.sendall(piece)
        else:
            self._end(fault.how)

    def _pass_back(self, piece: bytes, word: str | None) -> None:
        """A piece on its way to the client."""
        exchange, fault = self.asked[0] if self.asked else (Exchange(""), None)
        if word is not None and self.asked:
            self.asked.popleft()
        if self.silent:
            return
        if fault is None:
            self.client.sendall(piece)
            return
        self.kept += piece
        if word is None:
            return  # the fault strikes once the server has said all
        answer, self.kept = self.kept, b""
        self._broken(exchange, fault, answer, word)

    def _broken(self, exchange: Exchange, fault: Fault, answer: bytes, word: str) -> None:
        """The whole answer is there; what of it comes through?"""
        first = {Place.HEAD: answer.find(HEAD_END) + len(HEAD_END), Place.HALF: len(answer) // 2}.get(fault.place, 0)
        self.link.note(exchange.what, fault.place, fault.how, word)
        if first:
            self.client.sendall(answer[:first])
        if fault.how is How.DELAY:
            self.link.wait(fault.seconds)
            self.client.sendall(answer[first:])
        elif fault.how is How.DRIP:
            for begin in range(first, len(answer), fault.bits):
                self.link.wait(fault.seconds)
                self.client.sendall(answer[begin : begin + fault.bits])
        else:
            self._end(fault.how)

    def _end(self, how: How) -> None:
        if how is How.HOLE:
            self.silent = True
            return
        if how is How.RESET:
            _reset(self.client)
            _reset(self.server)
        raise _Over


def _reset(side: socket.socket | None) -> None:
    """Closed with nothing left to linger for, a socket sends RST instead of an orderly end."""
    if side is not None:
        with contextlib.suppress(OSError):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        side.close()


def _close(side: socket.socket | None) -> None:
    if side is not None:
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
        side.close()


@contextmanager
def link_to(host: str, port: int, wire: str = "raw") -> Iterator[Link]:
    """A link to a server, on a free port of this machine; ``wire`` is "raw", "postgres" or "http"."""
    between = Link((host, port), WIRES[wire])
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        between.port = listener.getsockname()[1]
        serving = threading.Thread(target=between.serve, args=[listener], name="links", daemon=True)
        serving.start()
        try:
            yield between
        finally:
            between.end()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the accept
            serving.join(30)
