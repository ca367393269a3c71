"""What is promised to those who open an account or take it along, and to the operator when one is parked."""

import io
import zipfile
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress

from palier.apps.accounts.models import Account, Member, Parking, Role, User
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK
from palier.apps.events.models import Event
from palier.apps.invoices.models import InvoiceDocument
from palier.flows import doctor
from palier.flows.exports import export
from tests.actors import stories
from tests.faults.plays import Play
from tests.sandbox_process import SandboxProcess


def assert_signed_up_once(play: Play, sandbox: SandboxProcess, *, email: str) -> None:
    """One person with one address, who owns one account, and nothing of it is missing."""
    person = User.objects.get(email=email)
    assert EmailAddress.objects.filter(email=email, user=person).count() == 1, "no address to confirm, or several"
    owner = Member.objects.get(user=person)
    opened = Event.objects.filter(account_id=owner.account_id).values_list("kind", flat=True)
    assert (owner.role, owner.account.members.count(), list(opened)) == (Role.OWNER, 1, ["account.opened"])
    assert person.has_usable_password()


def assert_taken_along(play: Play, sandbox: SandboxProcess) -> None:
    """The invoice was drawn once, and every export holds that very document; nothing else has changed."""
    owner = Member.objects.get(account=play.account, role=Role.OWNER)
    (document,) = InvoiceDocument.objects.filter(invoice__account=play.account).select_related("invoice")
    written = io.BytesIO()
    export.of_account(play.account, owner, written, now=play.at)
    archive = zipfile.ZipFile(written)
    assert archive.testzip() is None
    assert archive.read(f"invoices/{document.invoice.number}.pdf") == bytes(document.content)
    assert not play.changed(sandbox), "an export changes nothing"


def assert_parked_once(play: Play, sandbox: SandboxProcess) -> None:
    """After the next round at the latest it is parked for one reason and the operator was told, each once."""
    stories.examine(play.account.id, (play.at + timedelta(hours=1)).isoformat())
    parked = Parking.objects.get(account=play.account)
    assert (parked.code, Account.objects.get(pk=play.account.pk).parked_at) == ("I09", parked.found_at)
    assert play.facts("account.parked") == 1, "not noted once"
    assert play.letters("invariants_broken") == 1, "the operator was not told once"
    put_right(at=play.at)


def put_right(*, at: datetime) -> None:
    """A person gives back whatever is owed, and lets the parked accounts go on."""
    for owed in Event.objects.filter(kind="payment.taken_late"):
        about = {"account_id": owed.account_id, "kind": "payment.refunded"}
        if not Event.objects.filter(**about, payload__payment=owed.payload["payment"]).exists():
            record(owed.account_id, "payment.refunded", by=CLOCK, now=at, payment=owed.payload["payment"])
    for account in Account.objects.exclude(parked_at=None):
        doctor.release(account, who="Tess Team", word="given back", now=at)
