"""Planted bugs of the pursuit of an unpaid invoice."""

from datetime import timedelta

import pytest
from django.db import transaction

from palier.apps.accounts.models import Account
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Collection
from palier.apps.subscriptions.models import Subscription
from palier.flows import dun, end, tell
from palier.kit import clock
from tests import unpaid, world
from tests.faults.planted.trials import Scenario, Stand, assert_caught
from tests.faults.scenes import an_owner
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess


def given_up(stand: Stand) -> list[str]:
    """A renewal is pursued in vain until its subscription ends, and the clock goes on."""
    now, owner = clock.now(), an_owner()
    invoice = unpaid.renewed(stand.sandbox, owner, world.LATER_POOR, now=now - timedelta(days=75))
    unpaid.days_go_by(invoice, 33)
    assert Invoice.objects.get(pk=invoice.pk).state == "uncollectible"
    return stand.findings(owner.account, quiet_at=now)


def voided(stand: Stand) -> list[str]:
    """An invoice is taken back while it is pursued, with what it billed; the day of its next try was left standing."""
    now, owner = clock.now(), an_owner()
    invoice = unpaid.renewed(stand.sandbox, owner, world.LATER_POOR, now=now - timedelta(days=40))
    at = invoice.issued_at + timedelta(hours=1)
    with transaction.atomic():
        Account.objects.locked(owner.account_id)
        dun._write_off(invoice, now=at)
        Invoice.objects.filter(pk=invoice.pk).update(state="void")
        Collection.objects.filter(invoice=invoice).update(state="written_off", ended_at=at)
        end.subscription(Subscription.objects.get(account=owner.account), "unpaid", at=at, now=at)
        tell.ended_unpaid(invoice, kept=False, now=at)
    unpaid.days_go_by(invoice, 2)
    return stand.findings(owner.account, quiet_at=now)


SCENARIOS: dict[str, Scenario] = {"dunning_after_cancel": given_up, "dunning_on_void": voided}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_planted_bug_of_a_pursuit_is_caught_by_its_named_check(
    name: str, stage: Theatre, sandbox: SandboxProcess
) -> None:
    assert_caught(name, SCENARIOS[name], stage, sandbox)
