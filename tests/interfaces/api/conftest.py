"""A host product's server that knows the key, and an account on Team with four seats."""

import json
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Account
from palier.apps.help import library
from palier.kit import clock
from tests import world
from tests.ground import GROUND, layer
from tests.payment_fixtures import paying_to
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

KEY = "the-key-of-the-host-product"
SIGNING_KEY = "a-signing-key-of-more-than-32-characters"


class Ask(Protocol):
    """One request to the API."""

    def __call__(
        self, method: str, path: str, body: object = None, *, key: str | None = KEY, language: str = "en"
    ) -> HttpResponse:
        """``body`` is sent as JSON, or as it is where it is bytes."""


@pytest.fixture
def account(buyers_account: Account, settings: Settings) -> Account:
    settings.PALIER_API_KEY, settings.PALIER_SNAPSHOT_KEY = KEY, SIGNING_KEY
    return buyers_account


@pytest.fixture
def buyers_account(cast: Cast, sandbox: SandboxProcess, request: pytest.FixtureRequest) -> Account:
    found: Account = GROUND.give("buyers_account", request)
    return found


def _buyers_account(request: pytest.FixtureRequest, cast: Cast) -> Account:
    process: SandboxProcess = request.getfixturevalue("sandbox_process")
    with paying_to(process):
        world.bought(process, cast.owner, "team", "month", 4, now=clock.now())
        return world.fresh(cast.account)


layer("buyers_account", _buyers_account, on="shared_cast")


@pytest.fixture
def ask(account: Account) -> Ask:
    """A server: no cookie, no token of a form, and nothing raised into the test."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def sent(
        method: str, path: str, body: object = None, *, key: str | None = KEY, language: str = "en"
    ) -> HttpResponse:
        headers = {"Accept-Language": language}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        path = f"/api/accounts/{account.public_id}/{path}" if not path.startswith("/") else path
        return client.generic(method, path, raw, "application/json", headers=headers)  # type: ignore[return-value]

    return sent


def problem(answer: HttpResponse) -> dict[str, Any]:
    """The problem document of an answer, checked against RFC 9457."""
    assert answer["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.content)
    assert document["status"] == answer.status_code
    assert document["type"] == f"urn:palier:problem:{document['code']}"
    assert document["title"] in document["detail"].values()
    assert set(document["detail"]) == {"en", "fr"}
    article = library.for_code(document["code"], answer["Content-Language"])
    assert article is not None
    assert document["help"] == f"{settings.BASE_URL}{article.path}"
    assert answer["Cache-Control"] == "no-store"
    return document
