"""The fixed cast, and a browser for each of them."""

from collections.abc import Iterator
from typing import Protocol

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from palier.apps.accounts.models import Member
from tests import world
from tests.interfaces import scenes
from tests.interfaces.scenes import Scene
from tests.payment_fixtures import cast, sandbox, sandbox_process
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

__all__ = ["cast", "sandbox", "sandbox_process"]

QUICK_HASHER = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class ClientOf(Protocol):
    """A browser in which a member is logged in; nobody for None."""

    def __call__(self, member: Member | None, *, language: str = "en", strict: bool = False) -> Client:
        """``strict``: forms without their token are refused, as in production."""


@pytest.fixture
def client_of() -> ClientOf:
    def opened(member: Member | None, *, language: str = "en", strict: bool = False) -> Client:
        client = Client(enforce_csrf_checks=strict)
        client.cookies["django_language"] = language
        if member is not None:
            client.force_login(member.user)
        return client

    return opened


@pytest.fixture
def scene(cast: Cast, sandbox: SandboxProcess) -> Scene:
    """An account on Team with an invoice, a quote for Business and an invitation that waits."""
    return scenes.paying(cast, sandbox)


@pytest.fixture(scope="module")
def scene_of_the_file(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, sandbox_process: SandboxProcess
) -> Iterator[Scene]:
    """The same scene, made once for a file whose tests ask ``unchanging_scene`` and no other database fixture."""
    there = override_settings(
        PASSWORD_HASHERS=QUICK_HASHER,
        PALIER_SANDBOX_URL=sandbox_process.url,
        PALIER_SANDBOX_PUBLIC_URL=sandbox_process.url,
        PALIER_SANDBOX_SECRET_KEY=sandbox_process.secret_key,
        PALIER_SANDBOX_WEBHOOK_SECRET=sandbox_process.webhook_secret,
    )
    with there, django_db_blocker.unblock(), transaction.atomic():
        sandbox_process.clear_faults()
        world.publish()
        yield scenes.paying(world.cast(), sandbox_process)
        transaction.set_rollback(True)


@pytest.fixture
def unchanging_scene(scene_of_the_file: Scene) -> Iterator[Scene]:
    """The scene of the file; whatever a test changes is taken back."""
    with transaction.atomic():
        yield scene_of_the_file
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def forgotten_attempts() -> None:
    """Log-in counts attempts in the cache: each test begins without any."""
    cache.clear()
