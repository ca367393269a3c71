"""A merchant's webhook address: a real HTTP server that remembers what it was sent."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of the sandbox."""

    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def kind(self) -> str:
        return str(self.event["type"])


@dataclass
class Receiver:
    """Listens on a free port. ``answers`` are given in turn, then 204 for ever; ``meanwhile`` runs before each."""

    answers: list[int] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    deliveries: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.meanwhile()
                self.send_response(receiver.take(Delivery(headers, body)))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks/sandbox/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def take(self, delivery: Delivery) -> int:
        """Remember a delivery and say how it is answered."""
        with self._arrived:
            self.deliveries.append(delivery)
            self._arrived.notify_all()
            return self.answers.pop(0) if self.answers else 204

    def wait_for(self, count: int, timeout_seconds: float = 120) -> list[Delivery]:
        """The deliveries once there are ``count`` of them."""
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: len(self.deliveries) >= count, timeout_seconds)
            assert arrived, f"{len(self.deliveries)} of {count} deliveries: {[one.kind for one in self.deliveries]}"
            return list(self.deliveries)

    def forget(self) -> None:
        """Begin anew."""
        with self._arrived:
            self.deliveries.clear()
            self.answers.clear()
            self.meanwhile = lambda: None

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
