"""What many tests of a file begin with, made once: each test begins on it and is rolled back to it.

A layer is a state of the database that a fixture hands out. It is named like the fixture, and may lie on another one:
a scene on the cast. Layers lie in transactions around that of the test. Before a test opens its own, what the test
does not ask for is rolled back, and what it asks for and is not there is made: a test finds what it would find if it
ran alone, in any order. Nothing outlives its file. A test that really commits begins on bare ground, and its fixtures
are made for it alone.

Objects in Python are no less the test's own: each test gets a fresh copy of what the layers handed out.
"""

import io
import pickle
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from tests.sandbox_process import SandboxProcess

Make = Callable[[pytest.FixtureRequest, Any], Any]
"""Given the test's request and what the layer below handed out; what it returns can be pickled."""


@dataclass(frozen=True)
class Layer:
    name: str
    make: Make
    on: str = ""


LAYERS: dict[str, Layer] = {}


def layer(name: str, make: Make, *, on: str = "") -> None:
    """Name a layer like the fixture that hands it out."""
    assert name not in LAYERS, f"two layers are named {name}"
    LAYERS[name] = Layer(name, make, on)


@dataclass
class Ground:
    """The layers that lie there now, the lowest first."""

    _blocker: DjangoDbBlocker | None = None
    _lying: list[tuple[str, ExitStack]] = field(default_factory=list)
    _made: dict[str, Any] = field(default_factory=dict)  # the originals, which no test touches
    _frozen: bytes = b""
    _of_the_test: dict[str, Any] = field(default_factory=dict)

    def prepare(self, request: pytest.FixtureRequest) -> None:
        """Before the test's own transaction begins."""
        self._blocker = request.getfixturevalue("django_db_blocker")
        wanted = [] if commits(request) else asked(request.fixturenames)
        fitting = 0
        for name, (lying, _around) in zip(wanted, self._lying, strict=False):
            if name != lying:
                break
            fitting += 1
        self.clear(fitting)
        for name in wanted[fitting:]:
            self._lay(LAYERS[name], request)
        self._of_the_test = self._copied() if wanted else {}

    def clear(self, kept: int = 0) -> None:
        """Roll back all but the lowest layers."""
        if len(self._lying) <= kept:
            return
        assert self._blocker is not None
        with self._blocker.unblock():
            while len(self._lying) > kept:
                name, around = self._lying.pop()
                del self._made[name]
                transaction.set_rollback(True)
                around.close()
        self._frozen = b""

    def give(self, name: str, request: pytest.FixtureRequest) -> Any:
        """What a layer handed out; made here and now where the test does not stand on it."""
        if name not in self._of_the_test:
            found = LAYERS[name]
            below = self.give(found.on, request) if found.on else None
            self._of_the_test[name] = found.make(request, below)
        return self._of_the_test[name]

    def _lay(self, found: Layer, request: pytest.FixtureRequest) -> None:
        assert self._blocker is not None
        with self._blocker.unblock(), ExitStack() as around:
            if not self._lying:
                assert not connection.in_atomic_block, "a transaction is open below the ground"
                request.node.getparent(pytest.Module).addfinalizer(self.clear)
            around.enter_context(transaction.atomic())
            self._made[found.name] = found.make(request, self._made.get(found.on))
            self._lying.append((found.name, around.pop_all()))
        self._frozen = b""

    def _copied(self) -> dict[str, Any]:
        if not self._frozen:
            kept = io.BytesIO()
            _Freezing(kept).dump(self._made)
            self._frozen = kept.getvalue()
        copy: dict[str, Any] = _Thawing(io.BytesIO(self._frozen)).load()
        return copy


GROUND = Ground()

_PROCESSES: dict[str, SandboxProcess] = {}
"""What runs is handed out itself, not as a copy."""


class _Freezing(pickle.Pickler):
    def persistent_id(self, thing: Any) -> str | None:
        if not isinstance(thing, SandboxProcess):
            return None
        _PROCESSES[thing.url] = thing
        return thing.url


class _Thawing(pickle.Unpickler):
    def persistent_load(self, name: str) -> SandboxProcess:
        return _PROCESSES[name]


def asked(fixtures: Iterable[str]) -> list[str]:
    """The layers that a test stands on, the lowest first: those of the highest it names which no other one bars."""
    towers = [_tower(LAYERS[name]) for name in fixtures if name in LAYERS]
    highest = max(towers, key=len, default=[])
    return [name for name in highest if all(name in tower or set(tower) <= set(highest) for tower in towers)]


def _tower(top: Layer) -> list[str]:
    return [*(_tower(LAYERS[top.on]) if top.on else []), top.name]


def commits(request: pytest.FixtureRequest) -> bool:
    """Whether the test has a database without a transaction around it."""
    marker = request.node.get_closest_marker("django_db")
    plain = {"transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback"}
    return bool(plain & set(request.fixturenames)) or bool(marker and (marker.args or marker.kwargs))
