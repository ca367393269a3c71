"""The sandbox payment service as a real process, for every test that pays."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

SECRET_KEY = "sk_test_only_for_tests"
WEBHOOK_SECRET = "whsec_b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHM="
SOURCES = Path(__file__).resolve().parent.parent / "src"


@dataclass
class SandboxProcess:
    """``python -m palier_sandbox`` on a free port. ``start`` again after ``kill`` finds the same book and port."""

    data: Path
    webhook_url: str = ""
    slow_seconds: float = 0.5
    port: int = 0
    url: str = ""
    secret_key: str = SECRET_KEY
    webhook_secret: str = WEBHOOK_SECRET
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)
    _client: httpx.Client = field(init=False, repr=False)
    _asked_for_faults: bool = field(default=True, repr=False)

    def start(self) -> Self:
        """Start it and return once it answers."""
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "palier_sandbox",
                f"--port={self.port}",
                f"--data={self.data}",
                f"--webhook-url={self.webhook_url}",
                f"--secret-key={self.secret_key}",
                f"--webhook-secret={self.webhook_secret}",
                f"--slow-seconds={self.slow_seconds}",
                "--merchant=Talentea",
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._client = httpx.Client(trust_env=False, timeout=120, verify=False)  # plain http on this machine
        found = re.search(r"http://\S+:(\d+)", line)
        if not found:
            self.kill()
            raise AssertionError(f"the sandbox did not start: {line!r}")
        self.url, self.port = found[0], int(found[1])
        return self

    def stop(self) -> None:
        """Ask it to end, as its supervisor would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(timeout=60)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._client.close()
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    # What tests ask of it

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """One request with the merchant's key."""
        self._asked_for_faults |= path.startswith("/v1/faults")
        key = {"Authorization": f"Bearer {self.secret_key}"}
        return self._client.request(method, f"{self.url}{path}", json=body, headers=key)

    def book(self) -> dict[str, Any]:
        """Its whole book."""
        content: dict[str, Any] = self.ask("GET", "/v1/book").json()
        return content

    def book_of(self, cards: Iterable[str], references: Iterable[str] = ()) -> dict[str, Any]:
        """What its book holds about these cards and references: as cheap when it is long."""
        asked = f"cards={','.join(cards)}&references={','.join(references)}"
        content: dict[str, Any] = self.ask("GET", f"/v1/book?{asked}").json()
        return content

    def captured(self, reference: str) -> int:
        """How many times money was really taken under a reference."""
        return sum(row["state"] == "succeeded" for row in self.book_of((), (reference,))["charges"])

    def fault(self, kind: str, *, times: int | None = 1, **parameters: Any) -> None:
        """Switch a fault on."""
        answer = self.ask("POST", "/v1/faults", {"kind": kind, "times": times, "parameters": parameters})
        assert answer.status_code == 201, answer.text

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self.ask("DELETE", "/v1/faults")

    def begin_without_faults(self) -> None:
        """The same before a test, where an earlier one may have switched one on."""
        if self._asked_for_faults:
            self.clear_faults()
            self._asked_for_faults = False

    def advance(self, seconds: float) -> None:
        """Move its clock."""
        assert self.ask("POST", "/v1/clock", {"advance_seconds": seconds}).status_code == 200

    def type_card(
        self, fields_url: str, number: str, *, expiry: str = "12/34", code: str | None = None
    ) -> httpx.Response:
        """Fill in the hosted card fields as a browser without JavaScript would, and save."""
        digits = "1234" if number.replace(" ", "").startswith(("34", "37")) else "123"
        typed = {"number": number, "expiry": expiry, "code": digits if code is None else code}
        return self._client.post(fields_url, data=typed)

    def answer_bank(self, action_url: str, answer: str = "confirm") -> httpx.Response:
        """Press Confirm or Refuse ("refuse") on the bank's page."""
        return self._client.post(action_url, data={"answer": answer})


@contextmanager
def sandbox(data: Path, **options: Any) -> Iterator[SandboxProcess]:
    """A running sandbox, killed at the end."""
    with SandboxProcess(data, **options) as running:
        yield running
