"""Empty, migrated databases for tests: made once, copied for each use.

Without DATABASE_URL the tests run on a PostgreSQL of their own, which forgets everything afterwards. The prepared
data folder is kept under `.palier/tests`, named after all that shaped it (migrations, locked packages, programs), and
each run works on a copy. With DATABASE_URL the same happens inside the operator's server.
"""

import fcntl
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from palier_stack import leash, places
from palier_stack.postgres import FAST_AND_FORGETFUL, Server, find_programs, running

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "palier_template"

# What never lets itself be emptied, away for a moment or back: as only a table's owner can order it.
GUARDS = """
DO $$ DECLARE guard record; BEGIN
    FOR guard IN SELECT tgrelid::regclass AS its, tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_never_emptied_%'
    LOOP EXECUTE format('ALTER TABLE %s {how} TRIGGER %I', guard.its, guard.tgname); END LOOP;
END $$
"""


@dataclass
class Databases:
    """Hands out databases on one server; `admin_url` may create them."""

    admin_url: str
    template: str
    made: list[str] = field(default_factory=list)

    def fresh(self, purpose: str) -> str:
        """The address of a new database, migrated and empty."""
        name = f"palier_{purpose}_{os.getpid()}_{len(self.made)}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(self.template))
            )
        self.made.append(name)
        return at(self.admin_url, name)

    def close(self) -> None:
        """Removes all that were handed out."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            for name in self.made:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def at(url: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextmanager
def databases() -> Iterator[Databases]:
    """The databases of one test run."""
    if url := os.environ.get("DATABASE_URL"):
        with _operators(url) as found:
            yield found
        return
    with _own() as found:
        yield found


@contextmanager
def durable(options: Sequence[str], *, port: int) -> Iterator[tuple[Server, str]]:
    """A server of its own that keeps what it has committed, whatever kills it, and the address of an empty database."""
    with _copy("durable") as home, running(home, options=options, port=port) as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE palier TEMPLATE {}").format(sql.Identifier(TEMPLATE)))
        yield server, server.url("palier")


@contextmanager
def _operators(url: str) -> Iterator[Databases]:
    template = f"{TEMPLATE}_{digest()}"
    with psycopg.connect(url, autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
        if there is None:
            unfinished = f"{template}_{os.getpid()}"
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
            migrate(at(url, unfinished))
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(template))
            )
    found = Databases(url, template)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def _own() -> Iterator[Databases]:
    with _copy("run") as home, running(home, options=(*FAST_AND_FORGETFUL, "max_connections=200")) as server:
        yield Databases(server.url("postgres"), TEMPLATE)


_COPIES: Final = itertools.count()
"""Of one process: several may live at once."""


@contextmanager
def _copy(purpose: str) -> Iterator[Path]:
    """A copy of the prepared folder, gone afterwards."""
    base = places.reachable(ROOT / ".palier" / "tests", places.runner())
    base.mkdir(parents=True, exist_ok=True)
    _forget_dead_runs(base)
    prepared = _prepared(base)
    home = base / f"{purpose}-{next(_COPIES)}-{os.getpid()}"
    subprocess.run(["cp", "-Rp", str(prepared), str(home)], check=True)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _prepared(base: Path) -> Path:
    """The folder to copy; made by the first run that needs it, while the others wait."""
    prepared = base / digest()
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not prepared.exists():
            for old in base.glob("[0-9a-f]" * 16):
                shutil.rmtree(old)
            fresh = base / "fresh"
            shutil.rmtree(fresh, ignore_errors=True)
            with running(fresh, options=FAST_AND_FORGETFUL) as server:
                migrate(_template_of(server))
            fresh.rename(prepared)
    return prepared


def _template_of(server: Server) -> str:
    return server.create_database(TEMPLATE)


def migrate(url: str) -> None:
    """As an operator does, in a process of its own: this one's Django may look elsewhere."""
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "palier.config.settings"}
    answer = subprocess.run(
        [sys.executable, "-m", "palier", "migrate", "--quiet"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if answer.returncode != 0:
        raise RuntimeError(f"The migrations failed:\n{answer.stdout}{answer.stderr}")


def let_flush(connection: BaseDatabaseWrapper) -> None:
    """Where ``tests.emptying`` may not do it, Django empties the tables after a test that commits: the guards of what
    is kept for ever are away for that moment."""
    flush = connection.ops.sql_flush

    def sql_flush(*arguments: Any, **options: Any) -> list[str]:
        statements = flush(*arguments, **options)
        return [GUARDS.format(how="DISABLE"), *statements, GUARDS.format(how="ENABLE ALWAYS")] if statements else []

    connection.ops.sql_flush = sql_flush  # type: ignore[method-assign]


def digest() -> str:
    """Names everything that shapes an empty database."""
    whole = hashlib.sha256(str(find_programs()).encode())
    shapes = [
        *ROOT.glob("src/**/migrations/*.py"),
        *ROOT.glob("src/palier/apps/help/*.py"),
        *ROOT.glob("src/palier/apps/help/articles/*/*.md"),
        ROOT / "requirements" / "dev.txt",
        ROOT / "src/palier/config/settings.py",
    ]
    for path in sorted([*shapes, ROOT / "src/palier_stack/postgres.py"]):
        whole.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return whole.hexdigest()[:16]


def _forget_dead_runs(base: Path) -> None:
    for folder in [*base.glob("run-*"), *base.glob("durable-*")]:
        if not leash.runs(int(folder.name.rpartition("-")[2]), []):
            shutil.rmtree(folder, ignore_errors=True)
