"""The folder for temporary files is full: a large upload is refused in words, and nothing of it is kept (F21)."""

import gc
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from palier.apps.chat.models import Attachment, Message
from tests.faults.scenes import an_owner
from tests.interfaces import talks
from tests.interfaces.pages import Page
from tests.interfaces.test_services_down import AWAY
from tests.report.happened import happened

LARGE = b"a line of a log\n" * 200_000


@pytest.fixture
def full_folder(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """Where uploads beyond 2.5 MB pass through: one megabyte. Skips where nothing may be mounted."""
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"a small folder cannot be made here: {made.stderr.strip()}")
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    yield
    gc.collect()  # the file that could not be written is held by the trouble that it made, which was logged
    subprocess.run(["umount", "-l", tmp_path], check=True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_large_upload_is_told_not_now_and_nothing_is_kept(
    full_folder: None, caplog: pytest.LogCaptureFixture
) -> None:
    owner = an_owner()
    conversation = talks.asked(owner).conversation
    client = Client(raise_request_exception=False)
    client.force_login(owner.user)
    sent = {"text": "See the log.", "key": "1", "files": [SimpleUploadedFile("a.log", LARGE, "text/plain")]}
    page = Page(client.post(f"/chat/{conversation.public_id}/", sent))
    assert (page.status, page.heading) == (503, AWAY["en"])
    assert Message.objects.count() == 1
    assert not Attachment.objects.exists()
    assert client.get(f"/chat/{conversation.public_id}/").status_code == 200
    happened("exhaustions", what="temporary files")
    caplog.clear()
