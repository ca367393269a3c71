"""The fixed cast, and a browser for each of them."""

from collections.abc import Iterator
from typing import Protocol

import pytest
from django.core.cache import caches
from django.test import Client, override_settings

from palier.apps.accounts.models import Member, Operator
from tests.ground import GROUND, layer
from tests.interfaces import scenes
from tests.interfaces.scenes import Scene
from tests.payment_fixtures import cast, cast_of_its_own, paying_to, sandbox, sandbox_process, shared_cast
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

__all__ = ["cast", "cast_of_its_own", "sandbox", "sandbox_process", "shared_cast"]


class ClientOf(Protocol):
    """A browser in which a member or an operator is logged in; nobody for None."""

    def __call__(self, member: Member | Operator | None, *, language: str = "en", strict: bool = False) -> Client:
        """``strict``: forms without their token are refused, as in production."""


@pytest.fixture
def client_of() -> ClientOf:
    def opened(member: Member | Operator | None, *, language: str = "en", strict: bool = False) -> Client:
        client = Client(enforce_csrf_checks=strict)
        client.cookies["django_language"] = language
        if member is not None:
            client.force_login(member.user)
        return client

    return opened


@pytest.fixture
def scene(shared_scene: Scene) -> Scene:
    """An account on Team with an invoice, a quote for Business and an invitation that waits."""
    return shared_scene


@pytest.fixture
def shared_scene(shared_cast: Cast, sandbox: SandboxProcess, request: pytest.FixtureRequest) -> Scene:
    """The same, made once for the tests of a file: see ``tests/ground.py``."""
    found: Scene = GROUND.give("shared_scene", request)
    return found


def _scene(request: pytest.FixtureRequest, cast: Cast) -> Scene:
    process: SandboxProcess = request.getfixturevalue("sandbox_process")
    with paying_to(process):
        return scenes.paying(cast, process)


layer("shared_scene", _scene, on="shared_cast")


@pytest.fixture(autouse=True, scope="module")
def static_files_are_looked_for_when_asked(django_test_environment: None) -> Iterator[None]:
    """Each browser of a test would list them all at its first page."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What this process remembers for itself is of an earlier test."""
    caches["process"].clear()
