"""Who knocks at the URLs: the fixed cast, each with a browser session of their own."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.accounts.models import Member
from palier.kit import clock
from tests.world import NOON, Cast


@pytest.fixture
def logged_in() -> Callable[..., Client]:
    """``logged_in(cast.owner)``: a client whose session is that member's, reading the given language."""

    def client(member: Member, language: str = "en") -> Client:
        session = Client(headers={"Accept-Language": language})
        session.force_login(member.user)
        return session

    return client


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' clock stands at NOON, when the cast's accounts were opened."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture(params=["owner", "billing_admin", "admin", "member"])
def insider(request: pytest.FixtureRequest, cast: Cast) -> Member:
    """Each member of the account in turn."""
    member: Member = getattr(cast, request.param)
    return member
