"""The gateways that the contract is asked of."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from palier_sandbox.webhooks import signature
from tests.contracts.stages import SandboxStage, Stage
from tests.interfaces.conftest import client_of, scene, shared_scene
from tests.payment_fixtures import sandbox, sandbox_process, shared_cast
from tests.sandbox_process import SandboxProcess
from tests.sandbox_process import sandbox as running_sandbox

__all__ = ["client_of", "sandbox", "sandbox_process", "scene", "shared_cast", "shared_scene"]


@pytest.fixture(scope="session")
def sandbox_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for the whole suite. Its slow card is much slower than whoever is impatient, on any machine."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), slow_seconds=3) as service:
        yield service


@pytest.fixture(scope="session")
def sandbox_stage(sandbox_service: SandboxProcess) -> Iterator[SandboxStage]:
    """The sandbox and the adapter that speaks to it."""
    stage = SandboxStage(sandbox_service, sign_with=signature)
    yield stage
    stage.close()


@pytest.fixture(params=["sandbox"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """A gateway without any fault switched on."""
    stage: Stage = request.getfixturevalue(f"{request.param}_stage")
    stage.clear_faults()
    return stage


_numbers = count(1)


@pytest.fixture
def new_reference() -> Callable[[], str]:
    """References never used before."""
    return lambda: f"pay_{next(_numbers):013d}"


@pytest.fixture
def reference(new_reference: Callable[[], str]) -> str:
    """One such reference."""
    return new_reference()
