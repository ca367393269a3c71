"""No catalogue is published yet, or the stored one cannot be read: pages say so, and nothing breaks."""

import json
from collections.abc import Iterator

import pytest
from django.db import connection

from palier.apps.catalogue.versions import CatalogueUnreadable, NoCatalogue, _parsed
from palier.apps.orders.models import Order, Quote
from palier.kit.refusals import Refusal
from tests import world
from tests.interfaces import scenes
from tests.interfaces.addresses import ADDRESSES, Address, Open
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

PRICED = ("home", "settings", "plans", "preview", "billing-overview", "ask", "quote-create")
CHOICE = {"plan": "team", "interval": "month", "seats": "5"}


@pytest.fixture
def newcomers(db: None, settings: object) -> Cast:
    """The cast, before anything is published."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    return world.cast()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", [a for a in ADDRESSES if not a.names], ids=lambda address: address.name)
def test_before_the_first_catalogue(
    newcomers: Cast, sandbox: SandboxProcess, client_of: ClientOf, address: Address, language: str
) -> None:
    who = None if address.to is Open.ANYONE else newcomers.owner
    client = client_of(world.operator() if address.to is Open.OPERATORS else who, language=language)
    client.raise_request_exception = False
    words = {"invitation": ["token"], "terms": ["2026-11-01"], "hook": ["sandbox"], "account_confirm_email": ["key"]}
    words |= {name: ["upgrade-your-account"] for name in ("help-article", "help-opinion")}
    words |= {f"confirm-payment{what}": ["token"] for what in ("", "-status", "-return")}
    arguments = {**words, "account_reset_password_from_key": ["1", "key"]}.get(address.name, [])
    for method in set(address.methods) - {"HEAD"}:
        answer = client.generic(method, address.path_with(arguments, language), b"plan=team&interval=month&seats=5")
        answer.getvalue()  # read to its end, a file is closed
        assert answer.status_code < 500, method
        if address.name in PRICED and answer.status_code != 302:
            says(Page(answer), NoCatalogue(), language)
    assert not Quote.objects.exists()


@pytest.fixture
def unreadable(cast: Cast) -> Iterator[Quote]:
    """A quote of a good catalogue; then a newer one was stored by some other program, with half of it missing."""
    quote = scenes.quoted(cast.owner)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalogue_catalogueversion (number, content, sha256, published_at)"
            " SELECT number + 1, %s, %s, published_at FROM catalogue_catalogueversion",
            [json.dumps({"plans": {"team": {"rank": "high"}}}), "f" * 64],
        )
    yield quote
    _parsed.cache_clear()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_stored_catalogue_that_cannot_be_read(
    cast: Cast, unreadable: Quote, client_of: ClientOf, language: str
) -> None:
    client = client_of(cast.owner, language=language)
    for path in ("/", "/settings/billing/plans/", f"/checkout/{unreadable.public_id}/"):
        says(Page(client.get(path)), CatalogueUnreadable(number=2), language)
    for path in ("/settings/billing/quotes/", f"/checkout/{unreadable.public_id}/"):
        says(Page(client.post(path, CHOICE)), CatalogueUnreadable(number=2), language)
    assert (Quote.objects.count(), Order.objects.count()) == (1, 0)


def says(page: Page, refusal: Refusal, language: str) -> None:
    assert page.status in (409, 503)
    assert page.language == language
    assert page.says(refusal.text(language))
