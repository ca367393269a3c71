"""/settings/billing/seats/: users now and at renewal, more at once, fewer later, some by the year; and the journal."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.orders.models import Quote
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import schedule
from palier.flows.change import Choice
from palier.flows.facts import facts_of
from palier.kit import clock
from tests import world
from tests.interfaces.portal.reading import words
from tests.interfaces.portal.subscribed import MID_JUNE, changed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

SEATS = "/settings/billing/seats/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast, sandbox: SandboxProcess, logged_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The owner of six monthly users on Team, in the middle of June."""
    world.bought(sandbox, cast.owner, seats=6)
    monkeypatch.setattr(clock, "now", lambda: MID_JUNE)
    return logged_in(cast.owner)


def said(client: Client, **typed: str | int) -> str:
    return words(client.get(SEATS, typed).content.decode())


def test_users_now_and_at_renewal_with_the_journal(client: Client) -> None:
    page = said(client)
    assert "6 users bought: 4 used, 0 invited, 2 free." in page
    assert "Users now 6 Users at renewal 6 Next renewal 1 July 2026" in page
    assert "Users now 0 Users at renewal 0 Next renewal none yet" in page
    assert "This is what you have today." in page
    assert "1 Jun 2026 First purchase monthly 1 Jun 2026, Odile Owner Odile Owner 6 6" in page
    assert '<desc id="seats-chart-desc">1 Jun 2026: 6 users</desc>' in client.get(SEATS).content.decode()


