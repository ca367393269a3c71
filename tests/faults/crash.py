"""Rehearse a story, kill it at a point, and see what is wrong afterwards."""

from collections.abc import Callable

from django.db import connection

from tests.faults.plays import Play
from tests.faults.scenes import Recovery, Scene, recover
from tests.faults.theatre import Theatre
from tests.live_stack import until
from tests.sandbox_process import SandboxProcess

Staging = Callable[[SandboxProcess], Scene]
"""Makes a fresh account and all that a story needs before it begins."""


def points_of(story: Staging, stage: Theatre, sandbox: SandboxProcess) -> list[str]:
    """All points of a story, from a run that nobody kills."""
    first = story(sandbox)
    stage.rehearse(first.story, **first.arguments)
    scene = story(sandbox)
    ending = stage.perform(scene.story, **scene.arguments)
    assert not ending.killed
    return ending.points


def moments(points: list[str]) -> list[int]:
    """One kill for each state in which a death can leave the world.

    Between "after" one step and "before" the next nothing leaves the process, so that both are one moment.
    """
    return [number for number, point in enumerate(points) if point.startswith("before")] + [len(points) - 1]


def the_dead_let_go() -> None:
    """Wait until the database has noticed who died: until then their locks stand, and whoever skips locked rows
    passes."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND xact_start IS NOT NULL"
    )

    def nobody_else_is_in_a_transaction() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(others)
            (number,) = cursor.fetchone()
        return bool(number == 0)

    until(nobody_else_is_in_a_transaction, "the end of the transactions of the dead")


def killed_at(number: int, point: str, scene: Scene | Play, stage: Theatre) -> None:
    """Play a scene until its process dies at a point, and make sure that it was there that it died."""
    ending = stage.perform(scene.story, die_at=number, **scene.arguments)
    assert ending.killed, f"nobody died at {point!r}"
    assert (len(ending.points), ending.points[-1]) == (number + 1, point)


def wrong_after(scene: Scene, recovery: Recovery, sandbox: SandboxProcess) -> str:
    """What is broken once recovery has run; nothing is the good answer."""
    try:
        recover(scene, recovery, sandbox)
    except AssertionError as error:
        return str(error).partition("\n")[0] or repr(error)
    return ""
