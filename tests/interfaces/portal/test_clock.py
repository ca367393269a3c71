"""``/settings/clock/``: the test clock of a sandbox account: where it stands, what lies ahead, and travelling."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Account, Member, Travel, User
from palier.apps.agenda.models import Due
from palier.apps.catalogue import current
from palier.apps.events.models import SILENT
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import agenda, confirm, travel, travel_targets
from palier.flows.people.permissions import MAY
from palier.interfaces.portal import timeline
from palier.interfaces.ui.timeline_words import AHEAD, HAPPENED
from palier.kit import clock, formats
from palier.kit.refusals import Refusal
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene

CLOCK = "/settings/clock/"
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


@pytest.fixture
def sandboxed(scene: Scene) -> Scene:
    """The account on Team is one for trying things out."""
    Account.objects.filter(pk=scene.account.pk).update(sandbox=True)
    return scene


@LANGUAGES
def test_a_renewal_waits_for_the_open_invoice(sandboxed: Scene, client_of: ClientOf, language: str) -> None:
    Subscription.objects.filter(account=sandboxed.account).update(state="past_due")
    page = Page(client_of(sandboxed.cast.owner, language=language).get(CLOCK))
    waits = {
        "en": "Team is renewed, once the open invoice is paid",
        "fr": "Team est renouvelée, une fois la facture ouverte réglée",
    }
    assert page.says(waits[language])


@LANGUAGES
def test_what_the_bank_waits_for_lies_ahead(sandboxed: Scene, client_of: ClientOf, language: str) -> None:
    payment = Payment.objects.filter(account=sandboxed.account).latest("id")
    asked = own_time(sandboxed)
    Payment.objects.filter(pk=payment.pk).update(state="action_required", started_at=asked, resolved_at=None)
    stops = {"en": "The bank stops waiting for the", "fr": "La banque cesse d'attendre la"}
    page = Page(client_of(sandboxed.cast.owner, language=language).get(CLOCK))
    assert page.says(stops[language])
    answer = client_of(sandboxed.cast.owner).post(CLOCK, {"jump": "event"})
    assert (answer.status_code, Travel.objects.get().target_at) == (302, asked + confirm.BANK_WAITS)


def test_what_is_years_away_is_not_listed(sandboxed: Scene, client_of: ClientOf) -> None:
    """A card that expires in ten years is nothing to look at."""
    when = own_time(sandboxed) + timedelta(days=200)
    Due.objects.filter(account_id=sandboxed.account.pk, kind="card_expiry").delete()
    row = Due.objects.create(kind="card_expiry", subject=1, account_id=sandboxed.account.pk, due_at=when)
    client = client_of(sandboxed.cast.owner)
    assert Page(client.get(CLOCK)).says("An e-mail tells that the card expires")
    Due.objects.filter(pk=row.pk).update(due_at=when + timedelta(days=365))
    assert not Page(client.get(CLOCK)).says("An e-mail tells that the card expires")


def test_whoever_did_something_is_looked_up_alone(sandboxed: Scene, client_of: ClientOf) -> None:
    """Not among all members of the account, for each line again."""
    people = User.objects.bulk_create(User(email=f"{n}@lumiere.example", name=f"Person {n}") for n in range(300))
    joined = {"account": sandboxed.account, "role": "member", "joined_at": clock.now()}
    Member.objects.bulk_create(Member(user=person, **joined) for person in people)
    client = client_of(sandboxed.cast.owner)
    with CaptureQueriesContext(connection) as captured:
        assert Page(client.get(CLOCK)).says("Odile Owner")
    (past,) = [query["sql"] for query in captured.captured_queries if 'FROM "events_event"' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_member")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {past}")
        assert read_of("accounts_member", cursor.fetchone()[0][0]["Plan"]) <= timeline.MOST_PAST


def read_of(table: str, plan: dict[str, Any]) -> int:
    """How many rows of a table a plan looked at."""
    looked_at: int = 0
    if plan.get("Relation Name") == table:
        looked_at = plan["Actual Loops"] * (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))
    return looked_at + sum(read_of(table, each) for each in plan.get("Plans", ()))


def arrived(scene: Scene) -> Travel:
    """The worker does its part."""
    journey = Travel.objects.get(state="travelling")
    for later in travel.stages(journey.id):
        travel.step(journey.id, later, now=clock.now())
    return Travel.objects.get(pk=journey.pk)


def own_time(scene: Scene) -> datetime:
    return clock.now() + scene.account.clock_ahead


@LANGUAGES
def test_it_tells_the_time_what_lies_ahead_and_what_has_happened(
    sandboxed: Scene, client_of: ClientOf, language: str
) -> None:
    page = Page(client_of(sandboxed.cast.billing_admin, language=language).get(CLOCK))
    assert page.status == 200
    assert page.heading == {"en": "Test clock", "fr": "Horloge de test"}[language]
    assert page.says({"en": "Team is renewed", "fr": "Team est renouvelée"}[language])
    assert page.says({"en": "5 users, by the month", "fr": "5 utilisateurs, au mois"}[language])
    assert page.says({"en": "€654.00", "fr": "654,00 €"}[language])
    assert page.says({"en": "An order was paid", "fr": "Une commande a été payée"}[language])
    assert f"/settings/billing/invoices/{sandboxed.invoice.public_id}/" in page.links
    assert page.says("compta@lumiere.example"), "letters belong to what has happened"
    assert page.says({"en": "the payment service", "fr": "le prestataire de paiement"}[language])
    assert page.says(sandboxed.cast.owner.user.name), "who did it"


@pytest.mark.parametrize("who", ["admin", "member", "stranger"])
def test_others_do_not_find_it(sandboxed: Scene, client_of: ClientOf, who: str) -> None:
    client = client_of(getattr(sandboxed.cast, who))
    assert client.get(CLOCK).status_code == 404
    assert client.post(CLOCK, {"jump": "day"}).status_code == 404
    assert not Travel.objects.exists()


def test_an_account_of_the_present_has_none(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    assert client.get(CLOCK).status_code == 404
    assert client.post(CLOCK, {"jump": "year"}).status_code == 404
    home = Page(client.get("/settings/"))
    assert not home.says("Test clock")


def test_nobody_logged_in_is_sent_to_log_in(scene: Scene, client_of: ClientOf) -> None:
    assert client_of(None).get(CLOCK)["Location"] == "/accounts/login/?next=/settings/clock/"


@LANGUAGES
def test_every_page_says_in_which_time_the_account_lives(
    sandboxed: Scene, client_of: ClientOf, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = clock.now()
    monkeypatch.setattr(clock, "now", lambda: present)
    there = (present + timedelta(days=100)).astimezone(ZoneInfo("Europe/Paris")).replace(hour=14, minute=0)
    Account.objects.filter(pk=sandboxed.account.pk).update(clock_ahead=there - present)
    label = {"en": "Test clock:", "fr": "Horloge de test :"}[language]
    said = f"{label} {formats.long_day(there.date(), language, '')}, 14:00"
    for path in ("/", "/settings/", "/settings/billing/", "/settings/members/"):
        for who in (sandboxed.cast.owner, sandboxed.cast.member):
            page = Page(client_of(who, language=language).get(path))
            assert page.says(said)
            assert (CLOCK in page.links) is who.may_buy
    assert not Page(client_of(sandboxed.cast.stranger, language=language).get("/")).says(said[:10])


@pytest.mark.parametrize(("jump", "days"), [("day", 1), ("week", 7)])
def test_a_jump_goes_so_far(sandboxed: Scene, client_of: ClientOf, jump: str, days: int) -> None:
    before = own_time(sandboxed)
    answer = client_of(sandboxed.cast.owner).post(CLOCK, {"jump": jump})
    assert (answer.status_code, answer["Location"]) == (302, CLOCK)
    assert arrived(sandboxed).state == "arrived"
    assert abs(own_time(sandboxed) - before - timedelta(days=days)) < timedelta(seconds=20)


def test_to_the_next_renewal_and_the_invoice_is_there(sandboxed: Scene, client_of: ClientOf) -> None:
    client = client_of(sandboxed.cast.owner)
    due = sandboxed.account.subscriptions.get().period_end
    client.post(CLOCK, {"jump": "renewal"})
    assert arrived(sandboxed).target_at == due
    page = Page(client.get(CLOCK))
    assert page.says("The subscription was renewed")
    assert page.says("An invoice was paid")


def test_to_a_date_at_the_same_time_of_day(sandboxed: Scene, client_of: ClientOf) -> None:
    zone = ZoneInfo(current().policy.zone)
    day = (own_time(sandboxed) + timedelta(days=20)).astimezone(zone).date().isoformat()
    client_of(sandboxed.cast.owner).post(CLOCK, {"to": day})
    assert Travel.objects.get().target_at.astimezone(zone).date().isoformat() == day


@LANGUAGES
@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", travel_targets.MomentUnreadable),
        ("tomorrow", travel_targets.MomentUnreadable),
        ("2027-02-30", travel_targets.MomentUnreadable),
        ("٢٠٢٧-٠٢-٠٣", travel_targets.MomentUnreadable),
        ("2027-03-31\0", travel_targets.MomentUnreadable),
        ("9" * 5000, travel_targets.MomentUnreadable),
        ("0001-01-01", travel.ClockGoesForward),
        ("2001-01-01", travel.ClockGoesForward),
        ("9999-12-31", travel.TooFar),
        ("2090-01-01", travel.TooFar),
    ],
)
def test_a_date_that_will_not_do_is_said_at_the_date(
    sandboxed: Scene, client_of: ClientOf, typed: str, refusal: type[Refusal], language: str
) -> None:
    page = Page(client_of(sandboxed.cast.owner, language=language).post(CLOCK, {"to": typed}))
    assert page.status == 422
    said = refusal(stands="*").text(language).partition("*")[0]
    assert page.error_at("to").startswith(plain(said))
    assert not Travel.objects.exists()
    assert sandboxed.account.clock_ahead == timedelta()


@pytest.mark.parametrize("jump", ["year", "-1", "renewal; drop", "é" * 2000])
def test_an_unknown_jump_is_refused(sandboxed: Scene, client_of: ClientOf, jump: str) -> None:
    assert client_of(sandboxed.cast.owner).post(CLOCK, {"jump": jump}).status_code == 422
    assert not Travel.objects.exists()


def test_a_free_account_has_nothing_ahead_and_travels_all_the_same(scene: Scene, client_of: ClientOf) -> None:
    free = scene.cast.stranger
    Account.objects.filter(pk=free.account_id).update(sandbox=True)
    client = client_of(free)
    assert Page(client.get(CLOCK)).says("Nothing falls due")
    refused = Page(client.post(CLOCK, {"jump": "event"}))
    assert refused.error_at("to") == plain(travel_targets.NothingAhead().text("en"))
    assert client.post(CLOCK, {"jump": "month"}).status_code == 302


@LANGUAGES
def test_while_it_travels_the_page_says_so_and_lets_one_stop(
    sandboxed: Scene, client_of: ClientOf, language: str
) -> None:
    client = client_of(sandboxed.cast.owner, language=language)
    client.post(CLOCK, {"jump": "month"})
    page = Page(client.get(CLOCK))
    assert page.says({"en": "Travelling to", "fr": "En route vers le"}[language])
    assert page.buttons.count({"en": "Stop here", "fr": "S'arrêter ici"}[language]) == 1
    assert 'http-equiv="refresh"' in page.html
    again = Page(client.post(CLOCK, {"jump": "day"}))
    assert (again.status, Travel.objects.count()) == (422, 1)
    client.post(CLOCK, {"action": "stop"})
    assert Travel.objects.get().state == "stopped"
    assert client.post(CLOCK, {"action": "stop"}).status_code == 302


def test_a_journey_that_stopped_says_why(sandboxed: Scene, client_of: ClientOf) -> None:
    sandboxed.sandbox.fault("down", times=None)
    client = client_of(sandboxed.cast.owner)
    client.post(CLOCK, {"jump": "renewal"})
    assert arrived(sandboxed).state == "stopped"
    sandboxed.sandbox.clear_faults()
    page = Page(client.get(CLOCK))
    assert page.says("The last journey stopped here")
    assert page.says("payment: no answer about")


def test_it_asks_little_of_the_database(sandboxed: Scene, client_of: ClientOf) -> None:
    client = client_of(sandboxed.cast.owner)
    client.post(CLOCK, {"jump": "renewal"})
    arrived(sandboxed)
    client.get(CLOCK)
    with CaptureQueriesContext(connection) as captured:
        client.get(CLOCK)
    assert len(captured) <= 8, "\n".join(query["sql"] for query in captured.captured_queries)


def test_every_kind_of_fact_has_its_words() -> None:
    assert set(MAY) - set(SILENT) <= set(HAPPENED)


def test_every_kind_of_the_agenda_has_its_words() -> None:
    assert set(agenda.FLOWS) <= set(AHEAD)
