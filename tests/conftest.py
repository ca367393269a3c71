"""The test run's own PostgreSQL, and the whole program running beside the tests. Both start only when a test asks."""

from collections.abc import Generator, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.test import TransactionTestCase
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from tests import databases as made
from tests.emptying import Emptying
from tests.ground import GROUND
from tests.live_stack import LiveStack, live_stack
from tests.report.again import of_waiting
from tests.report.cases import Counting
from tests.report.happened import note
from tests.report.size import SIZE, Size

settings.load_profile("palier")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """The report on what was done to the program counts the tests as well."""
    if report.when == "call" or report.failed:
        note({"test": report.nodeid, "outcome": report.outcome, "seconds": report.duration})


def pytest_exception_interact(node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]) -> None:
    """Whether it failed of waiting: then it may be played once more (decision 0027)."""
    assert call.excinfo is not None
    note({"broke": node.nodeid, "of_waiting": of_waiting(call.excinfo)})


def pytest_sessionfinish(exitstatus: int) -> None:
    """A run that was broken off says nothing here."""
    note({"ended": int(exitstatus)})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A night's property takes as long as its cases take."""
    if SIZE is not Size.PR:
        for item in items:
            if hasattr(getattr(item, "obj", None), "hypothesis"):
                item.add_marker(pytest.mark.timeout(0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Generated cases count where their property held."""
    with Counting(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """What tests share lies around the transaction that pytest-django opens for each test."""
    if fixturedef.argname == "_django_db_helper":
        GROUND.prepare(request)
    return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Its books are examined for what it did itself."""
    from tests import books

    books.a_test_begins()


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
        made.let_flush(connections["default"])
        # One connection per thread, no pool: a pool's own threads would outlive the test's database.
        settings["OPTIONS"].pop("pool", None)
        emptying = Emptying()
        thrifty = emptying.possible
    with pytest.MonkeyPatch.context() as patch:
        if thrifty:
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: emptying())
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
