"""Every point that a process passes on its way, and the switch that kills or freezes it at one of them.

A point lies before and after each SQL statement and COPY, each commit and rollback, and each step of each HTTP request
(the connection, the bytes that leave, the answer that comes), each word with a mail server, each page. They are not
listed by hand: whatever the program does is a point, so a new statement or request is covered from the day it is
written.
"""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx
import psycopg
from django.db import connection
from psycopg.sql import Composable

from tests.actors.points_at_the_door import watch_letters, watch_pages

_ID: Final = re.compile(r"/[a-z]+_[a-z0-9]+/")


class Passing(Protocol):
    """Whoever is told each point as it is passed, and may end or wait there."""

    def point(self, name: str) -> None: ...


@dataclass
class Trail:
    """Tells each point to a pipe as it is passed; at point number ``end_at`` (from 0; None: never) comes the signal.

    SIGKILL is death. SIGSTOP is a machine that hangs: the process goes on when somebody sends SIGCONT.
    """

    pipe: int
    end_at: int | None
    how: signal.Signals = signal.SIGKILL
    passed: int = 0

    def point(self, name: str) -> None:
        """Pass a point. What was told before the death is in the pipe: a kill does not take it back."""
        os.write(self.pipe, f"{name}\n".encode())
        if self.passed == self.end_at:
            os.kill(os.getpid(), self.how)
        self.passed += 1


@contextmanager
def watched(trail: Trail) -> Iterator[None]:
    """Make points of everything that leaves this process, until it ends: it is never undone."""
    watch_commits(trail)
    watch_requests(trail)
    _watch_copies(trail)
    watch_letters(trail.point)
    watch_pages(trail.point)
    with connection.execute_wrapper(_statements(trail)):
        yield


def _statements(trail: Trail) -> Callable[..., Any]:
    def wrapper(
        execute: Callable[..., Any], statement: str | Composable, values: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        name = name_of(statement if isinstance(statement, str) else statement.as_string())
        trail.point(f"before {name}")
        answer = execute(statement, values, many, context)
        trail.point(f"after {name}")
        return answer

    return wrapper


def watch_commits(trail: Passing) -> None:
    """Make points of the commits and rollbacks of this thread's connection."""
    for name in ("_commit", "_rollback"):
        setattr(connection, name, _surrounded(trail, name.lstrip("_"), getattr(connection, name)))


def _surrounded(trail: Passing, name: str, work: Callable[[], Any]) -> Callable[[], Any]:
    def surrounded() -> Any:
        trail.point(f"before {name}")
        answer = work()
        trail.point(f"after {name}")
        return answer

    return surrounded


def _watch_copies(trail: Trail) -> None:
    copy = psycopg.Cursor.copy

    @contextmanager
    def watched_copy(cursor: psycopg.Cursor[Any], statement: Any, *values: Any, **options: Any) -> Iterator[Any]:
        name = " ".join(str(statement).split()[:2])
        trail.point(f"before {name}")
        with copy(cursor, statement, *values, **options) as stream:
            yield stream
        trail.point(f"after {name}")

    setattr(psycopg.Cursor, "copy", watched_copy)  # noqa: B010


def watch_requests(trail: Passing) -> None:
    """Make points of the steps of every request that this process makes."""
    send = httpx.HTTPTransport.handle_request

    def watched_send(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        named = _ID.sub("/…/", request.url.path)
        path = named.rpartition("/")[0] if request.method == "GET" else named

        def step(name: str, _facts: dict[str, Any]) -> None:
            what, _, edge = name.rpartition(".")
            trail.point(f"{'before' if edge == 'started' else 'after'} {request.method} {path}: {what}")

        request.extensions["trace"] = step
        return send(transport, request)

    setattr(httpx.HTTPTransport, "handle_request", watched_send)  # noqa: B010


def name_of(statement: str) -> str:
    """What a statement does to which table, without the values."""
    words = statement.split()
    verb = words[0].upper()
    if verb in ("SAVEPOINT", "RELEASE", "ROLLBACK"):
        return verb
    marks = {"SELECT": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE", "DELETE": "FROM"}
    mark = marks.get(verb)
    if mark is None or mark not in words:
        return " ".join(words[:4])[:60]
    return f"{verb} {words[words.index(mark) + 1]}".replace('"', "")[:60]
