"""The sandbox as a fixture: one process for the whole run, without faults at the start of each test."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.sandbox_process import SandboxProcess
from tests.sandbox_process import sandbox as running_sandbox
from tests.world import Cast, publish
from tests.world import cast as make_cast


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
    sandbox_process.clear_faults()
    return sandbox_process


@pytest.fixture
def cast(db: None, settings: Settings) -> Cast:
    """A published catalogue and the fixed cast: owner, billing admin, admin, member and a stranger."""
    # The cast logs in often; the product's own hasher is slow on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    publish()
    return make_cast()
