"""What the clients say: whom they are, what they asked and what they were told. Nobody else decides what was accepted.

One file for all of them, a line of JSON for each request and one for each answer, on the disk before the request leaves
and before anybody acts upon the answer. Palier never sees it.
"""

import json
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request: ``told`` is None where the connection broke, or where nobody waited for the answer.

    ``at`` and ``told_at`` are seconds of the machine's steady clock. Of what is asked: ``step``, and on Pay ``quote``,
    ``total_minor`` (minor units) and ``currency`` as the page showed them. Of what is told: ``status``, and then
    ``address`` redirected to, ``order``, ``ending``, ``code`` (of a refusal or decline).
    """

    who: str
    at: float
    asked: dict[str, Any]
    told: dict[str, Any] | None
    told_at: float


@dataclass
class Witness:
    """Writes the file, for several threads."""

    path: Path
    done: list[tuple[float, float]] = field(default_factory=list)
    """When somebody asked and heard that their order is done, in seconds of the steady clock."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asked_at: dict[int, float] = field(default_factory=dict)

    def asks(self, who: str, **asked: Any) -> int:
        """Before a request leaves; answers its number."""
        with self._lock:
            number = len(self._asked_at)
            self._asked_at[number] = time.monotonic()
            self._write({"number": number, "who": who, "at": self._asked_at[number], "asked": asked})
            return number

    def hears(self, number: int, **told: Any) -> None:
        """Once the answer is there."""
        with self._lock:
            at = time.monotonic()
            self._write({"number": number, "at": at, "told": told})
            if told.get("ending") == "done":
                self.done.append((self._asked_at[number], at))

    @property
    def exchanges(self) -> list[Exchange]:
        """All that was said, in the order of the requests, read from the file."""
        with self._lock:
            lines = [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []
        heard = {line["number"]: line for line in lines if "told" in line}
        return [
            Exchange(line["who"], line["at"], line["asked"], answer.get("told"), answer.get("at", 0.0))
            for line in lines
            if "asked" in line
            for answer in [heard.get(line["number"], {})]
        ]

    @property
    def length(self) -> int:
        """How many requests have left so far."""
        return len(self._asked_at)

    def _write(self, line: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
