"""The pictures in the articles of the help centre, in each language: taken at every run, so that they can always be.

`make screenshots` keeps them beside the help centre (HELP_SHOTS names the folder).
"""

import json
import os
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from playwright.sync_api import FloatRect, Page

from palier.apps.catalogue import Catalogue, parse
from palier.apps.help import library
from palier.interfaces.help import shots
from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar

WIDTH: Final = 1280
TALLEST: Final = 860
FAR_DOWN: Final = 2400  # the height of the window: what floats at its foot is then out of the picture
SHARPNESS: Final = 1.1  # twice the column of an article
MARGIN: Final = 20
PRICED: Final = "prices.json"
COLOURS: Final = 64
HEAVIEST_BYTES: Final = 60_000

SCREENS: Final = {
    "plans": "/settings/billing/plans/?plan=business&interval=month&seats=8",
    "members": "/settings/members/",
    "usage": "/settings/billing/usage/",
    "payment-method": "/settings/billing/payment-method/",
    "invoices": "/settings/billing/invoices/",
}


def prices(sold: Catalogue) -> str:
    """The plans and prices that the pictures show, to know when they are out of date."""
    told = {
        plan.key: [dict(plan.names), {f"{each[0]} {each[1]}": minor for each, minor in plan.prices.items()}]
        for plan in sold.paid_plans
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


@pytest.fixture
def shelf(tmp_path: Path, repository: Path) -> Path:
    """The folder that they go to, one within for each language."""
    asked = os.environ.get("HELP_SHOTS")
    return repository / asked if asked else tmp_path


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pictures_for_the_articles(
    registrar: Registrar, visit: Visit, shelf: Path, repository: Path, language: str
) -> None:
    """An account with a team, in the middle of its month."""
    opened = registrar.open(
        language=language,
        roles=("billing_admin", "admin", "member", "member"),
        held=Held(seats=8, days_ago=11),
        uses={"records": 68_400, "custom_fields": 13, "sequences": 1},
    )
    owner = visit(
        opened.owner,
        language=language,
        viewport={"width": WIDTH, "height": FAR_DOWN},
        device_scale_factor=SHARPNESS,
        reduced_motion="reduce",
        color_scheme="light",
    )
    folder = shelf / language
    folder.mkdir(parents=True, exist_ok=True)
    for name, address in SCREENS.items():
        owner.go(address)
        file = folder / f"{name}.webp"
        file.write_bytes(taken(owner.page))
    (shelf / PRICED).write_text(prices(parse.file(repository / "catalogue.toml").catalogue), encoding="utf-8")
    heavy = {file.name: size for file in folder.iterdir() if (size := file.stat().st_size) > HEAVIEST_BYTES}
    assert heavy == {}


def test_each_picture_is_in_an_article_and_shows_todays_prices(repository: Path) -> None:
    bodies = " ".join(article.body for article in library.articles("en"))
    assert [name for name in SCREENS if f'{{% shot "{name}" ' not in bodies] == []
    sold = parse.file(repository / "catalogue.toml").catalogue
    shown = (shots.STATIC / shots.FOLDER / PRICED).read_text(encoding="utf-8")
    assert shown == prices(sold), "the catalogue has changed: make screenshots"


def taken(page: Page) -> bytes:
    """The content of a page from its top, without a caret or a focus ring in it."""
    page.mouse.move(0, 0)
    page.evaluate("() => { document.activeElement?.blur(); return document.fonts.ready.then(() => true) }")
    box = page.locator("main").bounding_box()
    assert box
    height = min(box["height"], TALLEST) + 2 * MARGIN
    clip: FloatRect = {"x": 0, "y": box["y"] - MARGIN, "width": WIDTH, "height": height}
    png = page.screenshot(clip=clip, animations="disabled", caret="hide")
    with Image.open(BytesIO(png)) as image, BytesIO() as made:
        # Few colours without loss are smaller than many with it: these are letters and lines, not photographs.
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.convert("RGB").save(made, "WEBP", lossless=True, method=6)
        return made.getvalue()
