"""/settings/billing/export/: what it holds, and the ZIP; while the account pays and after the end."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from palier.apps.chat.models import LARGEST_ATTACHMENT
from palier.flows.conversations.attachments import Upload
from palier.interfaces.portal.take_along import MEMORY
from palier.kit import clock
from tests import world
from tests.flows.conversations import written
from tests.interfaces.handed_out import assert_only_kept
from tests.interfaces.portal.reading import words
from tests.interfaces.portal.subscribed import ended
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

EXPORT = "/settings/billing/export/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ("People, their roles", "cards by their last four digits", "Conversations with our team, and the files"),
        ),
        (
            "fr",
            ("Exporter les données", "les cartes par leurs quatre derniers chiffres", "Les conversations avec notre"),
        ),
    ],
)
def test_the_page_says_what_it_holds(cast: Cast, logged_in: LogIn, language: str, said: tuple[str, ...]) -> None:
    page = words(logged_in(cast.owner, language).get(EXPORT).content.decode())
    assert [part for part in said if part not in page] == []


def test_the_button_answers_with_the_archive(
    cast: Cast, logged_in: LogIn, at_noon: None, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner)
    for buyer in (cast.owner, cast.billing_admin):
        answer = logged_in(buyer).post(EXPORT)
        assert_only_kept(answer, kind="application/zip", name="cabinet-lumiere-2026-06-01.zip")
        assert answer["Cache-Control"] == "private, no-store"
        assert "members.csv" in zipfile.ZipFile(io.BytesIO(answer.getvalue())).namelist()


def test_an_archive_that_is_larger_than_what_is_kept_in_memory_arrives_whole(
    cast: Cast, logged_in: LogIn, at_noon: None
) -> None:
    content = b"%PDF-" + random.Random(1).randbytes(LARGEST_ATTACHMENT - 5)
    written(cast.member, files=(Upload("a.pdf", content), Upload("b.pdf", content)))
    answer = logged_in(cast.owner).post(EXPORT)
    assert_only_kept(answer, kind="application/zip", name="cabinet-lumiere-2026-06-01.zip")
    sent = answer.getvalue()
    assert len(sent) == int(answer["Content-Length"]) > MEMORY
    archive = zipfile.ZipFile(io.BytesIO(sent))
    assert [archive.read(name) == content for name in archive.namelist() if name.endswith(".pdf")] == [True, True]


def test_it_stays_open_after_the_end(
    cast: Cast, logged_in: LogIn, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bought(sandbox, cast.owner)
    later = NOON + timedelta(days=31)
    ended(cast, now=later)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert zipfile.ZipFile(io.BytesIO(logged_in(cast.owner).post(EXPORT).getvalue())).testzip() is None


@pytest.mark.parametrize("other", ["admin", "member"])
def test_others_are_told_whom_to_ask(cast: Cast, logged_in: LogIn, other: str) -> None:
    assert logged_in(getattr(cast, other)).post(EXPORT).status_code == 403
