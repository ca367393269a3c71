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
PREPARED = "prepared"
SHAPES = (
    "src/palier/**/migrations/*.py",
    "src/palier/interfaces/cli/demo*.py",
    "src/palier/config/settings.py",
    "catalogue.toml",
    "requirements/demo.txt",
)
"""What shapes the demonstration's database."""


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
            settings["PALIER_SANDBOX_ACCOUNTS"] = "1"  # whoever signs up has a test clock
            _empty_logs(folder)
            parts = program_set.programs(addresses, settings, folder)
            with company() as together:
                say("Starting the payment service, the mail catcher, the web server and the worker")
                if _is_prepared(folder):
                    together.start(parts["sandbox"], parts["mail"], parts["web"])
                else:
                    together.start(parts["sandbox"], parts["mail"])
                    _prepare(folder, settings)
                    together.start(parts["web"])
                together.start(parts["worker"])
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
    """Tables, catalogue and demonstration data. The payment service runs already: a card is charged there."""
    say("Preparing the tables")
    _run(settings, palier("migrate"))
    say("Publishing the catalogue")
    _run(settings, palier("catalogue", "publish"))
    say("Inviting recruiting agencies, and letting one of them live for fourteen months")
    (folder / welcome.PEOPLE).write_text(_run(settings, palier("demo-data")))
    (folder / PREPARED).write_text(_digest())


def _is_prepared(folder: Path) -> bool:
    """Whether nothing that shapes the database has changed since the last start.

    Never on the operator's server: others may have changed it.
    """
    marker = folder / PREPARED
    return "DATABASE_URL" not in os.environ and marker.exists() and marker.read_text() == _digest()


def _run(settings: dict[str, str], command: list[str]) -> str:
    answer = subprocess.run(
        command, cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        said = (answer.stdout + answer.stderr).strip()
        raise StackError(f"`palier {' '.join(command[3:])}` failed:\n{said}")
    return answer.stdout


def _digest() -> str:
    whole = hashlib.sha256()
    for pattern in SHAPES:
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
    for name in (PREPARED, "secrets", welcome.PEOPLE):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(server.home, ignore_errors=True)


def _empty_logs(folder: Path) -> None:
    for path in (folder / "logs").glob("*.log"):
        path.unlink()
