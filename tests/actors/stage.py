"""Performs stories, each in a process of its own that may be killed or frozen on the way.

One line of JSON in (a scene), one line of JSON out (how it ended). The stage itself has imported and read everything,
and holds no connection while it forks: an actor is ready within milliseconds and opens its own.
"""

import gc
import json
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from typing import Any, NoReturn

from django.conf import settings
from django.db import connections

from palier.apps import gateways
from tests.actors.points import Trail, watched
from tests.actors.stories import STORIES


@dataclass
class Actor:
    """A process that performs a story, and the end of the pipe in which it tells its points."""

    process: int
    told: int

    def ending(self) -> dict[str, Any]:
        """Wait for its end."""
        with os.fdopen(self.told) as pipe:
            said = pipe.read()
        _, status = os.waitpid(self.process, 0)
        points, _, error = said.partition("\0")
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        return {"points": points.splitlines(), "killed": killed, "error": error}

    def freezing(self) -> dict[str, Any]:
        """Wait until it stands still."""
        _, status = os.waitpid(self.process, os.WUNTRACED)
        return {"points": [], "killed": False, "error": "" if os.WIFSTOPPED(status) else "it did not freeze"}

    def wake(self) -> None:
        """Let it go on from where it stands."""
        os.kill(self.process, signal.SIGCONT)


def main() -> None:
    """Perform scenes until the input ends: with whoever started this, so it never outlives them."""
    frozen: list[Actor] = []
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the product's is slow on purpose
    _ready_for_births()
    for line in sys.stdin:
        print(json.dumps(_perform(json.loads(line), frozen)), flush=True)


def _perform(scene: dict[str, Any], frozen: list[Actor]) -> dict[str, Any]:
    match scene["how"]:
        case "rehearse":  # in this very process: what is read and compiled once is there for all who are born later
            return _rehearsed(scene)
        case "freeze":
            frozen.append(_born(scene, signal.SIGSTOP))
            return frozen[-1].freezing()
        case "wake":
            frozen[-1].wake()
            return frozen.pop().ending()
        case _:
            return _born(scene, signal.SIGKILL).ending()


def _rehearsed(scene: dict[str, Any]) -> dict[str, Any]:
    error = ""
    try:
        STORIES[scene["story"]](**scene["arguments"])
    except Exception:
        error = traceback.format_exc()
    connections.close_all()
    _ready_for_births()
    return {"points": [], "killed": False, "error": error}


def _ready_for_births() -> None:
    """What every actor needs is made once, without any connection; what it inherits is not copied by a collection."""
    gateways._sandbox.cache_clear()  # the rehearsal's connections stay with the stage
    gateways.gateway()
    gc.collect()
    gc.freeze()


def _born(scene: dict[str, Any], end: signal.Signals) -> Actor:
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _act(scene, Trail(writing, scene["end_at"], end))
    os.close(writing)
    return Actor(process, reading)


def _act(scene: dict[str, Any], trail: Trail) -> NoReturn:
    try:
        with watched(trail):
            STORIES[scene["story"]](**scene["arguments"])
    except BaseException:
        os.write(trail.pipe, f"\0{traceback.format_exc()}".encode())
        os._exit(1)
    os._exit(0)
