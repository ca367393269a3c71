"""What the environment says is what the program does, or it does not start."""

import os
import subprocess
import sys

import pytest
from django.db import connection
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from palier.config import database
from palier.kit.proxies import client_address


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Reading the settings in a fresh process."""
    return subprocess.run(
        [sys.executable, "-c", "from palier.config import settings; print(settings.ALLOWED_HOSTS)"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "src", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_public_secret_key_is_refused_where_browsers_come_from_outside() -> None:
    refused = start(PALIER_BASE_URL="https://billing.example")
    assert refused.returncode != 0
    assert "PALIER_SECRET_KEY" in refused.stderr


def test_only_the_public_name_is_served_over_https() -> None:
    started = start(PALIER_BASE_URL="https://billing.example", PALIER_SECRET_KEY="k" * 60)
    assert started.stdout.strip() == "['billing.example']"


def test_parameters_of_the_database_reach_libpq() -> None:
    found = database.settings_of("postgresql://u:p%40ss@db.example:6432/palier?sslmode=verify-full", pool_size=0)
    assert found["OPTIONS"] == {"sslmode": "verify-full", "options": database.FROZEN}
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("db.example", "6432", "p@ss")
    assert database.settings_of("postgresql:///palier?host=/run/postgresql", pool_size=0)["HOST"] == "/run/postgresql"


@pytest.mark.parametrize("url", ["mysql://u@h/db", "postgresql://u@h/db?dbname=other"])
def test_an_unusable_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(database.UnusableDatabaseUrl):
        database.settings_of(url, pool_size=0)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.66, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.66, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, "<script>", None),
        (1, "fe80::1%2", "fe80::1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_a_browser_cannot_choose_its_address(
    settings: Settings, proxies: int, forwarded: str, address: str | None
) -> None:
    settings.PALIER_TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


def test_a_transaction_that_stands_still_gives_its_locks_back(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("30s",)
