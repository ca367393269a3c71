"""Performs stories, each in a process of its own that may be killed on the way.

One line of JSON in (a scene), one line of JSON out (how it ended). The stage itself has imported and read everything,
and holds no connection while it forks: an actor is ready within milliseconds and opens its own.
"""

import json
import os
import signal
import sys
import traceback
from typing import Any, NoReturn

from django.db import connections

from palier.apps import gateways
from tests.actors.points import Trail, watched
from tests.actors.stories import STORIES


def main() -> None:
    """Perform scenes until the input ends: with whoever started this, so it never outlives them."""
    for line in sys.stdin:
        print(json.dumps(_perform(json.loads(line))), flush=True)


def _perform(scene: dict[str, Any]) -> dict[str, Any]:
    if scene.get("rehearsal"):  # in this very process: what is read and compiled once is there for all who follow
        STORIES[scene["story"]](**scene["arguments"])
        connections.close_all()
        return {"points": [], "killed": False, "error": ""}
    reading, writing = os.pipe()
    actor = os.fork()
    if actor == 0:
        os.close(reading)
        gateways._sandbox.cache_clear()  # the rehearsal's connections stay with the stage
        _act(scene, writing)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    _, status = os.waitpid(actor, 0)
    points, _, error = said.partition("\0")
    return {
        "points": points.splitlines(),
        "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
        "error": error,
    }


def _act(scene: dict[str, Any], pipe: int) -> NoReturn:
    try:
        with watched(Trail(pipe, scene["die_at"])):
            STORIES[scene["story"]](**scene["arguments"])
    except BaseException:
        os.write(pipe, f"\0{traceback.format_exc()}".encode())
        os._exit(1)
    os._exit(0)
