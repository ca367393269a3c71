"""What an owner sees and presses after the first purchase: users, add-ons, steps down, the end, and what stays."""

import re
import zipfile

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.registrar import Held, Opened, Registrar
from tests.browser.test_accessibility import Findings, reading
from tests.browser.visitor import Visitor, minor_of, plain

SAID = {
    "en": {
        "schedule": "Schedule for ",
        "withdraw": "Withdraw this change",
        "cancel": "Cancel the subscription",
        "ended": "Your subscription has ended",
        "before_team": "Before Team can begin",
        "reactivate": "Reactivate",
        "export": "Export the data",
        "close": "Close the account for good",
        "closed": "The account is closed",
        "more_units": "Add one unit",
    },
    "fr": {
        "schedule": "Programmer pour le ",
        "withdraw": "Annuler ce changement",
        "cancel": "Résilier l'abonnement",
        "ended": "Votre abonnement a pris fin",
        "before_team": "Avant de passer à Team",
        "reactivate": "Réactiver",
        "export": "Exporter les données",
        "close": "Fermer le compte définitivement",
        "closed": "Le compte est fermé",
        "more_units": "Ajouter une unité",
    },
}


def opened(registrar: Registrar, language: str, **held: object) -> Opened:
    return registrar.open(language=language, held=Held(**{"seats": 5, "days_ago": 10, **held}))  # type: ignore[arg-type]


def order(visitor: Visitor) -> Locator:
    return visitor.page.locator("#choice-order")


def due_today(visitor: Visitor) -> int:
    return minor_of(order(visitor).locator(".total dd").inner_text())


