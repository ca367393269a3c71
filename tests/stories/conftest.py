"""A life begins on 1 June 2026, unless its story says otherwise."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from tests.payment_fixtures import sandbox, sandbox_process
from tests.sandbox_process import SandboxProcess
from tests.stories.teller import Life, at

__all__ = ["sandbox", "sandbox_process"]

Begins = Callable[..., Life]


@pytest.fixture
def begins(db: None, sandbox: SandboxProcess, settings: Settings) -> Begins:
    """``begins("2027-01-31", country="DE", billing=world.GERMAN)``: a sandbox account on the free plan."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def life(day: str = "2026-06-01", **options: object) -> Life:
        return Life(sandbox, at(day), **options)  # type: ignore[arg-type]

    return life


@pytest.fixture
def life(begins: Begins) -> Life:
    """A French company, on 1 June 2026."""
    return begins()
