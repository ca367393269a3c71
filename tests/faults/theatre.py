"""From here the tests order a story to be performed, and where its process shall die."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.sandbox_process import SandboxProcess
from tests.world import ROOT


@dataclass(frozen=True)
class Ending:
    """How a performance ended: the points it passed in their order, and whether a SIGKILL ended it."""

    points: list[str]
    killed: bool


@dataclass
class Theatre:
    """A running ``python -m tests.actors``."""

    process: subprocess.Popen[str]

    def rehearse(self, story: str, **arguments: object) -> None:
        """Perform a story once on the stage itself, so that later actors are born with everything read."""
        self._order({"how": "rehearse", "story": story, "arguments": arguments})

    def perform(self, story: str, *, die_at: int | None = None, **arguments: object) -> Ending:
        """Perform a story in a process of its own, which kills itself at point number ``die_at``.

        :raises AssertionError: with its traceback, when the story failed by itself.
        """
        return self._order({"how": "perform", "story": story, "arguments": arguments, "end_at": die_at})

    def freeze(self, story: str, *, at: int, **arguments: object) -> None:
        """Perform a story until point number ``at``, where its process stands still."""
        self.hang(story, at, arguments)

    def hang(self, story: str, at: int, arguments: dict[str, object]) -> None:
        """The same where the story has an argument ``at`` of its own."""
        self._order({"how": "freeze", "story": story, "arguments": arguments, "end_at": at})

    def wake(self) -> Ending:
        """Let the process that was frozen last go on to its end."""
        return self._order({"how": "wake"})

    def _order(self, scene: dict[str, object]) -> Ending:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(scene) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the stage has ended; see its traceback above"
        ending: dict[str, Any] = json.loads(answer)
        assert not ending["error"], ending["error"]
        return Ending(ending["points"], ending["killed"])


@contextmanager
def theatre(database_url: str, sandbox: SandboxProcess) -> Iterator[Theatre]:
    """A stage on a database and a payment service; it ends when its input does."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "palier.config.settings",
        "PALIER_DB_POOL": "0",
        "PALIER_SANDBOX_URL": sandbox.url,
        "PALIER_SANDBOX_PUBLIC_URL": sandbox.url,
        "PALIER_SANDBOX_SECRET_KEY": sandbox.secret_key,
        "PALIER_SANDBOX_WEBHOOK_SECRET": sandbox.webhook_secret,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.actors"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Theatre(process)