ENDS = {
    "en": "Users at renewal 0 Ends 30 June 2026",
    "fr": "Utilisateurs au renouvellement 0 Prend fin 30 juin 2026",
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_was_canceled_renews_no_more(client: Client, cast: Cast, logged_in: LogIn, language: str) -> None:
    schedule.cancel(world.fresh(cast.account), cast.owner, now=MID_JUNE)
    assert ENDS[language] in said(logged_in(cast.owner, language))


def test_more_users_show_the_price_of_the_days_left_and_lead_to_the_checkout(client: Client) -> None:
    page = said(client, month=8, year=0)
    assert "Team, monthly, 8 users For the days left until 1 July 2026 €109.00 VAT 20% €21.80 Due today €130.80" in page
    assert "Next renewal, 1 July 2026 €1,046.40" in page
    answer = client.post(SEATS, {"month": "8", "year": "0", "action": "pay"})
    assert answer["Location"] == f"/checkout/{Quote.objects.latest('id').public_id}/"
    assert Quote.objects.latest("id").total_minor == 13080


def test_plus_and_minus_work_without_a_script(client: Client) -> None:
    assert "Team, monthly, 7 users" in said(client, month=6, year=0, step="month:1")
    assert "Team, monthly, 5 users" in said(client, month=6, year=0, step="month:-1")
    assert "Team, 6 monthly users, 1 annual user" in said(client, month=6, year=0, step="year:1")
    assert "This is what you have today" in said(client, month=6, year=0, step="year:-1")


def test_fewer_users_cost_nothing_now_and_wait(client: Client) -> None:
    page = said(client, month=5, year=0)
    assert "Due today €0.00 From 1 July 2026 on €654.00 Schedule for 1 July 2026" in page
    answer = client.post(SEATS, {"month": "5", "year": "0", "action": "schedule"}, follow=True)
    page = words(answer.content.decode())
    assert "Users now 6 Users at renewal 5" in page
    assert "5 users instead of 6 on 1 July 2026 Withdraw this change" in page
    assert "15 Jun 2026 Fewer at the renewal monthly 15 Jun 2026, Odile Owner Odile Owner 6 5" in page


def test_some_users_move_to_the_year(client: Client, cast: Cast, sandbox: SandboxProcess) -> None:
    page = said(client, month=4, year=2)
    # two full years of Team less two half months already paid
    assert "Team, 4 monthly users, 2 annual users" in page
    assert "€2,171.00 VAT 20% €434.20 Due today €2,605.20" in page
    assert "Next renewal, 1 July 2026 €523.20 Next renewal, 15 June 2027 €2,736.00" in page
    client.post(SEATS, {"month": "4", "year": "2", "action": "pay"})
    assert Quote.objects.latest("id").total_minor == 260520
    changed(cast, Choice("team", "month", 4, 2))
    page = said(client)
    assert "Users now 4 Users at renewal 4 Next renewal 1 July 2026" in page
    assert "Users now 2 Users at renewal 2 Next renewal 15 June 2027" in page


def test_in_mixed_billing_each_interval_is_reduced_on_its_own_date(
    client: Client, cast: Cast, sandbox: SandboxProcess
) -> None:
    changed(cast, Choice("team", "month", 4, 2))
    page = said(client, month=4, year=1)
    assert "From 1 July 2026 on (monthly users) €523.20 From 15 June 2027 on (annual users) €1,368.00" in page
    assert "Schedule for 15 June 2027" in page
    client.post(SEATS, {"month": "4", "year": "1", "action": "schedule"})
    assert [change.subscription.interval for change in ScheduledChange.objects.filter(state="waiting")] == ["year"]
    assert "1 user instead of 2 (annual users) on 15 June 2027" in said(client)


def test_the_monthly_users_join_the_year(client: Client, cast: Cast, sandbox: SandboxProcess) -> None:
    changed(cast, Choice("team", "month", 4, 2))
    assert "Team, annual, 6 users" in said(client, month=0, year=6)
    changed(cast, Choice("team", "year", 6))
    assert [each.seats for each in facts_of(world.fresh(cast.account), now=MID_JUNE).held] == [6]
    assert "Moved between monthly and annual" in said(client)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"month": "x", "year": "0"}, "must be a whole number"),
        ({"month": "6", "year": "1e3"}, "must be a whole number"),
        ({"month": "6", "year": "-2"}, "starts at 1 user"),
        ({"month": "0", "year": "0"}, "starts at 1 user"),
        ({"month": "200", "year": "51"}, "goes up to 250 users"),
        ({"month": "3", "year": "0"}, "They hold 4 seats"),
        ({"month": "6", "year": "0"}, "This is what you have today"),
        ({"month": "6\0", "year": "٣"}, "must be a whole number"),
    ],
)
@pytest.mark.parametrize("action", ["pay", "schedule", "take", ""])
def test_bad_input_is_said_and_nothing_changes(
    client: Client, typed: dict[str, str], sentence: str, action: str
) -> None:
    answer = client.post(SEATS, {**typed, "action": action})
    page = words(answer.content.decode())
    assert answer.status_code == 422
    assert sentence in page or (action != "schedule" and typed["month"] == "3") or "nothing to schedule" in page
    assert not ScheduledChange.objects.exists()
    assert Quote.objects.count() == 1


def test_french(client: Client, cast: Cast, logged_in: LogIn) -> None:
    page = words(logged_in(cast.owner, "fr").get(SEATS, {"month": 5, "year": 0}).content.decode())
    assert "Utilisateurs maintenant 6 Utilisateurs au renouvellement 6" in page
    assert "Programmer pour le 1er juillet 2026" in page


def test_a_free_account_is_led_to_the_plans(cast: Cast, logged_in: LogIn) -> None:
    assert logged_in(cast.owner).get(SEATS)["Location"] == "/settings/billing/plans/"


def test_where_a_day_is_one_invoice_users_come_at_once(
    cast: Cast, sandbox: SandboxProcess, logged_in: LogIn, at_noon: None
) -> None:
    text = (world.ROOT / "catalogue.toml").read_text()
    world.publish(text.replace('charge = "at_once"', 'charge = "end_of_day"'))
    world.bought(sandbox, cast.owner, seats=6, now=NOON)
    owner = logged_in(cast.owner)
    assert "Add them now" in said(owner, month=8, year=0)
    owner.post(SEATS, {"month": "8", "year": "0", "action": "take"})
    assert "Users now 8 Users at renewal 8" in said(owner)
