"""What is told is told once: a receipt of a payment, a notice of a promise, a letter of each step of a pursuit."""

import pytest

from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail, RenewalPromise
from palier.apps.payments.models import Collection, Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import agenda, doctor
from palier.kit import clock
from tests import unpaid, world
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

pytestmark = pytest.mark.django_db

NOTHING = "0000000000000"


def told() -> set[tuple[str, str]]:
    """Where a letter is missing, doubled or of nothing."""
    breaches = doctor.examine(now=clock.now(), with_the_gateway=False).breaches
    return {(one.subject, one.fact) for one in breaches if one.code == "I26"}


@pytest.fixture
def pursued(cast: Cast, sandbox: SandboxProcess) -> Invoice:
    """A renewal that nobody paid, to the end of its pursuit."""
    invoice = unpaid.renewed(sandbox, cast.owner)
    unpaid.days_go_by(invoice, 90)
    return invoice


def test_one_receipt_twice_and_one_missing_do_not_cancel_out(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    second = world.bought(sandbox, cast.owner, "business")
    assert told() == set()
    Mail.objects.filter(key=f"receipt:{second}").update(key=f"receipt:ord_{NOTHING}")
    assert told() == {
        (second.public_id, "is paid and has 0 receipts"),
        (f"ord_{NOTHING}", "has a receipt and is not paid here"),
    }


def test_a_renewal_that_is_paid_has_its_own_receipt(cast: Cast, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner, world.GOOD)
    assert Invoice.objects.get(pk=invoice.pk).state == "paid"
    assert told() == set()
    Mail.objects.filter(key=f"receipt:{invoice.public_id}").delete()
    assert told() == {(invoice.public_id, "is paid and has 0 receipts")}


@pytest.mark.parametrize("kind", ["payment_failed", "suspended", "ended_unpaid"])
def test_a_step_of_a_pursuit_that_is_not_told_is_found(pursued: Invoice, kind: str) -> None:
    assert told() == set()
    if kind == "suspended":
        Collection.objects.update(state="suspended")
        assert told() == {(pursued.public_id, "was no step of a pursuit, and is told as ended_unpaid")}
    for letter in Mail.objects.filter(kind=kind):
        letter.delete()
        assert (letter.key.split(":")[1], f"is told by 0 letters as {kind}") in told()


@pytest.mark.parametrize("kind", ["payment_failed", "suspended", "ended_unpaid"])
def test_a_step_that_is_told_and_never_was_is_found(pursued: Invoice, kind: str) -> None:
    letter = Mail.objects.filter(kind=kind).latest("id")
    letter.pk, letter.key = letter.pk + 1, f"{kind}:inv_{NOTHING}"
    letter.save(force_insert=True)
    assert told() == {(f"inv_{NOTHING}", f"was no step of a pursuit, and is told as {kind}")}


def test_a_payment_that_a_person_withdrew_needs_no_letter(pursued: Invoice) -> None:
    Payment.objects.filter(invoice=pursued).update(reason="canceled")
    assert {fact for _subject, fact in told()} == {"was no step of a pursuit, and is told as payment_failed"}


def test_a_renewal_is_announced_by_what_is_promised_of_it(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "team", "year", 5)
    held = Subscription.objects.get()
    while row := Due.objects.filter(kind="notice").first():
        agenda.work_off(row.id, now=row.due_at)
    letters = Mail.objects.filter(kind="renewal_notice")
    assert (letters.count(), told()) == (3, set())
    first = RenewalPromise.objects.earliest("id")
    first.delete()
    assert told() == {(held.public_id, "3 letters announced the renewal, and 2 promises are kept")}
    letters.delete()
    assert told() == {(held.public_id, "0 letters announced the renewal, and 2 promises are kept")}
