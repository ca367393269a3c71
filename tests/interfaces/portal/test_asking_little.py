"""In mixed billing, with changes that wait and a lower plan chosen, pages ask the database no more than elsewhere."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.flows import schedule
from palier.flows.change import Choice
from palier.kit import clock
from tests import world
from tests.interfaces.portal.subscribed import MID_JUNE, changed
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

MOST = 8
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/settings/billing/",
        "/settings/billing/plans/",
        "/settings/billing/plans/?plan=team",
        "/settings/billing/preview/?plan=team",
        "/settings/billing/seats/",
        "/settings/billing/seats/?month=3&year=3",
        "/settings/billing/seats/?month=5&year=2",
        "/settings/billing/add-ons/?units-records=1",
        "/settings/billing/add-ons/?units-records=4",
        "/settings/billing/cancel/",
    ],
)
def test_a_page_asks_little(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    world.bought(sandbox, cast.owner, "business", seats=7)
    changed(cast, Choice("business", "month", 5, 2, (("records", 3),)))
    schedule.change(world.fresh(cast.account), cast.owner, Choice("business", "month", 4, 2), now=MID_JUNE)
    monkeypatch.setattr(clock, "now", lambda: MID_JUNE)
    client = logged_in(cast.owner)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    statements = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= MOST, "\n".join(statements)
