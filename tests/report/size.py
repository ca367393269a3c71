"""How much is done to the program: some in every test run, more in a night, everything before a release."""

import os
from enum import StrEnum
from typing import Final


class Size(StrEnum):
    """``PALIER_FAULTS_SIZE``."""

    PR = "pr"
    NIGHT = "night"
    RELEASE = "release"


SIZE: Final = Size(os.environ.get("PALIER_FAULTS_SIZE") or "pr")


def sized[T](pr: T, night: T, release: T) -> T:
    """The one of three that belongs to this run's size."""
    return {Size.PR: pr, Size.NIGHT: night, Size.RELEASE: release}[SIZE]
