"""A small HTTP server on the standard library: one thread for each connection, one route table.

Not a framework's server, because this one must be able to misbehave on purpose: to close a connection in the middle of
a request, or to write an answer twice.
"""

import json
import logging
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from palier_sandbox.charges import Refused

BODY_BYTES_MAX: Final = 64 * 1024
IDLE_SECONDS: Final = 30

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read completely."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; no body is an empty one. Raises Refused 400."""
        try:
            content = json.loads(self.body or b"{}")
        except ValueError as error:
            raise Refused(400, "invalid_json", "the body is not JSON") from error
        if not isinstance(content, dict):
            raise Refused(400, "invalid_json", "the body is not a JSON object")
        return content

    def form(self) -> dict[str, str]:
        """The body as a form, the last value of each name."""
        return _flat(self.body.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. ``hold_seconds``: wait first. ``copies``: 1, 2 to repeat it, 0 to close the connection instead."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    hold_seconds: float = 0
    copies: int = 1


def json_response(content: object, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(status, json.dumps(content, ensure_ascii=False).encode())


def refusal(error: Refused) -> Response:
    """A refused request in JSON."""
    return json_response({"error": {"code": error.code, "message": str(error)}}, error.status)


Action = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A method, a path with ``{name}`` parts that are given to the action, and the action."""

    method: str
    pattern: re.Pattern[str]
    action: Action

    @classmethod
    def of(cls, line: str, action: Action) -> "Route":
        """``Route.of("GET /v1/charges/{reference}", find)``."""
        method, _, path = line.partition(" ")
        return cls(method, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), action)


def dispatch(routes: Sequence[Route], request: Request) -> Response:
    """The answer of the first route that matches."""
    allowed = []
    for route in routes:
        if match := route.pattern.fullmatch(request.path):
            if route.method == request.method or (route.method, request.method) == ("GET", "HEAD"):
                return route.action(request, **{name: unquote(value) for name, value in match.groupdict().items()})
            allowed.append(route.method)
    if allowed:
        return refusal(Refused(405, "method_not_allowed", f"allowed here: {', '.join(allowed)}"))
    return refusal(Refused(404, "not_found", "there is nothing at this address"))


class Server(ThreadingHTTPServer):
    """Listens on ``host``:``port`` (0 takes a free one). ``answer`` turns a request into a response."""

    request_queue_size = 256
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, port: int) -> None:
        super().__init__((host, port), Connection)
        self.answer: Callable[[Request], Response] = _not_ready
        self.stopping = Event()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""
        logger.debug("connection of %s ended", client_address, exc_info=True)


class Connection(BaseHTTPRequestHandler):
    """Reads requests from one connection and writes each answer in one piece."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "palier-sandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the standard library's names

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a request line may hold a signed address."""

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._write(refusal(Refused(413, "too_large", f"a body has at most {BODY_BYTES_MAX} bytes")))
            return
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=_flat(parts.query),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
            target=self.path,
        )
        self._write(self.server.answer(request))

    def _write(self, response: Response) -> None:
        if response.hold_seconds:
            self.server.stopping.wait(response.hold_seconds)
        if not response.copies:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        headers = {
            "Content-Type": response.content_type,
            "Content-Length": str(len(response.body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            **response.headers,
            **({"Connection": "close"} if self.close_connection else {}),
        }
        head = f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body = b"" if self.command == "HEAD" else response.body
        self.wfile.write((head.encode("latin-1", "replace") + b"\r\n" + body) * response.copies)


def _flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True, max_num_fields=100).items()}


def _not_ready(request: Request) -> Response:
    return refusal(Refused(503, "starting", "the service is starting"))
