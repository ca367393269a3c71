"""The pictures of the README: what a reader of the plans page and of the checkout sees.

They are taken at every run, so that they can always be taken, and kept where SCREENSHOTS says (`make screenshots`).
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Opened, Registrar
from tests.browser.visitor import Visitor

WIDTH: Final = 1280
SHARPNESS: Final = 2
MARGIN: Final = 40
HEAVIEST_BYTES: Final = 400_000
SIX_PEOPLE: Final = ("billing_admin", "admin", "member", "member", "member")


@pytest.fixture
def pictures(tmp_path: Path, repository: Path) -> Path:
    """The folder that they go to."""
    asked = os.environ.get("SCREENSHOTS")
    folder = repository / asked if asked else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def photographed(visit: Visit) -> Callable[[Opened], Visitor]:
    """The owner of an account at a sharp screen."""

    def opened(account: Opened) -> Visitor:
        screen = {"width": WIDTH, "height": 820}
        return visit(account.owner, viewport=screen, device_scale_factor=SHARPNESS, reduced_motion="reduce")

    return opened


def test_screenshots_of_the_plans(
    registrar: Registrar, photographed: Callable[[Opened], Visitor], pictures: Path
) -> None:
    owner = photographed(registrar.open(roles=SIX_PEOPLE))
    owner.open_plans(plan="business", interval="year", seats=8)
    expect(owner.field(owner.words.users)).to_have_value("8")
    take(owner, owner.page.locator(".with-order"), pictures / "plans.png")


def test_screenshots_of_the_checkout(
    registrar: Registrar, photographed: Callable[[Opened], Visitor], pictures: Path
) -> None:
    """Team to Business in mid-cycle, with the arithmetic of a line unfolded."""
    owner = photographed(registrar.open(roles=SIX_PEOPLE, held=Held(seats=8, days_ago=11)))
    owner.open_plans(plan="business", interval="month", seats=8)
    owner.proceed()
    owner.page.locator("#review summary").last.click()
    owner.accept_terms()
    take(owner, owner.pay_button, pictures / "checkout.png")


def take(visitor: Visitor, last: Locator, file: Path) -> None:
    """The page from its top to a margin below its last element, without a caret or a focus ring in it."""
    page = visitor.page
    page.mouse.move(0, 0)
    page.evaluate(
        "() => { document.activeElement?.blur(); scrollTo(0, 0); return document.fonts.ready.then(() => true) }"
    )
    box = last.bounding_box()
    assert box
    height = box["y"] + box["height"] + MARGIN
    clip: FloatRect = {"x": 0, "y": 0, "width": WIDTH, "height": height}
    page.screenshot(path=file, full_page=True, clip=clip, animations="disabled", caret="hide")
    if "SCREENSHOTS" in os.environ:
        assert file.stat().st_size < HEAVIEST_BYTES
