"""200 % zoom, reduced motion, dark paper, wide letters: nothing is lost."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Registrar
from tests.browser.visitor import Visitor

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NARROWEST = {"width": 320, "height": 640}
SCREENS = (
    "/",
    "/settings/",
    "/settings/members/",
    "/settings/billing/",
    "/settings/billing/plans/",
    "/settings/billing/payment-method/",
    "/settings/billing/invoices/",
    "/settings/billing/details/",
    "/accounts/logout/",
)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_scrolls_sideways_at_320_pixels(visit: Visit, registrar: Registrar, language: str) -> None:
    """What a window of 640 pixels shows at 200 %, and one of 1280 at 400 % (WCAG 1.4.10)."""
    account = registrar.open(language=language, held=Held(seats=120, days_ago=5))
    visitor = visit(account.owner, language=language, viewport=NARROWEST, device_scale_factor=2)
    wide = {path: too_wide(visitor, path) for path in SCREENS}
    visitor.open_plans(plan="business", interval="month", seats=120)
    visitor.proceed()
    visitor.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    wide["checkout"] = visitor.page.evaluate(SIDEWAYS)
    expect(visitor.pay_button).to_be_in_viewport()
    assert {path: by for path, by in wide.items() if by > 0} == {}


def test_a_purchase_at_200_percent(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open(details=True).owner, viewport={"width": 640, "height": 450}, device_scale_factor=2)
    visitor.checkout()
    expect(visitor.pay_button).to_be_in_viewport()
    visitor.pay()
    visitor.expect_done("Team")


@pytest.mark.parametrize("width", [1280, 640])
def test_letters_set_twice_as_large_lose_nothing(visit: Visit, registrar: Registrar, width: int) -> None:
    """The browser's own font size, not its zoom."""
    visitor = visit(registrar.open(details=True).owner, viewport={"width": width, "height": 900})
    browser = visitor.context.new_cdp_session(visitor.page)
    browser.send("Page.enable")
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    visitor.open_plans()
    assert visitor.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert visitor.page.evaluate(SIDEWAYS) <= 0
    visitor.proceed()
    assert visitor.page.evaluate(SIDEWAYS) <= 0
    expect(visitor.pay_button).to_be_visible()


def test_nothing_moves_where_motion_is_reduced(visit: Visit, registrar: Registrar) -> None:
    visitor = visit(registrar.open().owner, reduced_motion="reduce")
    visitor.open_plans()
    visitor.page.get_by_text(visitor.words.monthly, exact=True).click()
    visitor.button(visitor.words.add_user).click()
    moving = visitor.page.evaluate(
        "document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 10).length"
    )
    assert moving == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_and_ink_follow_the_reader_s_scheme(visit: Visit, registrar: Registrar, scheme: str) -> None:
    visitor = visit(registrar.open().owner, color_scheme=scheme)
    visitor.open_plans()
    paper, ink = lightness(visitor, "background-color"), lightness(visitor, "color")
    assert (paper > 0.85 and ink < 0.4) if scheme == "light" else (paper < 0.35 and ink > 0.7)
    visitor.proceed()
    frame = visitor.page.locator("#card-frame")
    inside = visitor.card_frame.locator("body").evaluate("body => getComputedStyle(body).color")
    expect(frame).to_be_visible()
    assert inside != visitor.page.evaluate("getComputedStyle(document.body).backgroundColor")


def too_wide(visitor: Visitor, path: str) -> int:
    visitor.go(path)
    by: int = visitor.page.evaluate(SIDEWAYS)
    return by


def lightness(visitor: Visitor, colour: str) -> float:
    """0 for black, 1 for white, read off a pixel that is painted in the page's own colour."""
    value: float = visitor.page.evaluate(
        """colour => {
          const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d")
          pixel.fillStyle = getComputedStyle(document.body).getPropertyValue(colour)
          pixel.fillRect(0, 0, 1, 1)
          const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data
          return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
        }""",
        colour,
    )
    return value
