"""What a program needs runs out, for real: room on the disk, writes, connections, file descriptors, memory."""

import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import psycopg
import pytest

from palier_stack.processes import Program
from tests.faults.stand import Stand, children_of, state_of
from tests.limits import no_descriptor_left
from tests.live_stack import until

_OTHERS: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'palier' AND pid <> ALL(%s)"
_LEFT: Final = "SELECT FROM pg_stat_activity WHERE datname = 'palier'"


def health(stand: Stand) -> str:
    """What the health check says, in one word; "silent" where nobody answers it, "away" where a page does."""
    try:
        answer = httpx.get(f"{stand.stack.url}/healthz", timeout=20, trust_env=False)
        return str(answer.json()["status"])
    except httpx.HTTPError:
        return "silent"
    except ValueError:
        return "away"


def doctor_is_well(stand: Stand) -> bool:
    """Whether ``palier doctor`` finds nothing and says so."""
    try:
        stand.stack.run("doctor", "--without-gateway")
    except RuntimeError:
        return False
    return True


@contextmanager
def read_only(stand: Stand) -> Iterator[None]:
    """PostgreSQL takes no writes any more, of sessions that are open as well."""
    writing = "-c default_transaction_read_only=off"
    with psycopg.connect(stand.server.url("postgres"), autocommit=True, options=writing) as operator:
        operator.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        operator.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            operator.execute("ALTER SYSTEM RESET default_transaction_read_only")
            operator.execute("SELECT pg_reload_conf()")


@contextmanager
def no_connections(stand: Stand) -> Iterator[None]:
    """Others hold every connection that PostgreSQL has, those of Palier's own processes as well."""
    with ExitStack() as held:
        operator = held.enter_context(psycopg.connect(stand.server.url("postgres"), autocommit=True))
        hogs = [operator.info.backend_pid]

        def all_taken() -> bool:
            operator.execute(_OTHERS, [hogs])
            with suppress(psycopg.OperationalError):  # "too many clients already"
                while True:
                    hogs.append(_connected(stand, held))
            return operator.execute(_LEFT).rowcount == 0

        until(all_taken, "every connection to be taken")
        yield


def _connected(stand: Stand, held: ExitStack) -> int:
    return held.enter_context(psycopg.connect(stand.server.url("postgres"))).info.backend_pid


@contextmanager
def no_descriptors_of_the_web(stand: Stand) -> Iterator[Callable[[], None]]:
    with no_descriptor_left(process_of(stand, "web")) as take:
        yield take


@contextmanager
def no_descriptors_of_the_worker(stand: Stand) -> Iterator[Callable[[], None]]:
    with no_descriptor_left(process_of(stand, "worker")) as take:
        yield take


@contextmanager
def no_memory_of_the_web(stand: Stand) -> Iterator[None]:
    """What serves the requests is given no more memory than it has."""
    pid = process_of(stand, "web")
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    before = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (pages * resource.getpagesize(), before[1]))
    try:
        yield
    finally:
        if state_of(pid) not in ("", "Z"):
            resource.prlimit(pid, resource.RLIMIT_AS, before)


@contextmanager
def no_memory_of_the_worker(stand: Stand) -> Iterator[None]:
    """Each worker that starts is given two thirds of what it needs, and dies of it, until there is more again."""
    worker = stand.stack.programs["worker"]
    needed = int(Path(f"/proc/{process_of(stand, 'worker')}/statm").read_text().split()[1]) * resource.getpagesize()
    own = worker.command
    worker.command = ["sh", "-c", f'ulimit -v {needed // 3 * 2 // 1024}; exec "$@"', "sh", *own]
    stand.shoot("worker")
    stand.keep_running()
    try:
        until(lambda: _died(worker), "the worker to die of its limit")
        yield
    finally:
        worker.command = own
        stand.shoot("worker")


def _died(program: Program) -> bool:
    return program.process is not None and program.process.poll() not in (None, 0)


def process_of(stand: Stand, part: str) -> int:
    """The process that does the work of a part: of the web server, its child."""
    process = stand.stack.programs[part].process
    assert process is not None
    return children_of(process.pid)[-1] if part == "web" else process.pid


class SmallDisk:
    """The disk of PostgreSQL: data, log and temporary files, with room for so many megabytes more."""

    ROOM_MB: Final = 48

    def __init__(self, stand: Stand) -> None:
        self.stand, self.data = stand, stand.server.data
        self.place = self.data.with_name("small")
        self.ballast = self.place / "ballast"

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """PostgreSQL lives on it for as long as this takes. Skips where this process may mount nothing."""
        owner = self.data.stat()
        used_mb = sum(path.stat().st_blocks for path in self.data.rglob("*")) // 2048
        self.place.mkdir()
        size = f"size={used_mb + self.ROOM_MB}m,uid={owner.st_uid},gid={owner.st_gid},mode=700"
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", self.place], capture_output=True, text=True)
        if made.returncode:
            self.place.rmdir()
            pytest.skip(f"a small disk cannot be made here: {made.stderr.strip()}")
        try:
            self._moved(self.data, self.place / "data", link=True)
            yield
        finally:
            self.ballast.unlink(missing_ok=True)
            self._moved(self.place / "data", self.data, link=False)
            subprocess.run(["umount", self.place], check=True)
            self.place.rmdir()

    def _moved(self, source: Path, target: Path, *, link: bool) -> None:
        self.stand.server.stop()
        if target.is_symlink():
            target.unlink()
        subprocess.run(["cp", "-a", source, target], check=True)
        shutil.rmtree(source)
        if link:
            source.symlink_to(target)
        self.stand.start_database()

    @contextmanager
    def full(self) -> Iterator[None]:
        """A ballast fills it to the last byte. What PostgreSQL can clear away, it has cleared away before, and it has a
        new segment of its log to write to."""
        with psycopg.connect(self.stand.server.url(), autocommit=True) as operator:
            operator.execute("SELECT pg_switch_wal()")
            operator.execute("CHECKPOINT")
        self.fill()
        try:
            yield
        finally:
            self.ballast.unlink()

    def fill(self) -> None:
        """Up to the last byte, again where something has been cleared away since."""
        with self.ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(65_536))

    def wear_out_the_log(self) -> None:
        """Write to the log until there is no room for its next segment, and PostgreSQL goes down of it."""

        def down() -> bool:
            with suppress(psycopg.Error), psycopg.connect(self.stand.server.url("palier"), autocommit=True) as some:
                while True:
                    some.execute("SELECT pg_logical_emit_message(true, 'ballast', repeat('x', 10000000))")
            return self.is_down()

        until(down, "PostgreSQL to go down of its log")

    def goes_on(self) -> None:
        """There is room again: PostgreSQL answers, or is started again where its log has needed room as well."""

        def one_of_both() -> bool:
            with suppress(psycopg.OperationalError):
                return bool(self.stand.ours("SELECT 1"))
            return self.is_down()

        until(one_of_both, "PostgreSQL to answer or to be down")
        if self.is_down():
            self.stand.start_database()

    def is_down(self) -> bool:
        """Whether PostgreSQL has ended: it cannot come back before there is room."""
        process = self.stand.server.process
        return process is None or process.poll() is not None
