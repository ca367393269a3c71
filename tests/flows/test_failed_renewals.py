"""A renewal that cannot be done: the operator is told why, nobody is parked, and a person lets it go on."""

import pytest
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Account
from palier.apps.agenda.models import Due, Failure
from palier.apps.entitlements import actions as entitlements
from palier.apps.events.models import Event
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail, RenewalPromise
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import Subscription
from palier.flows import doctor, failed_renewals, renew, schedule
from palier.flows.change import Choice
from palier.interfaces.cli import doctor as doctor_command
from palier.interfaces.cli import renewals as command
from tests import unpaid, world
from tests.flows.test_notices import until, yearly
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

__all__ = ["yearly"]

pytestmark = pytest.mark.django_db

OPERATOR = "ops@seller.example"


@pytest.fixture
def broken(yearly: Subscription, settings: Settings) -> Subscription:
    """Told at one cent, due, and not renewed."""
    settings.PALIER_OPERATOR_EMAIL = OPERATOR
    until(yearly.period_end - doctor.PATIENCE)
    RenewalPromise.objects.update(net_minor=1, total_minor=1)
    renew.these([yearly.id], now=yearly.period_end)
    assert Invoice.objects.count() == 1
    return yearly


def test_the_operator_is_told_once_and_nobody_is_parked(broken: Subscription) -> None:
    for hours in (1, 2):
        found = doctor.rounds(now=broken.period_end + hours * doctor.PATIENCE)
        assert [matter.subject for matter in found.matters] == [broken.public_id]
        renew.these([broken.id], now=broken.period_end + hours * doctor.PATIENCE)
    told = Mail.objects.get(recipient=OPERATOR, kind="needs_a_person")
    assert f"{broken.public_id} could not be renewed since" in told.text
    assert "promised 1 EUR net, computed 570000" in told.text
    assert "palier renewals list" in told.text
    assert not Account.objects.exclude(parked_at=None).exists()
    assert "palier renewals list" in doctor_command.told(found)


def test_the_list_names_it_and_a_retry_that_can_be_done_ends_it(
    broken: Subscription, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["list"]) == 0
    said = capsys.readouterr().out
    assert broken.public_id in said
    assert "1 times: promised 1 EUR net, computed 570000" in said
    RenewalPromise.objects.update(net_minor=570000)
    failed_renewals.retry(broken.id, now=broken.period_end)
    assert Due.objects.get(kind="renewal").due_at == broken.period_end
    renew.these([broken.id], now=broken.period_end)
    assert Invoice.objects.count() == 2
    assert failed_renewals.all_of() == []
    with pytest.raises(failed_renewals.NothingFailed):
        failed_renewals.retry(broken.id, now=broken.period_end)


def test_a_sum_that_a_person_accepts_is_charged_with_its_explanation_and_no_other_sum(
    broken: Subscription, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["accept", broken.public_id, "--word", "the letter was wrong", "--by", "tess"]) == 0
    assert "promised 1 EUR net, computed 570000, accepted" in capsys.readouterr().out
    fact = Event.objects.get(kind="renewal.accepted")
    assert (fact.author, fact.payload["why"]) == ("operator:tess", "the letter was wrong")
    assert (fact.payload["before"], fact.payload["after"]) == (1, 570000)
    accepted = RenewalPromise.objects.order_by("id").last()
    assert accepted is not None

    at = Due.objects.get(kind="renewal").due_at
    RenewalPromise.objects.filter(pk=accepted.pk).update(accepted_minor=2)
    renew.these([broken.id], now=at)
    assert Invoice.objects.count() == 1, "another sum than the accepted one is stopped"
    failed_renewals.accept(broken.id, who="tess", why="once more", now=at)
    renew.these([broken.id], now=at)
    invoice = Invoice.objects.latest("id")
    assert invoice.net_minor == 570000
    unpaid.collected(now=at)
    assert "We had announced" in Mail.objects.get(key=f"receipt:{invoice.public_id}").text
    assert failed_renewals.all_of() == []


def test_what_breaks_no_promise_cannot_be_accepted(broken: Subscription) -> None:
    RenewalPromise.objects.all().delete()
    with pytest.raises(failed_renewals.NoBrokenPromise):
        failed_renewals.accept(broken.id, who="tess", why="?", now=broken.period_end)
    assert not Event.objects.filter(kind="renewal.accepted").exists()


def test_what_ends_instead_waits_for_nobody(broken: Subscription) -> None:
    at = broken.period_end
    Subscription.objects.filter(pk=broken.pk).update(state="ended", ended_at=at, end_reason="canceled")
    renew.these([broken.id], now=at + 2 * renew.AGAIN)
    assert failed_renewals.all_of() == []
    assert Failure.objects.exists()


def test_the_command_refuses_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["retry", "sub_?"]) == 1
    assert command.main(["accept", "sub_0000000000001", "--word", "why"]) == 1
    assert capsys.readouterr().err.count("there is no subscription") == 2


# What is renewed alone is compared with its promise too


def promised_otherwise(held: Subscription) -> None:
    until(held.period_end - doctor.PATIENCE)
    items = {f"{item.kind}:{item.key}": item.quantity for item in held.items.all()}
    RenewalPromise.objects.update(net_minor=1, total_minor=1, items=items)
    assert RenewalPromise.objects.exists()


def assert_stopped(held: Subscription, *, net_minor: int) -> None:
    renew.these([held.id], now=held.period_end)
    assert Invoice.objects.filter(account=held.account_id).count() == 1
    (failure,) = failed_renewals.all_of()
    assert failure.error == f"promised 1 EUR net, computed {net_minor}"
    failed_renewals.accept(held.id, who="tess", why="looked", now=held.period_end)
    renew.these([held.id], now=max(Due.objects.get(kind="renewal").due_at, held.period_end))
    assert Invoice.objects.filter(account=held.account_id).latest("id").net_minor == net_minor
    assert failed_renewals.all_of() == []


def test_an_account_without_a_card_is_promised_no_less(yearly: Subscription) -> None:
    PaymentMethod.objects.update(is_default=False)
    promised_otherwise(yearly)
    assert_stopped(yearly, net_minor=570000)


def test_a_sandbox_account_is_promised_no_less(yearly: Subscription) -> None:
    Account.objects.filter(pk=yearly.account_id).update(sandbox=True)
    promised_otherwise(yearly)
    assert_stopped(yearly, net_minor=570000)


def test_a_plan_that_goes_on_because_the_lower_one_is_exceeded_is_promised_no_less(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, "business", "year", 5)
    held = Subscription.objects.get()
    world.without_billing_admin(cast)
    schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "year", 5), now=world.NOON)
    promised_otherwise(held)
    entitlements.note(cast.account, "custom_fields", 40, now=held.period_end)
    assert_stopped(held, net_minor=Invoice.objects.get().net_minor)
    assert held.items.get(kind="plan").key == "business"
