"""GET ``/api/accounts/acc_…/snapshot``: a signed answer, checked with the very code that the documentation shows."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import Subscription
from palier.kit import clock
from tests.interfaces.api.conftest import SIGNING_KEY, Ask, problem

type Verify = Callable[[str, str, float], dict[str, Any]]


@pytest.fixture
def verify(repository: Path) -> Verify:
    """The function in docs/reference/api.md."""
    text = (repository / "docs/reference/api.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert code.count("\n") <= 20
    names: dict[str, Any] = {}
    exec(code, names)
    found: Verify = names["verify"]
    return found


def test_it_says_what_the_account_has_and_uses(account: Account, ask: Ask, verify: Verify) -> None:
    ask("PUT", "usage/records", {"used": 1200})
    answer = ask("GET", "snapshot")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/jose")
    now = clock.now().timestamp()
    claims = verify(answer.content.decode(), SIGNING_KEY, now)
    assert claims["sub"] == account.public_id
    assert (claims["plan"], claims["seats"], claims["access"], claims["read_only"]) == ("team", 4, "full", False)
    assert claims["limits"]["records"] == {"limit": 40_000, "used": 1200}
    assert claims["limits"]["teams"] == {"limit": 0, "used": 0}
    assert abs(claims["iat"] - now) < 60
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["grace_until"] - claims["exp"] == 24 * 3600


def test_it_is_fresh_no_longer_than_what_it_speaks_of(ask: Ask, verify: Verify) -> None:
    ends = clock.now().replace(microsecond=0) + timedelta(minutes=10)
    Subscription.objects.update(period_end=ends)
    claims = verify(ask("GET", "snapshot").content.decode(), SIGNING_KEY, clock.now().timestamp())
    assert claims["exp"] == int(ends.timestamp())


def test_what_was_touched_or_is_too_old_is_refused(ask: Ask, verify: Verify) -> None:
    token = ask("GET", "snapshot").content.decode()
    header, payload, signature = token.split(".")
    another = "B" if signature[0] == "A" else "A"  # not the last letters: some of their bits say nothing
    now = clock.now().timestamp()
    claims = verify(token, SIGNING_KEY, now)
    assert verify(token, SIGNING_KEY, claims["grace_until"] - 1) == claims
    forged = [
        f"{header}.{payload[:-2]}AA.{signature}",
        f"{header}.{payload}.{another}{signature[1:]}",
        f"eyJhbGciOiJub25lIn0.{payload}.",
        f"eyJhbGciOiJub25lIn0.{payload}.{signature}",
        "",
        "a.b.c",
    ]
    for touched in forged:
        with pytest.raises(ValueError, match=r"."):
            verify(touched, SIGNING_KEY, now)
    with pytest.raises(ValueError, match="snapshot"):
        verify(token, "another-key-of-more-than-32-characters", now)
    with pytest.raises(ValueError, match="snapshot"):
        verify(token, SIGNING_KEY, claims["grace_until"] + 1)


@pytest.mark.parametrize("key", ["", "too-short"])
def test_without_a_key_to_sign_with_it_says_so(ask: Ask, settings: Settings, key: str) -> None:
    settings.PALIER_SNAPSHOT_KEY = key
    answer = ask("GET", "snapshot")
    assert (answer.status_code, problem(answer)["code"]) == (503, "snapshot.key_missing")


def test_the_door(ask: Ask) -> None:
    assert ask("GET", "snapshot", key=None).status_code == 401
    assert ask("POST", "snapshot").status_code == 405
    assert ask("HEAD", "snapshot").status_code == 200
