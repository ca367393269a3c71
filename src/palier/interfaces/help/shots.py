"""Pictures of the screens for the articles, one for each language; ``make screenshots`` takes them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image

STATIC: Final = Path(__file__).parent / "static"
FOLDER: Final = "help/shots"


@dataclass(frozen=True, slots=True)
class Picture:
    """A file among the static ones, with the size at which it is shown, in pixels of the page."""

    path: str
    width: int
    height: int


@cache
def picture(name: str, language: str) -> Picture | None:
    """The picture of that name, if it was taken."""
    path = f"{FOLDER}/{language}/{name}.webp"
    if not (STATIC / path).is_file():
        return None
    with Image.open(STATIC / path) as image:
        return Picture(path, *image.size)
