"""What travels over a link, read closely enough to break it at a chosen place: questions, and their answers.

Each reader belongs to one connection. It hands on all bytes in their order, cut into pieces at the ends of questions
and of answers.
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question that gets one answer: a statement, a request. ``commits``: its effect stays once it is answered."""

    what: str
    commits: bool = False


class Wire(Protocol):
    """The reader of one connection."""

    def asked(self, data: bytes) -> Iterator[tuple[bytes, Exchange | None]]:
        """The pieces that can be passed on to the server; with the question that a piece completes."""
        ...

    def answered(self, data: bytes) -> Iterator[tuple[bytes, str | None]]:
        """The pieces that can be passed on to the client; with the answer's own word where a piece completes one."""
        ...


@dataclass
class Raw:
    """Bytes of which nothing is known."""

    def asked(self, data: bytes) -> Iterator[tuple[bytes, Exchange | None]]:
        """All of it."""
        yield data, None

    def answered(self, data: bytes) -> Iterator[tuple[bytes, str | None]]:
        """All of it."""
        yield data, None


# PostgreSQL, protocol 3: https://www.postgresql.org/docs/current/protocol-message-formats.html

_TLS_OR_GSS: Final = (80877103, 80877104)
_COMMIT: Final = re.compile(r"(commit|end)\b", re.IGNORECASE)
_WRITE: Final = re.compile(
    r"(insert|update|delete|merge|with|copy|truncate)\b|select\b.*\bprocrastinate_\w+_job", re.IGNORECASE | re.DOTALL
)
_PASSED_ON_AT: Final = b"QSHXpdcf"
"""The messages that a client does not keep back: query, sync, flush, end, password, and those of a COPY."""


@dataclass
class Postgres:
    """The frontend's messages; a question is a simple query, or all up to a Sync.

    What is asked outside of a transaction commits with its answer, as the word COMMIT does.
    """

    _up: bytes = b""
    _down: bytes = b""
    _started: bool = False
    _bytes_of_refusal: int = 0
    _held: bytes = b""
    _text: str = ""
    _prepared: dict[bytes, str] = field(default_factory=dict)
    _idle: bool = True
    _tag: str = ""
    _simple: bool = False

    def asked(self, data: bytes) -> Iterator[tuple[bytes, Exchange | None]]:
        """Whole messages, up to the one that the server answers."""
        self._up += data
        while (message := self._next_message()) is not None:
            kind = message[:1]
            if not self._started:
                yield self._opening(message), None
                continue
            self._held += message
            self._read(kind, message[5:])
            if kind in _PASSED_ON_AT:
                piece, self._held = self._held, b""
                asks = kind in b"QS" or (kind == b"c" and self._simple)
                yield piece, self._exchange() if asks else None

    def answered(self, data: bytes) -> Iterator[tuple[bytes, str | None]]:
        """Whole messages; an answer ends with ReadyForQuery, its word is the last command's tag; or with the wish for
        the data of a COPY, which has no tag yet."""
        self._down += data
        if self._bytes_of_refusal and self._down:  # "N": no encryption
            self._bytes_of_refusal -= 1
            piece, self._down = self._down[:1], self._down[1:]
            assert piece == b"N", "the link is encrypted, so that nothing on it can be read"
            yield piece, None
        start = at = 0
        while len(self._down) >= at + 5 and len(self._down) >= (end := at + 1 + self._length(self._down, at + 1)):
            kind, body = self._down[at : at + 1], self._down[at + 5 : end]
            at = end
            if kind in b"CE":
                self._tag = "ERROR" if kind == b"E" else body.rstrip(b"\0").decode()
            if kind in b"ZG":
                self._idle = body == b"I" if kind == b"Z" else self._idle
                yield self._down[start:at], "COPY" if kind == b"G" else self._tag
                start, self._tag = at, ""
        if at > start:
            yield self._down[start:at], None
        self._down = self._down[at:]

    def _next_message(self) -> bytes | None:
        head = 1 if self._started else 0
        if len(self._up) < head + 4 or len(self._up) < (end := head + self._length(self._up, head)):
            return None
        message, self._up = self._up[:end], self._up[end:]
        return message

    def _opening(self, message: bytes) -> bytes:
        """Before the first typed message: perhaps a wish for encryption, then the start."""
        if struct.unpack_from("!I", message, 4)[0] in _TLS_OR_GSS:
            self._bytes_of_refusal += 1
        else:
            self._started = True
        return message

    def _read(self, kind: bytes, body: bytes) -> None:
        match kind:
            case b"Q":
                self._simple = True
                self._text = body.rstrip(b"\0").decode(errors="replace")
            case b"P":
                self._simple = False
                name, text, _ = body.split(b"\0", 2)
                self._text = self._prepared[name] = text.decode(errors="replace")
            case b"B":
                _, name, _ = body.split(b"\0", 2)
                self._text = self._prepared.get(name, "")

    def _exchange(self) -> Exchange:
        text, self._text = self._text, ""
        lasting = _COMMIT.match(text) if not self._idle else _WRITE.match(text)
        return Exchange(text, commits=lasting is not None)

    @staticmethod
    def _length(data: bytes, at: int) -> int:
        length: int = struct.unpack_from("!I", data, at)[0]
        return length


# HTTP/1.1, one request after the other

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
HEAD_END: Final = b"\r\n\r\n"
_LAST_CHUNK: Final = b"\r\n0\r\n\r\n"


@dataclass
class Http:
    """A question is a request, "POST /v1/charges"; its answer's word is the status."""

    _up: bytes = b""
    _down: bytes = b""

    def asked(self, data: bytes) -> Iterator[tuple[bytes, Exchange | None]]:
        """Whole requests."""
        self._up += data
        while end := _end_of_message(self._up):
            request, self._up = self._up[:end], self._up[end:]
            method, path = request.split(b" ", 2)[:2]
            yield request, Exchange(f"{method.decode()} {path.decode()}", commits=method != b"GET")

    def answered(self, data: bytes) -> Iterator[tuple[bytes, str | None]]:
        """Whole answers."""
        self._down += data
        while end := _end_of_message(self._down):
            answer, self._down = self._down[:end], self._down[end:]
            yield answer, answer.split(b" ", 2)[1].decode()


def _end_of_message(data: bytes) -> int:
    """The length of the whole message at the beginning; 0 while it is not complete."""
    head, found, _ = data.partition(HEAD_END)
    if not found:
        return 0
    begin = len(head) + len(HEAD_END)
    if _CHUNKED.search(head):
        last = data.find(_LAST_CHUNK, begin - 2)
        return last + len(_LAST_CHUNK) if last >= 0 else 0
    length = _LENGTH.search(head)
    end = begin + (int(length[1]) if length else 0)
    return end if len(data) >= end else 0


WIRES: Final[dict[str, Callable[[], Wire]]] = {"raw": Raw, "postgres": Postgres, "http": Http}
"""By the name that a link is opened with."""
