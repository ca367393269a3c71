"""The Chromium that tests drive: without windows where the machine has it, the same engine at a third less work."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Playwright, expect

PATIENCE_MS: Final = 60_000
"""Only a failing test waits so long for what a page should show."""

PROGRAMS: Final = ("chromium-headless-shell", "chromium", "google-chrome")
"""The first that is there."""

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",  # letters stand where they would on a fine screen, not on whole pixels
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing but this machine can be reached
)


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """That of this machine; CHROMIUM names another one."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert path, "Chromium is needed: apt-get install chromium-headless-shell"
    expect.set_options(timeout=PATIENCE_MS)
    started = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
    yield started
    started.close()
