"""``palier worker``: the background jobs.

A database that goes away ends a round of work, not the process: the next round begins once it answers again, without
the seconds that a new process takes to load the program.
"""

import argparse
import asyncio
import logging
import random
import signal
from collections.abc import Sequence
from typing import Any, Final

import django
import psycopg
from django.db import connection
from procrastinate.app import WorkerOptions
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition
from procrastinate.manager import JobManager
from procrastinate.middleware import AsyncCallNext
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from palier.kit import database

QUEUES: Final = ("billing", "mail", "documents", "clock")

LOST_SECONDS: Final = 5
"""A round tries for so long to reach a database that went away, after 1, 3 and 5 seconds, before it ends."""

ASKED_EVERY_SECONDS: Final = (0.3, 0.7)
"""Between two rounds, so often whether the database is back: workers that lost it together do not return together."""

ENDS: Final = (signal.SIGINT, signal.SIGTERM)

log: Final = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Run jobs until SIGINT or SIGTERM, which let the jobs under way end; ``--once`` stops when there is none left.

    Jobs of ``billing`` wait for the gateway, those of ``mail`` for the mail server: a worker of their own for each kind
    keeps one that hangs from holding up the others.
    """
    parser = argparse.ArgumentParser(prog="palier worker", description="Run the background jobs.")
    parser.add_argument("--concurrency", type=int, default=4, help="jobs at a time (default: 4)")
    parser.add_argument(
        "--queues",
        default=",".join(QUEUES),
        metavar="QUEUE,…",
        help=f"only these kinds of jobs, of {', '.join(QUEUES)} (default: all)",
    )
    parser.add_argument("--once", action="store_true", help="run what is due and stop")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.queues.split(",")) - set(QUEUES)):
        parser.error(f"there is no queue {', '.join(unknown)}; there are {', '.join(QUEUES)}")
    django.setup()
    _ask_for_tables()
    asyncio.run(Rounds(options.queues.split(","), options.concurrency, once=options.once).work())
    return 0


def _ask_for_tables() -> None:
    """A database that never answered, or was never migrated, is an operator's mistake, and told at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM procrastinate_jobs LIMIT 1")
    connection.close()


class Rounds:
    """Work in rounds: each from a connection to the database to its loss, or to the end of all."""

    def __init__(self, queues: list[str], concurrency: int, *, once: bool) -> None:
        self._options: WorkerOptions = {
            "queues": queues,
            "concurrency": concurrency,
            "wait": not once,
            "delete_jobs": DeleteJobCondition.SUCCESSFUL,
            "install_signal_handlers": False,
            "worker_middleware": [self._noted],
        }
        self._once = once
        self._ending = False
        self._last: Worker | None = None

    async def work(self) -> None:
        """Until asked to end; with ``once`` until nothing is due."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this is a coroutine
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._unheard)
        for asked in ENDS:
            loop.add_signal_handler(asked, self._end, task)
        try:
            while True:
                try:
                    await self._round()
                except (ConnectorException, psycopg.OperationalError) as trouble:
                    if self._once or (not isinstance(trouble, psycopg.Error) and not _is_away(trouble)):
                        raise
                    log.warning("the database went away", exc_info=True)
                if self._once:
                    return
                await _database_answers()
        except asyncio.CancelledError:
            if not self._ending:
                raise

    def _end(self, task: "asyncio.Task[None]") -> None:
        """Let the jobs under way end; asked a second time, the process ends at once."""
        for asked in ENDS:
            asyncio.get_running_loop().remove_signal_handler(asked)
        self._ending = True
        task.cancel()

    def _unheard(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The end of a job could not be written: it would stay under way for as long as this round lives. So the round
        ends, and whoever rescues takes the job."""
        loop.default_exception_handler(context)
        if isinstance(context.get("exception"), ConnectorException) and self._last is not None:
            self._last.stop()  # type: ignore[no-untyped-call] # Procrastinate does not say

    async def _round(self) -> None:
        connector = PsycopgConnector(kwargs=connector_params(), timeout=LOST_SECONDS, reconnect_timeout=LOST_SECONDS)
        with app.replace_connector(connector) as working:
            try:
                await connector.open_async()
                await self._give_up_lost(working.job_manager)
                await working.run_worker_async(**self._options)
            finally:
                await connector.close_async()

    async def _noted(self, call_next: AsyncCallNext, _context: JobContext, worker: Worker) -> Any:
        self._last = worker
        return await call_next()

    async def _give_up_lost(self, manager: JobManager) -> None:
        """An earlier round that could not sign off runs nothing any more: its jobs need not wait for a long silence."""
        if self._last is not None and self._last.worker_id is not None:
            await manager.unregister_worker(self._last.worker_id)
        self._last = None


def _is_away(trouble: ConnectorException) -> bool:
    """Whether the database is gone for a while; one without our tables, e.g., will not come by itself."""
    return isinstance(trouble.__cause__, database.AWAY)


async def _database_answers() -> None:
    while True:
        await asyncio.sleep(random.uniform(*ASKED_EVERY_SECONDS))  # noqa: S311 - a spread, no secret
        try:
            asked = await psycopg.AsyncConnection.connect(**connector_params())
        except psycopg.OperationalError:
            continue
        await asked.close()
        return
