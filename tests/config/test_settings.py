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


def test_accounts_with_a_test_clock_need_a_gateway_that_takes_no_money() -> None:
    refused = start(PALIER_SANDBOX_ACCOUNTS="1", PALIER_GATEWAY="another")
    assert refused.returncode != 0
    assert "a test clock moves no real money" in refused.stderr
    assert start(PALIER_SANDBOX_ACCOUNTS="1").returncode == 0


def test_only_the_public_name_is_served_over_https() -> None:
    started = start(PALIER_BASE_URL="https://billing.example", PALIER_SECRET_KEY="k" * 60)
    assert started.stdout.strip() == "['billing.example']"


def test_parameters_of_the_database_reach_libpq() -> None:
    found = database.settings_of("postgresql://u:p%40ss@db.example:6432/palier?sslmode=verify-full", pool_size=0)
    assert found["OPTIONS"] == {
        **database.SILENCE,
        "sslmode": "verify-full",
        "options": f"{database.FROZEN} {database.WAITS}",
        "isolation_level": database.SEES,
    }
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("db.example", "6432", "p@ss")
    assert database.settings_of("postgresql:///palier?host=/run/postgresql", pool_size=0)["HOST"] == "/run/postgresql"


def test_a_silent_network_ends_a_connection_within_about_a_minute() -> None:
    """Without these, libpq waits for an answer as long as the kernel does: two hours, or for ever."""
    connected = database.settings_of("postgresql://u@db.example/palier", pool_size=0)["OPTIONS"]
    assert isinstance(connected, dict)
    heard = {name: int(connected[name]) for name in database.SILENCE}
    assert heard["keepalives"] == 1
    assert heard["keepalives_idle"] + heard["keepalives_interval"] * heard["keepalives_count"] <= 60
    assert 0 < heard["tcp_user_timeout"] <= 60_000
    assert 0 < heard["connect_timeout"] <= 60


def test_the_address_may_name_another_time_for_a_silent_network() -> None:
    slower = database.settings_of("postgresql://u@db.example/palier?tcp_user_timeout=90000", pool_size=0)["OPTIONS"]
    assert isinstance(slower, dict)
    assert slower["tcp_user_timeout"] == "90000"
    assert slower["keepalives_idle"] == database.SILENCE["keepalives_idle"]


@pytest.mark.django_db
def test_libpq_takes_the_times_of_a_silent_network() -> None:
    """It is asked what its own connection was made with."""
    with connection.cursor() as cursor:
        made_with = cursor.connection.info.get_parameters()
    assert {name: made_with.get(name) for name in database.SILENCE} == database.SILENCE


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


def test_nobody_waits_for_a_lock_without_an_end(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("10s",)
