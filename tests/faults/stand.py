"""The whole program as an operator runs it, on a PostgreSQL that keeps what it has committed; each part may be shot.

Web server with its own child, worker with its clock, payment service with its own book, mail catcher, PostgreSQL: all
processes of their own. Whatever has ended is started again by ``keep_running``, as an operator's supervisor would.
"""

import os
import queue
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
from psycopg.rows import dict_row

from palier_stack import ports
from palier_stack.postgres import Server
from palier_stack.program_set import Addresses
from tests.browser.registrar import Person, Registrar
from tests.databases import durable
from tests.faults.proxy import Link, link_to
from tests.faults.witness import Witness
from tests.live_stack import LiveStack, WaitedInVain, live_stack, until
from tests.report.size import sized

DURABLE: Final = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=200")
PARTS: Final = ("mail", "sandbox", "web", "worker")
SILENCE_SECONDS: Final = 6
"""After so long a silence a worker is taken for dead."""

LOWEST_PORT: Final = 12_000
"""Below those that the system gives to whoever calls, and that ``ports.any_free`` gives to other tests: a port of the
stand is still its own after a death."""

PATIENCE_SECONDS: Final = 900

QUEUES: Final = sized(("billing", "mail", "clock"), *[("billing", "mail", "documents", "clock")] * 2)
"""In every test run the worker leaves the invoices' PDFs aside: most of its time would go there, and no money."""

UNFINISHED: Final = """
SELECT 'payment ' || id || ' is ' || state FROM payments_payment
WHERE state NOT IN ('succeeded', 'failed', 'parked')
UNION ALL SELECT 'letter ' || key || ' is unsent' FROM notices_mail WHERE sent_at IS NULL
UNION ALL SELECT 'event ' || external_id || ' is not handled' FROM gateways_gatewayevent WHERE handled_at IS NULL
UNION ALL SELECT 'job ' || id || ', ' || task_name || ', is ' || status FROM procrastinate_jobs
WHERE status IN ('todo', 'doing') AND queue_name <> 'clock' AND queue_name = ANY(%s)
"""
"""What is on its way, in words."""


