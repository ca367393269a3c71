"""A database of its own for the bench, durable as in production, and the web server in front of it."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

from palier_stack import places, ports
from palier_stack.postgres import find_programs, major_version, running
from palier_stack.processes import Program, company
from tests.databases import migrate

ROOT = Path(__file__).resolve().parent.parent
THREADS = 4
"""Of the web server's one process: what `palier serve` gives each of its processes."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the database is, and the process that all of its others are children of."""

    database_url: str
    folder: Path
    postmaster: int


@dataclass(frozen=True, slots=True)
class Serving:
    """A web server: its port, and the process that all of its others are children of."""

    port: int
    pid: int


@contextmanager
def stage() -> Iterator[Stage]:
    """A fresh server, migrated, with PostgreSQL's own defaults: every commit reaches the disk."""
    folder = places.reachable(ROOT / ".palier" / "bench", places.runner()) / f"run-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        with running(folder / "postgres", options=("autovacuum=off",)) as server:
            url = server.create_database("palier")
            migrate(url)
            _become_the_product(url)
            yield Stage(url, folder, _pid(server.process))
            _leave_the_database()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _become_the_product(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ["PALIER_DB_POOL"] = "0"
    os.environ["PYTHONPATH"] = f"{ROOT}:{ROOT / 'src'}"
    django.setup()


def _leave_the_database() -> None:
    from django.db import connections  # not at the top: it needs settings

    connections.close_all()


@contextmanager
def web(staged: Stage) -> Iterator[int]:
    """The same; answers its port."""
    with serving(staged) as web:
        yield web.port


@contextmanager
def serving(staged: Stage) -> Iterator[Serving]:
    """`palier serve` with one process."""
    port = ports.any_free()
    settings = {**os.environ, "PALIER_DB_POOL": str(THREADS)}
    command = [sys.executable, "-m", "palier", "serve", "--port", str(port)]
    command += ["--workers", "1", "--threads", str(THREADS)]
    with company() as together:
        program = Program("web", command, settings, staged.folder / "web.log", lambda: ports.accepts(port))
        together.start(program)
        yield Serving(port, _pid(program.process))


def _pid(process: "subprocess.Popen[bytes] | None") -> int:
    if process is None:
        raise RuntimeError("the program does not run")
    return process.pid


def machine() -> str:
    """What the figures were measured on; a load above the cores means that others were measured too."""
    load, version = os.getloadavg()[0], major_version(find_programs())
    return f"{os.cpu_count()} cores at load {load:.1f}, Python {platform.python_version()}, PostgreSQL {version}"


def pgbench() -> Path | None:
    """PostgreSQL's own load generator, of the version that runs here or any other."""
    beside = find_programs() / "bin" / "pgbench"
    found = shutil.which("pgbench")
    return beside if beside.exists() else Path(found) if found else None
