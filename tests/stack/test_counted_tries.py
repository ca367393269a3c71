"""Tries to log in are counted over all processes of the program: more of them are no more guesses."""

import os
import subprocess
import sys

from tests.databases import Databases
from tests.world import ROOT

FORGET = """
import django
django.setup()
from datetime import timedelta
from palier.apps.accounts.actions import forget_counted_tries
from palier.kit import clock
print(forget_counted_tries(now=clock.now() + timedelta(hours=1)))
"""
SIGN_UP = """
import django
django.setup()
from palier.apps.accounts.models import User
person = User(email="owner@lumiere.example", name="Odile Owner")
person.set_password("right-password")
person.save()
"""
KNOCK = """
import sys, django
django.setup()
from django.test import Client
for password in sys.argv[1:]:
    said = Client().post("/accounts/login/", {"login": "owner@lumiere.example", "password": password})
    print("in" if said.status_code == 302 else "wait" if b"Too many wrong" in said.content else said.status_code)
"""


def said(url: str, script: str, *words: str) -> list[str]:
    """What a process of its own prints."""
    settings = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "palier.config.settings", "PALIER_DB_POOL": "0"}
    process = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=ROOT,
        env=os.environ | settings | {"PYTHONPATH": str(ROOT / "src")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.split()


def test_a_second_process_weighs_no_more_guesses(databases: Databases) -> None:
    url = databases.fresh("tries")
    said(url, SIGN_UP)
    assert said(url, KNOCK, "right-password", "wrong", "wrong", "wrong", "wrong", "wrong") == ["in", *["200"] * 5]
    assert said(url, KNOCK, "right-password") == ["wait"]
    (forgotten,) = said(url, FORGET)
    assert int(forgotten) > 0
    assert said(url, KNOCK, "right-password") == ["in"]