@dataclass
class Stand:
    """The running program, its server and what its customers say."""

    stack: LiveStack
    server: Server
    witness: Witness
    database_link: Link
    gateway_link: Link
    """Between Palier's own processes and PostgreSQL, and the payment service: whole until a test breaks them."""

    people: "queue.SimpleQueue[Person]" = field(default_factory=queue.SimpleQueue)
    """Owners of fresh accounts, logged in, who have bought nothing yet."""

    known: dict[str, Person] = field(default_factory=dict)
    """Everybody, by their e-mail address."""

    def reserve(self, people: int) -> None:
        """See that so many people are there who have bought nothing yet; the database has to be there."""
        missing = people - self.people.qsize()
        if missing <= 0:
            return
        with Registrar(self.stack, first=len(self.known)) as registrar:
            for _ in range(missing):
                owner = registrar.open(details=True).owner
                self.known[owner.email] = owner
                self.people.put(owner)

    # Killing

    def shoot(self, part: str) -> bool:
        """SIGKILL to a part and all its children; whether it was this that ended it."""
        return self.stack.kill(part)

    def shoot_child(self, part: str) -> bool:
        """SIGKILL to what a part has started, while it lives on itself; whether anything died."""
        process = self.stack.programs[part].process
        if process is None or process.poll() is not None:
            return False
        children = children_of(process.pid)
        _shoot(children)
        return bool(children)

    def kill_database(self) -> None:
        """SIGKILL to the postmaster and to every process of its family."""
        kill(self.server)

    def start_database(self) -> None:
        """On the same data, at the same port."""
        port = self.server.port
        self.server.start()
        assert self.server.port == port, "another program has taken the port of PostgreSQL"

    def keep_running(self) -> None:
        """Start again what has ended, in the order of their need."""
        for part in PARTS:
            process = self.stack.programs[part].process
            if process is None or process.poll() is not None:
                self.stack.start(part)

    def rest(self) -> None:
        """The worker stands still, so that its clock takes no time from other tests."""
        self._signal_worker(signal.SIGSTOP)

    def wake(self) -> None:
        """The worker goes on, and whatever has ended runs again."""
        self._signal_worker(signal.SIGCONT)
        self.keep_running()

    def _signal_worker(self, sign: signal.Signals) -> None:
        process = self.stack.programs["worker"].process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, sign)

    # Waiting and looking

    def until(self, found: Callable[[], object], what: str) -> None:
        """Wait for a condition, while the parts are kept running."""

        def or_supervise() -> bool:
            self.keep_running()
            return bool(found())

        until(or_supervise, what, seconds=PATIENCE_SECONDS)

    def quiet(self) -> None:
        """Wait until nothing is on its way: no payment open, no letter unsent, no event unhandled, no job left."""
        left: list[str] = []

        def nothing() -> bool:
            left[:] = [str(row["?column?"]) for row in self.ours(UNFINISHED, list(QUEUES))]
            return not left

        try:
            self.until(nothing, "the end of all work")
        except WaitedInVain as error:
            raise WaitedInVain(f"{error}; left is: {left}") from error

    def ours(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Rows of our book."""
        with psycopg.connect(self.server.url(), row_factory=dict_row) as connection:
            return connection.execute(statement, values).fetchall()

    def gateway(self) -> list[dict[str, Any]]:
        """Every charge of the payment service's own book."""
        key = {"Authorization": f"Bearer {self.stack.settings['PALIER_SANDBOX_SECRET_KEY']}"}
        answer = httpx.get(f"{self.stack.sandbox_url}/v1/book", headers=key, trust_env=False, timeout=60)
        charges: list[dict[str, Any]] = answer.raise_for_status().json()["charges"]
        return charges

    def letters(self) -> list[str]:
        """The identity of each letter that the mail server has accepted, as often as it has."""
        caught = (self.stack.folder / "mails").glob("*.eml")
        return [message_from_bytes(path.read_bytes())["Message-ID"].strip("<>").partition("@")[0] for path in caught]


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """Everything started; the catalogue is published and nobody has an account."""
    first = LOWEST_PORT + os.getpid() * 10 % 4_000
    promised = (first + 1, first + 2, first + 3, first + 4)
    addresses = Addresses.free(promised)
    with (
        durable(DURABLE, port=ports.next_free(first, taken=promised)) as (server, url),
        link_to(ports.LOOPBACK, server.port, "postgres") as database,
        link_to(ports.LOOPBACK, addresses.sandbox_port, "http") as bank,
    ):
        _assert_durable(url)
        told = {
            "PALIER_WORKER_SILENCE_SECONDS": str(SILENCE_SECONDS),
            "PALIER_SANDBOX_URL": f"http://{ports.LOOPBACK}:{bank.port}",
        }
        through = url.replace(f":{server.port}/", f":{database.port}/")
        with live_stack(through, folder, addresses=addresses, queues=QUEUES, more=told) as stack:
            running = Stand(stack, server, Witness(folder / "witness.jsonl"), database, bank)
            try:
                yield running
            finally:
                running.wake()  # whoever stands still hears no request to end


def _assert_durable(url: str) -> None:
    with psycopg.connect(url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
            assert row == ("on",), f"{setting} is {row}"


# Processes


def kill(server: Server) -> None:
    """SIGKILL to the postmaster and to every process of its family."""
    postmaster = server.process
    assert postmaster is not None
    os.kill(postmaster.pid, signal.SIGSTOP)
    until(lambda: state_of(postmaster.pid) == "T", "the postmaster to stand still, so that nobody is born")
    family = children_of(postmaster.pid)
    assert family, "PostgreSQL has no processes but its first"
    postmaster.kill()
    _shoot(family)
    assert postmaster.wait() == -signal.SIGKILL


def children_of(parent: int) -> list[int]:
    """The processes whose parent is this one."""
    return [pid for pid in _all() if _stat(pid)[1:2] == [str(parent)]]


def state_of(pid: int) -> str:
    """``R``, ``S``, ``T`` (stopped), ``Z`` (dead and not yet buried); empty when there is none."""
    return "".join(_stat(pid)[:1])


def _shoot(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    until(lambda: all(state_of(pid) in ("", "Z") for pid in pids), "the death of all who were shot", seconds=60)


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _stat(pid: int) -> list[str]:
    """State, parent and more of a process; nothing when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
