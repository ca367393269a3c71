"""The repository's own catalogue as a text to be spoilt, one edit at a time."""

from pathlib import Path

from palier.apps.catalogue import parse
from palier.apps.catalogue.mistakes import CatalogueMalformed, Mistake

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "catalogue.toml").read_text(encoding="utf-8")


def edited(old: str, new: str) -> str:
    """The catalogue with one passage replaced."""
    assert TEXT.count(old) == 1, f"{old!r} stands {TEXT.count(old)} times in catalogue.toml"
    return TEXT.replace(old, new)


def mistakes(text: str) -> tuple[Mistake, ...]:
    """What the check says about a text; nothing for a right one."""
    try:
        parse.toml(text, folder=ROOT)
    except CatalogueMalformed as malformed:
        return malformed.mistakes
    return ()


def line_of(passage: str, text: str = TEXT) -> int:
    """The line that a passage begins on."""
    return text[: text.index(passage)].count("\n") + 1
