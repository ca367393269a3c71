"""What is asked of each file that we hand out."""

from typing import Any


def assert_only_kept(answer: Any, *, kind: str, name: str) -> None:
    """It is kept under its name; no browser shows it as a page of ours, guesses what it is or runs what is in it."""
    assert answer.status_code == 200
    told = {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    assert {header: answer.headers.get(header) for header in told} == told
