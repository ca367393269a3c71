from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from tests.faults.stand import Stand
from tests.faults.stand import stand as running_stand
from tests.faults.theatre import Theatre, theatre
from tests.payment_fixtures import sandbox, sandbox_process
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess
from tests.world import publish

__all__ = ["sandbox", "sandbox_process"]

HERE: Final = Path(__file__).parent
SECONDS: Final = sized(1500, 0, 0)
"""Many deaths in one test: on a slow machine that others use as well they take longer than a test usually may; those of
a night take as long as they take."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is given time."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(autouse=True)
def prices(transactional_db: None) -> None:
    """A published catalogue. The actors' processes see it, so it is really committed."""
    publish()


@pytest.fixture(autouse=True)
def no_other_jobs(transactional_db: None) -> None:
    """The queue holds the test's own jobs only: Django's own emptying of tables passes the queue's by."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """The product's own hasher is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def stage(database_url: str, sandbox_process: SandboxProcess) -> Iterator[Theatre]:
    """Where stories are performed by processes that die on the way."""
    with theatre(database_url, sandbox_process) as running:
        yield running


@pytest.fixture(scope="session")
def stand_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One for the whole run: its programs take seconds to start."""
    with running_stand(tmp_path_factory.mktemp("stand")) as running:
        running.reserve(120)
        yield running


@pytest.fixture
def stand(stand_of_all: Stand) -> Iterator[Stand]:
    """The whole program, whose parts may be shot, with people who have bought nothing yet."""
    stand_of_all.wake()
    yield stand_of_all
    stand_of_all.rest()
