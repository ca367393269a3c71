"""The test run's own PostgreSQL, and the whole program running beside the tests. Both start only when a test asks."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pytest_django import DjangoDbBlocker

from tests import databases as made
from tests.live_stack import LiveStack, live_stack


@pytest.fixture(scope="session")
def databases() -> Iterator[made.Databases]:
    """Hands out empty, migrated databases."""
    with made.databases() as found:
        yield found


@pytest.fixture(scope="session")
def database_url(databases: made.Databases) -> str:
    """The database of the tests that use Django in this process."""
    return databases.fresh("test")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Instead of pytest-django's: the database is a copy of the migrated template."""
    parts = urlsplit(request.getfixturevalue("database_url"))
    from django.db import connections

    with django_db_blocker.unblock():
        connections.close_all()
        settings = connections["default"].settings_dict
        settings.update(
            NAME=parts.path.lstrip("/"),
            USER=unquote(parts.username or ""),
            PASSWORD=unquote(parts.password or ""),
            HOST=parts.hostname or "",
            PORT=str(parts.port or ""),
        )
        # One connection per thread, no pool: a pool's own threads would outlive the test's database.
        settings["OPTIONS"].pop("pool", None)
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(scope="session")
def stack(databases: made.Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStack]:
    """The whole program as a person meets it: web server, worker, payment service and mail catcher as processes."""
    with live_stack(databases.fresh("stack"), tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the project."""
    return made.ROOT
