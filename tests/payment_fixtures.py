"""The sandbox as a fixture: one process for the whole run, without faults at the start of each test."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from django.test import override_settings
from pytest_django.fixtures import Settings

from tests.ground import GROUND, layer
from tests.sandbox_process import SandboxProcess
from tests.sandbox_process import sandbox as running_sandbox
from tests.world import Cast, publish
from tests.world import cast as make_cast

QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""The cast logs in often; the product's own hasher is slow on purpose."""


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, settings: Settings) -> SandboxProcess:
    """The payment service that the settings of this test point to."""
    settings.PALIER_SANDBOX_URL = settings.PALIER_SANDBOX_PUBLIC_URL = sandbox_process.url
    settings.PALIER_SANDBOX_SECRET_KEY = sandbox_process.secret_key
    settings.PALIER_SANDBOX_WEBHOOK_SECRET = sandbox_process.webhook_secret
    sandbox_process.begin_without_faults()
    return sandbox_process


@pytest.fixture
def cast(shared_cast: Cast) -> Cast:
    """A published catalogue and the fixed cast: owner, billing admin, admin, member and a stranger."""
    return shared_cast


@pytest.fixture
def cast_of_its_own(db: None, settings: Settings) -> Cast:
    """The same, made for this test: nobody has typed a card for it yet, and the payment service forgets none."""
    settings.PASSWORD_HASHERS = QUICK_HASHERS
    publish()
    return make_cast()


@pytest.fixture
def shared_cast(db: None, settings: Settings, request: pytest.FixtureRequest) -> Cast:
    """The same, made once for the tests of a file: see ``tests/ground.py``."""
    settings.PASSWORD_HASHERS = QUICK_HASHERS
    found: Cast = GROUND.give("shared_cast", request)
    return found


def _cast(_request: pytest.FixtureRequest, _below: object) -> Cast:
    with override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
        publish()
        return make_cast()


layer("shared_cast", _cast)


def paying_to(sandbox: SandboxProcess) -> AbstractContextManager[object]:
    """The settings that point to it, for what is made before a test's own settings are there."""
    sandbox.begin_without_faults()
    return override_settings(
        PASSWORD_HASHERS=QUICK_HASHERS,
        PALIER_SANDBOX_URL=sandbox.url,
        PALIER_SANDBOX_PUBLIC_URL=sandbox.url,
        PALIER_SANDBOX_SECRET_KEY=sandbox.secret_key,
        PALIER_SANDBOX_WEBHOOK_SECRET=sandbox.webhook_secret,
    )
