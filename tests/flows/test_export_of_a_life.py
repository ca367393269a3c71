"""An account in which everything has happened: each table of its export tells of it, and none tells a secret."""

import csv
import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from palier.apps.agenda.models import Due
from palier.apps.notices import letters_operator
from palier.apps.notices.actions import post
from palier.apps.notices.models import Mail
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import ScheduledChange, SeatBasket, Subscription
from palier.flows import agenda, ask, seat_requests, trial, usage
from palier.flows.change import Choice
from palier.flows.conversations.attachments import Upload
from palier.flows.exports import export
from palier.flows.exports.export_tables import TABLES
from palier.flows.people import invite
from tests import unpaid, world
from tests.catalogue.toml import edited
from tests.flows.conversations import written
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db

OFFER = edited("days = 0                        # 0: no trial", "days = 14                       # 0: no trial")
TEAM = "team@seller.example"


@pytest.fixture
def lived(cast: Cast, sandbox: SandboxProcess, settings: Settings) -> Cast:
    """Tried, asked for, bought for a year, announced, renewed and not paid; and the seller got letters about it."""
    settings.PALIER_SUPPORT_EMAIL = TEAM
    world.publish(OFFER, now=NOON)
    trial.start(cast.account, cast.owner, now=NOON)
    ask.buyer(cast.member, Choice("team", "year", 5), "=Please", now=NOON)

    def meanwhile() -> None:
        account = world.fresh(cast.account)
        invite.people(account, cast.owner, ["new@lumiere.example"], now=NOON)
        seat_requests.ask(cast.member, wished="next@lumiere.example", note="In July", now=NOON)
        usage.report(account, "records", 120, now=NOON)
        written(cast.member, files=(Upload("a.txt", b"A"),))
        row = Due.objects.get(kind="notice")
        agenda.work_off(row.id, now=row.due_at)

    unpaid.renewed(sandbox, cast.owner, interval="year", meanwhile=meanwhile)
    held = Subscription.objects.get()
    SeatBasket.objects.create(subscription=held, paid_seats=5, opened_at=NOON, closes_at=NOON + timedelta(hours=12))
    ScheduledChange.objects.create(subscription=held, kind="cancel", scheduled_at=NOON, effective_at=held.period_end)
    letter = letters_operator.invariants_broken(["a line"], parked=1)
    post(cast.account.id, letter, to="operator@seller.example", key="invariants:1", now=NOON)
    return cast


def archive_of(cast: Cast) -> zipfile.ZipFile:
    written = io.BytesIO()
    export.of_account(world.fresh(cast.account), cast.owner, written, now=NOON)
    return zipfile.ZipFile(written)


def test_each_table_tells_of_it(lived: Cast) -> None:
    archive = archive_of(lived)
    told = {name: list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig")))) for name in TABLES}
    assert [name for name, rows in told.items() if not rows] == []
    assert told["billing_details"][0]["address"] == world.DETAILS["address"]
    assert told["usage"][0]["used"] == "120"
    assert told["trial"][0]["plan"] == "team"
    assert told["purchase_requests"][0]["note"] == "'=Please"
    assert (told["seat_requests"][0]["wished"], told["seat_requests"][0]["state"]) == (
        "next@lumiere.example",
        "waiting",
    )
    (card,) = told["cards"]
    kept = PaymentMethod.objects.get()
    expires = f"{kept.expiry_year}-{kept.expiry_month:02}"
    assert (card["brand"], card["last4"], card["expires"], card["default"]) == ("Visa", kept.last4, expires, "true")
    bought, refused = told["payments"]
    assert (bought["state"], bought["order"], bought["card"]) == ("succeeded", told["orders"][0]["id"], card["id"])
    assert (refused["state"], refused["invoice"]) == ("failed", told["invoices"][1]["number"])
    assert (told["collections"][0]["state"], told["collections"][0]["invoice"]) == ("trying", refused["invoice"])
    assert told["renewal_promises"][0]["total"] == told["invoices"][1]["total"] == refused["amount"]
    assert told["billed_periods"][1]["from"] == told["subscriptions"][0]["period_start"]
    assert len(told["billed_periods"]) == 2


def test_letters_are_told_without_what_they_say_and_those_to_the_seller_are_not(lived: Cast) -> None:
    archive = archive_of(lived)
    letters = json.loads(archive.read("letters.json"))
    assert Mail.objects.filter(recipient=TEAM).exists()
    assert {letter["recipient"] for letter in letters} == {
        "owner@lumiere.example",
        "billing_admin@lumiere.example",
        "new@lumiere.example",
        world.DETAILS["email"],
    }
    (invitation,) = (letter for letter in letters if letter["kind"] == "invitation")
    kept = Mail.objects.get(kind="invitation")
    assert (invitation["subject"], invitation["written_at"]) == (kept.subject, NOON.isoformat())
    (secret,) = {link for link in re.findall(r"https?://\S+", kept.text) if "invitation" in link}
    assert secret.encode() not in everything(archive)


def everything(archive: zipfile.ZipFile) -> bytes:
    return b"".join(archive.read(name) for name in archive.namelist())


def test_no_token_or_fingerprint_of_a_card_is_in_it(lived: Cast) -> None:
    content = everything(archive_of(lived))
    (card,) = PaymentMethod.objects.all()
    for secret in (card.token, card.fingerprint):
        assert secret
        assert secret.encode() not in content


def test_it_takes_as_many_statements_for_more_of_everything(lived: Cast) -> None:
    archive_of(lived)  # draws the invoices, once
    before = statements(lived)
    for number in range(3):
        written(lived.member, files=(Upload("a.txt", b"A"), Upload("b.txt", b"B")))
        usage.report(lived.account, ("custom_fields", "teams", "records")[number], number, now=NOON)
    assert statements(lived) == before


def statements(cast: Cast) -> int:
    with CaptureQueriesContext(connection) as asked:
        archive_of(cast)
    return len(asked)
