"""A page asks the database a fixed number of questions, however many people, invoices and lines an account has."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.flows import quote as quoting
from palier.flows.change import Choice
from palier.kit import clock
from tests.interfaces import scenes
from tests.interfaces.addresses import ADDRESSES, OF_AN_ACCOUNT, Address, Open, visitor
from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene

MOST = 8
"""Session and person included."""

READ = [address for address in ADDRESSES if address.to in (*OF_AN_ACCOUNT, Open.OPERATORS) and "GET" in address.methods]


def asked(client_of: ClientOf, scene: Scene, address: Address) -> list[str]:
    """The statements of one page, for somebody who has been here before."""
    client = client_of(visitor(scene, address))
    path = address.path(scene)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code in (200, 204, 302)
    return [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]


@pytest.mark.parametrize("address", READ, ids=lambda address: address.name)
def test_a_page_asks_little(scene: Scene, client_of: ClientOf, address: Address) -> None:
    statements = asked(client_of, scene, address)
    assert len(statements) <= MOST, "\n".join([f"{len(statements)} statements", *statements])


def test_no_page_asks_more_for_a_larger_account(scene: Scene, client_of: ClientOf) -> None:
    # The way back from the bank leaves a job behind; a seat that is asked for has no price once one is free.
    pages = [address for address in READ if address.name not in {"order-return", "seat-request"}]
    before = {address.name: len(asked(client_of, scene, address)) for address in pages}
    for seats in (6, 9, 40):
        order = scenes.bought(scene.sandbox, scene.cast.owner, seats)
    scenes.joined(scene.account, scene.cast.owner, 12)
    quote = quoting.make(scene.account, scene.cast.owner, Choice("business", "month", 40), now=clock.now())
    assert len(quote.draft["lines"]) > 3, "a credit for each purchase"
    larger = replace(scene, order=order, quote=quote)
    after = {address.name: len(asked(client_of, larger, address)) for address in pages}
    assert after == before
