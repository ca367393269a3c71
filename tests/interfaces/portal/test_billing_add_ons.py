"""/settings/billing/add-ons/: more records for the days left, fewer from the renewal on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from palier.apps.orders.models import Quote
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import schedule
from palier.flows.change import Choice
from palier.kit import clock
from tests import world
from tests.interfaces.portal.reading import words
from tests.interfaces.portal.subscribed import changed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

ADD_ONS = "/settings/billing/add-ons/"
TWENTIETH = NOON + timedelta(days=19)
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast, sandbox: SandboxProcess, logged_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Team bought on 1 June; it is the 20th, and the next renewal is on 1 July."""
    world.bought(sandbox, cast.owner, seats=5)
    monkeypatch.setattr(clock, "now", lambda: TWENTIETH)
    return logged_in(cast.owner)


def said(client: Client, **typed: str | int) -> str:
    return words(client.get(ADD_ONS, {name.replace("_", "-"): value for name, value in typed.items()}).content.decode())


def test_three_on_the_20th_cost_25_now_and_75_at_the_renewal(client: Client, cast: Cast) -> None:
    page = said(client, units_records=3)
    assert "For the days left until 1 July 2026 €25.00 VAT 20% €5.00 Due today €30.00" in page
    assert "Next renewal, 1 July 2026 €744.00" in page  # 5 × 109 and 3 × 25, and 20 %
    answer = client.post(ADD_ONS, {"units-records": "3", "action": "pay"})
    kept = Quote.objects.latest("id")
    assert answer["Location"] == f"/checkout/{kept.public_id}/"
    assert kept.total_minor == 3000
    assert "3 × 10,000 more records" in words(client.get(answer["Location"]).content.decode())


def test_plus_and_minus_work_without_a_script(client: Client) -> None:
    assert 'value="3"' in client.get(ADD_ONS, {"units-records": "2", "step": "records:1"}).content.decode()
    assert "This is what you have today" in said(client, units_records=1, step="records:-1")
    assert "This is what you have today" in said(client, step="other:1")


def test_fewer_wait_for_the_renewal_and_can_be_withdrawn(client: Client, cast: Cast) -> None:
    changed(cast, Choice("team", "month", 5, add_ons=(("records", 3),)), now=TWENTIETH)
    assert "Units now 3 Units at renewal 3" in said(client)
    page = said(client, units_records=1)
    assert "Due today €0.00 From 1 July 2026 on €684.00 Schedule for 1 July 2026" in page
    client.post(ADD_ONS, {"units-records": "1", "action": "schedule"})
    (change,) = ScheduledChange.objects.filter(state="waiting")
    assert (change.kind, change.key, change.quantity) == ("add_on", "records", 1)
    page = said(client)
    assert "Units now 3 Units at renewal 1" in page
    assert "Add-on “10,000 more records”: 1 on 1 July 2026 Withdraw this change" in page


def test_the_plans_page_stands_with_add_ons(client: Client, cast: Cast) -> None:
    changed(cast, Choice("team", "month", 5, add_ons=(("records", 3),)), now=TWENTIETH)
    for interval in ("month", "year"):
        answer = client.get("/settings/billing/plans/", {"plan": "business", "interval": interval, "seats": 5})
        assert answer.status_code == 200
        assert "Proceed to pay" in words(answer.content.decode())


@pytest.mark.parametrize("units", ["-1", "1.5", "x", "999999", "٣", "1e2", "3\0x"])
@pytest.mark.parametrize("action", ["pay", "schedule"])
def test_bad_input_is_said_and_nothing_changes(client: Client, units: str, action: str) -> None:
    answer = client.post(ADD_ONS, {"units-records": units, "action": action})
    assert answer.status_code == 422
    assert "This add-on is sold from 0 to" in words(answer.content.decode())
    assert Quote.objects.count() == 1


@pytest.mark.parametrize("held", [0, 2])
def test_more_are_sold_with_the_users_who_stay_while_the_monthly_ones_end(
    client: Client, cast: Cast, held: int
) -> None:
    if held:
        changed(cast, Choice("team", "month", 5, 0, (("records", held),)), now=TWENTIETH)
    changed(cast, Choice("team", "year", 4, 1), now=TWENTIETH)
    schedule.cancel(world.fresh(cast.account), cast.owner, interval="month", now=TWENTIETH)
    assert client.post(ADD_ONS, {"units-records": held + 1}).status_code == 302
    kept = Quote.objects.latest("id")
    assert (kept.interval, kept.add_ons) == ("year", {"records": held + 1})
    assert [line["quantity"] for line in kept.draft["lines"] if line["kind"] == "charge"] == [1]


def test_french(client: Client, cast: Cast, logged_in: LogIn) -> None:
    page = words(logged_in(cast.owner, "fr").get(ADD_ONS, {"units-records": 3}).content.decode())
    assert "Compléments" in page
    assert "À payer aujourd'hui 30,00 €" in page


def test_a_free_account_is_led_to_the_plans(cast: Cast, logged_in: LogIn) -> None:
    assert logged_in(cast.owner).get(ADD_ONS)["Location"] == "/settings/billing/plans/"
