"""/settings/billing/cancel/: three clicks, the end of access shown, withdrawable; an unpaid invoice is paid first."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from palier.apps.events.models import Event
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows.change import Choice
from palier.kit import clock
from tests import world
from tests.interfaces.pages import Page
from tests.interfaces.portal.reading import words
from tests.interfaces.portal.subscribed import MID_JUNE, changed, renewed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

CANCEL = "/settings/billing/cancel/"
OVERVIEW = "/settings/billing/"
LogIn = Callable[..., Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast, sandbox: SandboxProcess, logged_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> Client:
    world.bought(sandbox, cast.owner, seats=6)
    monkeypatch.setattr(clock, "now", lambda: MID_JUNE)
    return logged_in(cast.owner)


def test_from_the_overview_in_two_presses(client: Client) -> None:
    assert f'href="{CANCEL}"' in client.get(OVERVIEW).content.decode()
    page = words(client.get(CANCEL).content.decode())
    assert "Access until 30 June 2026" in page
    answer = client.post(CANCEL, {"reason": "We\u202e merged\nwith another firm"}, follow=True)
    page = words(answer.content.decode())
    assert "Everything stays open until 30 June 2026" in page
    assert "Ends 30 June 2026" in page
    assert "The subscription ends on 30 June 2026 Withdraw this change" in page
    assert CANCEL not in answer.content.decode()
    told = Event.objects.filter(kind="cancellation.scheduled").get().payload
    assert told["reason"] == "We merged\nwith another firm"


def test_page_and_letter_name_the_same_last_day(client: Client) -> None:
    client.post(CANCEL)
    letter = Mail.objects.get(kind="cancellation_confirmed")
    assert "Access until: 30 June 2026" in letter.text
    for page in (CANCEL, OVERVIEW, "/settings/billing/seats/"):
        shown = words(client.get(page).content.decode())
        assert "30 June 2026" in shown
        assert "1 July 2026" not in shown


def test_it_can_be_withdrawn_until_then(client: Client) -> None:
    client.post(CANCEL)
    (change,) = ScheduledChange.objects.filter(state="waiting")
    page = words(client.post(f"/settings/billing/changes/{change.public_id}/withdraw/", follow=True).content.decode())
    assert "€784.80 on 1 July 2026" in page


def test_after_a_cancellation_the_page_says_so_and_a_second_one_is_refused(client: Client) -> None:
    client.post(CANCEL)
    assert "canceled already and ends on 30 June 2026" in words(client.get(CANCEL).content.decode())
    assert client.post(CANCEL).status_code == 422
    assert ScheduledChange.objects.count() == 1


def test_in_mixed_billing_one_ends_or_all(client: Client, cast: Cast) -> None:
    changed(cast, Choice("team", "month", 1, 5))
    page = words(client.get(CANCEL).content.decode())
    assert "Everything each on its own date, the last on 14 June 2027" in page
    assert "1 monthly user until 30 June 2026" in page
    assert "5 annual users until 14 June 2027" in page
    client.post(CANCEL, {"which": "month"})
    overview = words(client.get(OVERVIEW).content.decode())
    assert "1 monthly user 30 June 2026 ends 5 annual users 15 June 2027 €6,840.00" in overview
    assert f'href="{CANCEL}"' in client.get(OVERVIEW).content.decode()
    client.post(CANCEL, {"which": "year"})
    assert ScheduledChange.objects.filter(state="waiting", kind="cancel").count() == 2


EVERYTHING = {"en": "Afterwards your data is read-only.", "fr": "Ensuite, vos données sont en lecture seule."}
IF_ALL = {"en": "If everything ends, your data is", "fr": "Si tout prend fin, vos données passent en lecture seule"}
PART = {
    "en": "Your cancellation is noted: 1 monthly user until 30 June 2026. The rest goes on as before, and you",
    "fr": "Votre résiliation est enregistrée : 1 utilisateur mensuel jusqu’au 30 juin 2026. Le reste continue",
}
BOTH = {
    "en": "Your users end on their own dates, the last on 14 June 2027",
    "fr": "Vos utilisateurs prennent fin à leurs dates, les derniers le 14 juin 2027",
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_in_mixed_billing_the_page_tells_of_the_end_of_everything_only_where_everything_ends(
    client: Client, cast: Cast, logged_in: LogIn, language: str
) -> None:
    changed(cast, Choice("team", "month", 1, 5))
    client = logged_in(cast.owner, language)
    page = words(client.get(CANCEL).content.decode())
    assert IF_ALL[language] in page
    assert EVERYTHING[language] not in page
    assert PART[language] in words(client.post(CANCEL, {"which": "month"}, follow=True).content.decode())
    assert EVERYTHING[language] in words(client.get(CANCEL).content.decode()), "the last one that goes on"
    assert BOTH[language] in words(client.post(CANCEL, {"which": "year"}, follow=True).content.decode())


def test_an_unknown_choice_means_all(client: Client, cast: Cast) -> None:
    changed(cast, Choice("team", "month", 1, 5))
    client.post(CANCEL, {"which": "week"})
    assert ScheduledChange.objects.filter(state="waiting", kind="cancel").count() == 2


def test_an_unpaid_invoice_is_paid_first(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, logged_in: LogIn
) -> None:
    cast.account.payment_methods.all().update(is_default=False)
    later = NOON + timedelta(days=31)
    renewed(cast, now=later)
    monkeypatch.setattr(clock, "now", lambda: later)
    invoice = Invoice.objects.get(state="open")
    for answer in (client.get(CANCEL), client.post(CANCEL)):
        page = answer.content.decode()
        assert f"Invoice {invoice.number} comes first. Nothing was changed" in words(page)
        assert f'href="/settings/billing/invoices/{invoice.public_id}/"' in page
    assert not ScheduledChange.objects.exists()
    french = words(logged_in(cast.owner, "fr").get(CANCEL).content.decode())
    assert "Payer maintenant" in french


def test_the_reason_stays_when_an_unpaid_invoice_came_between(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.account.payment_methods.all().update(is_default=False)
    later = NOON + timedelta(days=31)
    renewed(cast, now=later)
    monkeypatch.setattr(clock, "now", lambda: later)
    refused = Page(client.post(CANCEL, {"reason": "We merged <with> another firm"}))
    assert (refused.status, refused.codes) == (422, ["cancel.invoice_open"])
    assert refused.value("reason") == "We merged <with> another firm"
    assert "Cancel the subscription" in refused.buttons
    asked = Page(client.get(CANCEL))
    assert (asked.values("reason"), asked.buttons.count("Cancel the subscription")) == ([], 0), "to be paid first"


def test_in_mixed_billing_the_choice_stays_too_when_an_unpaid_invoice_came_between(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(cast, Choice("team", "month", 1, 5))
    cast.account.payment_methods.all().update(is_default=False)
    later = NOON + timedelta(days=31)
    renewed(cast, now=later)
    monkeypatch.setattr(clock, "now", lambda: later)
    refused = Page(client.post(CANCEL, {"which": "year", "reason": "Too many"}))
    assert refused.codes == ["cancel.invoice_open"]
    assert (refused.value("which"), refused.value("reason")) == ("year", "Too many")


def test_a_free_account_has_nothing_to_cancel(cast: Cast, logged_in: LogIn) -> None:
    assert logged_in(cast.owner).get(CANCEL)["Location"] == OVERVIEW
