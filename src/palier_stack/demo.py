"""`make demo`: the whole program on this machine, with a lifelike agency in it."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from palier_stack import postgres, program_set, welcome
from palier_stack.errors import StackError
from palier_stack.processes import company
from palier_stack.program_set import Addresses, palier

ROOT = Path(__file__).resolve().parents[2]
DATABASE_PORT = 54_320
SHAPES = (
    "src/palier/**/migrations/*.py",
    "catalogue.toml",
    "terms/*",
    "requirements/demo.txt",
    "src/palier/config/settings.py",
)
SHAPES_OF_DATA = ("src/palier/interfaces/cli/demo*.py",)


def run(folder: Path, *, reset: bool = False) -> None:
    """Starts everything, says where it is, and returns when it is interrupted.

    :param folder: keeps the database, the payment service's book, mails, logs and secrets between two starts.
    :raises StackError: when something is missing, in the way, or ended by itself.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if reset:
            _forget(folder)
        with _database(folder) as url:
            addresses = Addresses.free()
            settings = program_set.environment(addresses, database_url=url, secrets_file=folder / "secrets")
            _empty_logs(folder)
            parts = program_set.programs(addresses, settings, folder)
            with company() as together:
                say("Starting the payment service and the mail catcher")
                together.start(parts["sandbox"], parts["mail"])
                _prepare(folder, settings)
                say("Starting the web server and the worker")
                together.start(parts["web"], parts["worker"])
                welcome.show(addresses, folder, seconds=time.monotonic() - began)
                try:
                    together.watch()
                finally:
                    print("\nStopping ...", flush=True)


def say(line: str) -> None:
    """One line of progress."""
    print(f"  {line} ...", flush=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demonstration per folder. The lock dies with us, so a killed one blocks nobody."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StackError(f"A demonstration already runs from {folder}; stop it first (Ctrl-C).") from error
        yield


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """The operator's server when DATABASE_URL is set, else one of our own."""
    if url := os.environ.get("DATABASE_URL"):
        say("Using the database of DATABASE_URL")
        postgres.check_own(url)
        yield url
        return
    server = postgres.Server(folder / "postgres", port=DATABASE_PORT)
    say("Starting PostgreSQL" if server.exists else "Making a PostgreSQL database")
    server.start()
    try:
        yield server.create_database("palier")
    finally:
        server.stop()


def _prepare(folder: Path, settings: dict[str, str]) -> None:
    """Tables, catalogue and demonstration data; skipped when nothing that shapes them has changed.

    On the operator's server nothing is skipped: others may have changed it.
    """
    marker = folder / "prepared"
    state = _digest(SHAPES + SHAPES_OF_DATA)
    own = "DATABASE_URL" not in os.environ
    if own and marker.exists() and marker.read_text() == state:
        return
    say("Preparing the tables")
    _run(settings, palier("migrate"))
    say("Publishing the catalogue")
    _run(settings, palier("catalogue", "publish"))
    say("Inviting a recruiting agency")
    (folder / welcome.PEOPLE).write_text(_run(settings, palier("demo-data")))
    marker.write_text(state)


def _run(settings: dict[str, str], command: list[str]) -> str:
    answer = subprocess.run(
        command, cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        said = (answer.stdout + answer.stderr).strip()
        raise StackError(f"`palier {' '.join(command[3:])}` failed:\n{said}")
    return answer.stdout


def _digest(patterns: tuple[str, ...]) -> str:
    whole = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            whole.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _forget(folder: Path) -> None:
    """Everything that an earlier start has left, except what tests keep beside it."""
    say("Forgetting the earlier data")
    if "DATABASE_URL" in os.environ:
        raise StackError("RESET=1 does not empty the database of DATABASE_URL: that is yours to do.")
    server = postgres.Server(folder / "postgres")
    server.stop_left_behind()
    for name in ("sandbox", "mails", "logs"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("prepared", "secrets", welcome.PEOPLE):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(server.home, ignore_errors=True)


def _empty_logs(folder: Path) -> None:
    for path in (folder / "logs").glob("*.log"):
        path.unlink()