@reading
def test_users(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    """More at once, for the days left; some by the year; fewer at the renewal, withdrawn again."""
    visitor = visit(opened(registrar, language).owner, language=language, phone=phone)
    words, said, page, findings = visitor.words, SAID[language], visitor.page, Findings(visitor)
    visitor.go("/settings/billing/seats/")
    monthly, annual = page.locator("#id_month"), page.locator("#id_year")
    page.locator("#more-month").click()
    expect(monthly).to_have_value("6")
    expect(page.locator("#more-month")).to_be_focused()
    expect(order(visitor).get_by_role("button", name=words.proceed)).to_be_visible()
    assert 0 < due_today(visitor) < 109_00 * 120 // 100
    annual.fill("2")
    expect(order(visitor).locator(".rows .later")).to_have_count(2)
    findings.look("users of both intervals")
    due = due_today(visitor)
    order(visitor).get_by_role("button", name=words.proceed).click()
    expect(visitor.heading(words.checkout)).to_be_visible()
    assert visitor.sum_to_pay == due
    expect(page.locator(".review-group")).to_have_count(2)
    findings.look("checkout of both intervals")
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Team")
    findings.look("done with both intervals")

    visitor.go("/settings/billing/seats/")
    annual.fill("1")
    offer = order(visitor).get_by_role("button", name=re.compile(said["schedule"]))
    expect(offer).to_be_visible()
    assert due_today(visitor) == 0
    offer.click()
    expect(visitor.button(said["withdraw"])).to_be_visible()
    findings.look("a reduction waits")
    findings.go("/settings/billing/", "/settings/billing/plans/", "/settings/billing/cancel/")
    visitor.go("/settings/billing/seats/")
    visitor.button(said["withdraw"]).click()
    expect(visitor.button(said["withdraw"])).to_have_count(0)
    annual.fill("1.5")
    expect(order(visitor).get_by_role("alert")).to_be_visible()
    findings.look("no number of users")
    assert findings.by_screen == {}


@reading
def test_add_ons(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    visitor = visit(opened(registrar, language).owner, language=language, phone=phone)
    said, findings = SAID[language], Findings(visitor)
    visitor.go("/settings/billing/add-ons/")
    visitor.button(said["more_units"]).click()
    expect(order(visitor).get_by_role("button", name=visitor.words.proceed)).to_be_visible()
    findings.look("one more unit")
    due = due_today(visitor)
    assert 0 < due < 25_00 * 120 // 100
    order(visitor).get_by_role("button", name=visitor.words.proceed).click()
    assert visitor.sum_to_pay == due
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Team")
    visitor.go("/settings/billing/add-ons/")
    visitor.page.locator("[id^=less-]").click()
    order(visitor).get_by_role("button", name=re.compile(said["schedule"])).click()
    expect(visitor.button(said["withdraw"])).to_be_visible()
    findings.look("an add-on ends")
    findings.go("/settings/billing/plans/?plan=business&interval=year&seats=5")
    assert findings.by_screen == {}


@reading
def test_cancel_in_three_clicks_and_back(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    """From the first page: the plan, *Cancel the subscription*, and the same once more."""
    visitor = visit(opened(registrar, language).owner, language=language, phone=phone)
    said, findings = SAID[language], Findings(visitor)
    visitor.go("/")
    visitor.page.get_by_role("main").get_by_role("link", name=visitor.words.plans_and_billing).click()
    visitor.link(said["cancel"]).click()
    expect(visitor.heading(said["cancel"])).to_be_visible()
    findings.look("cancel")
    visitor.button(said["cancel"]).click()
    expect(visitor.button(said["withdraw"])).to_be_visible()
    findings.look("canceled")
    visitor.button(said["withdraw"]).click()
    expect(visitor.link(said["cancel"])).to_be_visible()
    assert findings.by_screen == {}


@reading
def test_after_the_end(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    """Read-only, with the way back, the export, and closing for good."""
    account = opened(registrar, language, days_ago=40, canceled=True)
    visitor = visit(account.owner, language=language, phone=phone)
    said, page, findings = SAID[language], visitor.page, Findings(visitor)
    visitor.go("/settings/billing/")
    expect(visitor.heading(said["ended"])).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name=said["reactivate"])).to_be_visible()
    findings.look("ended")
    findings.go("/", "/settings/", "/settings/billing/plans/", "/settings/close/", "/settings/billing/export/")
    with page.expect_download() as download:
        visitor.button(said["export"]).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "invoices.csv" in archive.namelist()

    visitor.go("/settings/close/")
    visitor.button(said["close"]).click()
    expect(page.locator("#name_error")).to_be_visible()
    findings.look("closing without the name")
    page.locator("#name").fill(account.company)
    visitor.button(said["close"]).click()
    expect(visitor.heading(said["closed"])).to_be_visible()
    findings.look("closed")
    visitor.go("/")
    expect(visitor.heading(visitor.words.log_in)).to_be_visible()
    assert findings.by_screen == {}


@reading
def test_a_lower_plan_after_the_end(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    """What has to go first, and nothing at the bottom of a phone where nothing can be pressed."""
    ended = Held("business", seats=5, days_ago=40, canceled=True)
    account = registrar.open(language=language, held=ended, uses={"custom_fields": 40})
    visitor = visit(account.owner, language=language, phone=phone)
    page, findings = visitor.page, Findings(visitor)
    visitor.go("/settings/billing/plans/?plan=team&interval=month&seats=5")
    expect(visitor.heading(SAID[language]["before_team"])).to_be_visible()
    expect(page.locator(".dock")).to_be_hidden()
    findings.look("a lower plan")
    visitor.go("/settings/billing/plans/?plan=business&interval=month&seats=5")
    expect(page.get_by_role("button", name=visitor.words.proceed).filter(visible=True)).to_have_count(1)
    assert findings.by_screen == {}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_without_scripts(visit: Visit, registrar: Registrar, language: str) -> None:
    """The same pages by plain forms."""
    visitor = visit(opened(registrar, language).owner, language=language, scripts=False)
    said, page = SAID[language], visitor.page
    visitor.go("/settings/billing/seats/")
    page.locator("#more-month").click()
    expect(page.locator("#id_month")).to_have_value("6")
    expect(order(visitor).get_by_role("button", name=visitor.words.proceed)).to_be_visible()
    for seats in ("7", "4"):
        page.locator("#id_month").fill(seats)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("#id_month")).to_have_value(seats)
    order(visitor).get_by_role("button", name=re.compile(said["schedule"])).click()
    expect(visitor.button(said["withdraw"])).to_be_visible()
    visitor.open_plans(plan="team", interval="month", seats=3)
    page.get_by_role("button", name=re.compile(said["schedule"])).locator("visible=true").click()
    expect(visitor.button(said["withdraw"])).to_have_count(1)
    assert "3" in plain(page.locator(".waiting").inner_text())


@reading
def test_a_plan_change_covers_both_intervals(visit: Visit, registrar: Registrar, language: str, phone: bool) -> None:
    account = opened(registrar, language, other_seats=3)
    visitor = visit(account.owner, language=language, phone=phone)
    words, findings = visitor.words, Findings(visitor)
    visitor.open_plans()
    findings.look("plans of both intervals")
    visitor.button(words.choose.format(plan="Business")).click()
    expect(visitor.page.locator("#due .later:visible")).to_have_count(2)
    due = visitor.sum_shown("total")
    findings.look("business for both intervals")
    visitor.proceed()
    assert visitor.sum_to_pay == due
    visitor.accept_terms()
    visitor.pay()
    visitor.expect_done("Business")
    findings.go("/settings/billing/", "/settings/billing/seats/")
    assert findings.by_screen == {}
