"""Holds one of two at a named point while the other goes by: an order of events that is forced, not hoped for.

The points are those of ``tests.actors.points``: before and after each statement, commit, and step of a request. A
statement that takes a row's lock is called "lock" instead of "SELECT". Nothing in the program knows of them.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, local
from typing import Any, Final

import httpx
from django.db import InterfaceError, OperationalError, connection, connections

from palier.apps.gateways.contract import GatewayUnreachable
from palier.kit.refusals import Refusal
from tests.actors.points import name_of, watch_commits, watch_requests

PATIENCE_SECONDS: Final = 120
LOCKS: Final = ("FOR NO KEY UPDATE", "FOR UPDATE")

Action = Callable[[], object]
Trouble = (OperationalError, InterfaceError)


@dataclass(frozen=True)
class Point:
    """The ``nth`` time, from 1, that something of this name is passed; ``name`` may be the end of a longer one."""

    name: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.name} ({self.nth})" if self.nth > 1 else self.name


BEFORE_ITS_LOCK: Final = Point("before lock accounts_account")
AFTER_ITS_LOCK: Final = Point("after lock accounts_account")
BEFORE_ITS_COMMIT: Final = Point("before commit")
BEFORE_ITS_CHARGE: Final = Point("before POST /v1/charges: http11.send_request_headers")
AFTER_ITS_CHARGE: Final = Point("after POST /v1/charges: http11.receive_response_body")


@dataclass
class Actor:
    """Who does something in a thread with a connection of its own, and stops at a point where one is named."""

    does: Action
    at: Point | None = None
    passed: list[str] = field(default_factory=list)
    backend: int = 0
    reached: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    answer: object = None

    def act(self) -> object:
        """Do it to the end; a refusal is an answer, and so is trouble with the database or the gateway."""
        _here.actor = self
        try:
            with connection.execute_wrapper(self._statement):
                watch_commits(self)
                _patient()
                self.answer = self.does()
        except (Refusal, GatewayUnreachable, *Trouble) as answer:
            self.answer = answer
        finally:
            _here.actor = None
            connections.close_all()
            self.over.set()
        return self.answer

    def point(self, name: str) -> None:
        """Pass a point, or wait there. No request leaves while a transaction is open."""
        self.passed.append(name)
        assert " /v1/" not in name or not connection.in_atomic_block, f"{name} inside of a transaction"
        if self.at is None or self.reached.is_set() or not name.endswith(self.at.name):
            return
        if sum(each.endswith(self.at.name) for each in self.passed) == self.at.nth:
            self.reached.set()
            assert self.go.wait(PATIENCE_SECONDS), f"nobody let go at {self.at}"

    def _statement(self, execute: Callable[..., Any], statement: str, values: Any, many: bool, how: Any) -> Any:
        self.backend = connection.connection.info.backend_pid
        name = name_of(statement)
        if any(lock in statement for lock in LOCKS):
            name = f"lock {name.rpartition(' ')[2]}"
        self.point(f"before {name}")
        answer = execute(statement, values, many, how)
        self.point(f"after {name}")
        return answer


@dataclass(frozen=True)
class Met:
    """How two have met: what each was told, and whether the first was seen held and the second seen to wait for it."""

    first: object
    second: object
    held: bool
    waited: bool


def met(first: Action, second: Action, at: Point) -> Met:
    """Hold ``first`` at a point while ``second`` runs to its end, or until it waits for a lock; then let both end.

    Where the first never comes to the point it is over before the second begins.
    """
    one, other = Actor(first, at), Actor(second)
    with requests_watched(), ThreadPoolExecutor(2) as threads:
        leading = threads.submit(one.act)
        try:
            _until(lambda: one.reached.is_set() or one.over.is_set())
            following = threads.submit(other.act)
            _until(lambda: other.over.is_set() or waits_for_a_lock(other.backend))
            waited = not other.over.is_set()
        finally:
            one.go.set()
        return Met(leading.result(PATIENCE_SECONDS), following.result(PATIENCE_SECONDS), one.reached.is_set(), waited)


def interrupted(
    action: Action, at: Point | None = None, meanwhile: Callable[[Actor], object] = lambda held: None
) -> Actor:
    """Hold an action at a point, where one is named, do something meanwhile, and let it end."""
    actor = Actor(action, at)
    with requests_watched(), ThreadPoolExecutor(1) as threads:
        acting = threads.submit(actor.act)
        try:
            if at is not None:
                _until(lambda: actor.reached.is_set() or actor.over.is_set())
                assert actor.reached.is_set(), f"never came to {at}: {actor.answer!r}"
                meanwhile(actor)
        finally:
            actor.go.set()
        acting.result(PATIENCE_SECONDS)
    return actor


def waits_for_a_lock(backend: int) -> bool:
    """Whether the database says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'", [backend])
        return bool(cursor.rowcount == 1)


@contextmanager
def requests_watched() -> Iterator[None]:
    """Make points of the requests that an actor's thread makes; those of others pass unseen."""
    plain = httpx.HTTPTransport.handle_request
    watch_requests(_Here())
    try:
        yield
    finally:
        setattr(httpx.HTTPTransport, "handle_request", plain)  # noqa: B010


def passes(name: str) -> None:
    """A point of the test's own; nothing where nobody is watched."""
    actor: Actor | None = getattr(_here, "actor", None)
    if actor is not None:
        actor.point(name)


class _Here:
    def point(self, name: str) -> None:
        passes(name)


_here: Final = local()


def _patient() -> None:
    """Who is held in a transaction on purpose is not taken for frozen, and who waits for them goes on waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 0")


def _until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < deadline, "neither of the two goes on"
        time.sleep(0.004)
