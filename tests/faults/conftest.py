from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults.theatre import Theatre, theatre
from tests.payment_fixtures import sandbox, sandbox_process
from tests.sandbox_process import SandboxProcess
from tests.world import publish

__all__ = ["sandbox", "sandbox_process"]


@pytest.fixture(autouse=True)
def prices(transactional_db: None) -> None:
    """A published catalogue. The actors' processes see it, so it is really committed."""
    publish()


@pytest.fixture(autouse=True)
def no_other_jobs(transactional_db: None) -> None:
    """The queue holds the test's own jobs only: Django's own emptying of tables passes the queue's by."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture(scope="session")
def stage(database_url: str, sandbox_process: SandboxProcess) -> Iterator[Theatre]:
    """Where stories are performed by processes that die on the way."""
    with theatre(database_url, sandbox_process) as running:
        yield running
