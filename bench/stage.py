"""A database of its own for the bench, durable as in production, and the web server in front of it."""

import os
import platform
import shutil
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
    """Where the database is."""

    database_url: str
    folder: Path


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
            yield Stage(url, folder)
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
    """`palier serve` with one process; answers its port."""
    port = ports.any_free()
    settings = {**os.environ, "PALIER_DB_POOL": str(THREADS)}
    command = [sys.executable, "-m", "palier", "serve", "--port", str(port)]
    command += ["--workers", "1", "--threads", str(THREADS)]
    with company() as together:
        together.start(Program("web", command, settings, staged.folder / "web.log", lambda: ports.accepts(port)))
        yield port


def machine() -> str:
    """What the figures were measured on; a load above the cores means that others were measured too."""
    load, version = os.getloadavg()[0], major_version(find_programs())
    return f"{os.cpu_count()} cores at load {load:.1f}, Python {platform.python_version()}, PostgreSQL {version}"


def pgbench() -> Path | None:
    """PostgreSQL's own load generator, of the version that runs here or any other."""
    beside = find_programs() / "bin" / "pgbench"
    found = shutil.which("pgbench")
    return beside if beside.exists() else Path(found) if found else None
