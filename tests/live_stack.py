"""The whole program beside the tests: its four processes on free ports, against a fresh database.

Used by browser and flow tests through the fixture `stack`; a test that kills a process uses `live_stack` itself.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from palier.interfaces.cli.worker import QUEUES
from palier_stack.processes import READY_SECONDS, Company, Program, company
from palier_stack.program_set import Addresses, environment, palier, programs

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 120
"""Far more than anything takes, also on a machine that is slow and busy: only a failing test waits so long."""


@dataclass
class LiveStack:
    """Where everything is, and how to look into it or break it."""

    addresses: Addresses
    settings: dict[str, str]
    folder: Path
    programs: dict[str, Program]
    together: Company

    @property
    def url(self) -> str:
        """The product's origin."""
        return self.addresses.web

    @property
    def sandbox_url(self) -> str:
        """The payment service's origin."""
        return self.addresses.sandbox

    @property
    def database_url(self) -> str:
        """The database that the processes work on."""
        return self.settings["DATABASE_URL"]

    def run(self, *arguments: str) -> str:
        """Runs one `palier` command to its end; answers what it printed.

        :raises RuntimeError: with everything it said, when it failed.
        """
        answer = subprocess.run(
            palier(*arguments),
            cwd=ROOT,
            env=self.settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if answer.returncode != 0:
            raise RuntimeError(f"palier {' '.join(arguments)} failed:\n{answer.stdout}{answer.stderr}")
        return answer.stdout

    def mails(self, to: str = "") -> list[dict[str, Any]]:
        """The mails caught so far, the newest first: id, from, to, subject, text, html, attachments."""
        answer = httpx.get(
            f"{self.addresses.mail}/api/mails", params={"to": to}, trust_env=False, timeout=PATIENCE_SECONDS
        )
        found: list[dict[str, Any]] = answer.raise_for_status().json()["mails"]
        return found

    def mail(self, to: str, *, subject: str = "") -> dict[str, Any]:
        """The newest mail to somebody whose subject contains the words; waits until it has arrived."""
        return until(
            lambda: next((mail for mail in self.mails(to) if subject in mail["subject"]), None),
            f"a mail to {to} about {subject!r}",
        )

    def kill(self, name: str) -> bool:
        """Ends one of the programs as a power cut would; whether it was this that ended it."""
        process = self.programs[name].process
        if process is None or process.poll() is not None:
            return False
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait() == -signal.SIGKILL

    def start(self, name: str) -> None:
        """Starts a killed program again, on the same ports and data."""
        self.programs[name].start()
        self.programs[name].wait_ready(time.monotonic() + READY_SECONDS)


@contextmanager
def live_stack(
    database_url: str,
    folder: Path,
    *,
    demo_data: bool = False,
    addresses: Addresses | None = None,
    queues: Collection[str] = QUEUES,
    more: Mapping[str, str] | None = None,
) -> Iterator[LiveStack]:
    """Starts all four processes on free ports; the catalogue is published, the database otherwise empty.

    :param folder: where logs, mails and the payment service's book go.
    :param queues: the kinds of jobs that the worker does.
    :param more: further settings of the product, by their names in the environment.
    """
    addresses = addresses or Addresses.anywhere()
    settings = environment(addresses, database_url=database_url, secrets_file=folder / "secrets") | dict(more or {})
    settings["PALIER_CATALOGUE"] = str(ROOT / "catalogue.toml")
    parts = programs(addresses, settings, folder)
    parts["worker"].command = [*parts["worker"].command, "--queues", ",".join(queues)]
    with company() as together:
        stack = LiveStack(addresses, settings, folder, parts, together)
        stack.run("catalogue", "publish")
        together.start(parts["mail"], parts["sandbox"])
        if demo_data:
            stack.run("demo-data")
        together.start(parts["web"], parts["worker"])
        yield stack


class WaitedInVain(AssertionError):
    """What was waited for has not come."""


def until[T](found: Callable[[], T | None], what: str, *, seconds: float = PATIENCE_SECONDS) -> T:
    """The first answer that is not None (nor False); fails with `what` was awaited when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = found()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise WaitedInVain(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)
