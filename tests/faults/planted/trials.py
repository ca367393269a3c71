"""A scenario is played without a bug, and nothing may be found; then with it, and the named check has to find it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError

from palier.apps.accounts.models import Account
from palier.flows import doctor
from palier.kit import clock
from tests.books import FOR_EVER, began_in_the_past
from tests.faults.crash import killed_at
from tests.faults.planted import BUGS, planted
from tests.faults.planted.bug import Bug
from tests.faults.planted.walls import taken_down
from tests.faults.plays import Play
from tests.faults.scenes import Scene
from tests.faults.theatre import Ending, Theatre
from tests.report.happened import happened
from tests.sandbox_process import SandboxProcess

ON_ITS_WAY: Final = frozenset({"I25", "I28"})
"""Letters without a mail server and dates without a clock: not what these scenarios are about."""

ANSWERED: Final = "after POST /v1/charges: http11.receive_response_body"
"""The money is taken and the answer read; nothing of it is written yet."""


@dataclass
class Stand:
    """Where a scenario is played: a stage for processes that die, the payment service, and the bug (None: without)."""

    stage: Theatre
    sandbox: SandboxProcess
    bug: Bug | None = None
    known: frozenset[str] = field(default_factory=frozenset)

    def findings(self, account: Account, *, quiet_at: datetime | None = None) -> list[str]:
        """What an examination says about an account and about nobody's account, ``I03 pay_… was taken again``.

        ``quiet_at``: what was begun by then has to be over. Of the service's book, only what came since the scenario
        began: it is shared.
        """
        patience = timedelta() if quiet_at else FOR_EVER
        found = doctor.examine(now=max(quiet_at or clock.now(), clock.now()), patience=patience, soon=FOR_EVER)
        assert not found.silent, found.silent
        return [
            f"{one.code} {one.subject} {one.fact}"
            for one in found.breaches
            if one.account_id in (account.id, None)
            and one.subject not in self.known
            and not began_in_the_past(one)
            and not (quiet_at and one.code in ON_ITS_WAY)
        ]

    def perform(self, scene: Scene | Play) -> Ending:
        """Play a scene in a process of its own, with the bug in it, to its end."""
        wrong = self.with_the_bug(scene)
        return self.stage.perform(wrong.story, **wrong.arguments)

    def killed[S: Scene | Play](self, staging: Callable[[SandboxProcess], S], where: Callable[[list[str]], int]) -> S:
        """A scene whose process died at the point that ``where`` chooses among those of a first, whole performance."""
        points = self.perform(staging(self.sandbox)).points
        scene, number = staging(self.sandbox), where(points)
        killed_at(number, points[number], self.with_the_bug(scene), self.stage)
        return scene

    def with_the_bug[S: Scene | Play](self, scene: S) -> S:
        """The same scene as it is played in a process that has the bug."""
        if self.bug is None:
            return scene
        wrapped = {"bug": self.bug.name, "of": scene.story, "its": scene.arguments}
        return replace(scene, story="with_a_bug", arguments=wrapped)


Scenario = Callable[[Stand], list[str]]
"""Plays something that is right without the bug, on a fresh account; returns all that is found wrong afterwards."""


def when_answered(points: list[str]) -> int:
    """Where the answer of the charge was read."""
    return points.index(ANSWERED)


def before_the_commit(points: list[str]) -> int:
    """Where all that follows from the answer is written and not committed."""
    return points.index("before commit", when_answered(points))


def after_the_commit(points: list[str]) -> int:
    """Where it is committed, and nothing was done since."""
    return points.index("after commit", when_answered(points))


def assert_caught(name: str, scenario: Scenario, stage: Theatre, sandbox: SandboxProcess) -> None:
    """The bug's scenario is clean without it, and with it the bug's check says so; its wall refuses it before that."""
    bug = BUGS[name]
    assert not (found := _played(scenario, Stand(stage, sandbox))), f"{name}: without the bug there is {found}"
    with planted(name):
        if bug.walls:
            refused = _played(scenario, Stand(stage, sandbox, bug))
            assert f"refused by {bug.walls[0][1]}" in refused, f"{name} met no wall: {refused}"
        with taken_down(bug.walls):
            found = _played(scenario, Stand(stage, sandbox, bug))
            assert bug.caught_in(found), f"{name}: {bug.check} did not see it, but {found}"
    happened("planted_bugs", bug=name, check=bug.caught_by)


def _played(scenario: Scenario, stand: Stand) -> list[str]:
    stand.sandbox.clear_faults()
    stand.known = frozenset(row["reference"] for row in stand.sandbox.book()["charges"])
    try:
        return scenario(stand)
    except IntegrityError as refusal:
        return refused(refusal)


def refused(*answers: object) -> list[str]:
    """The walls that refused, among what several have been answered."""
    names = [getattr(getattr(each.__cause__, "diag", None), "constraint_name", "") for each in _refusals(answers)]
    return [f"refused by {name}" for name in names]


def _refusals(answers: Collection[object]) -> list[IntegrityError]:
    return [each for each in answers if isinstance(each, IntegrityError)]
