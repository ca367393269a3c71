"""A worker may die anywhere in a night: each period is billed once, no number is missing, each charge is made once."""

from datetime import timedelta

import pytest

from palier.apps.accounts.models import User
from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.payments.models import UNRESOLVED, Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import charge, renew
from palier.flows.people import signup
from palier.kit import clock
from tests import world
from tests.actors import stories
from tests.books import assert_balanced
from tests.faults.crash import the_dead_let_go
from tests.faults.nights import JUNE, assert_renewed_once, planned
from tests.faults.sizes import chosen, deaths
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess


def test_a_kill_at_any_point_of_a_chunk_renews_everybody_once(stage: Theatre) -> None:
    stage.rehearse("renew_chunk", chunk=planned(3).id, at=JUNE.isoformat())
    ending = stage.perform("renew_chunk", chunk=planned(3).id, at=JUNE.isoformat())
    assert not ending.killed
    points = ending.points
    assert len(points) >= 80
    for number in chosen(points):
        chunk = planned(3)
        due = Due.objects.filter(kind="renewal", subject__range=(chunk.first_subject, chunk.last_subject))
        subjects = list(due.values_list("subject", flat=True))
        assert stage.perform("renew_chunk", die_at=number, chunk=chunk.id, at=JUNE.isoformat()).killed
        the_dead_let_go()
        stories.renew_all((JUNE + timedelta(minutes=1)).isoformat())
        assert_renewed_once(subjects)
    assert_balanced()
    deaths("renew_chunk", points, chosen(points))


@pytest.fixture
def invoiced(sandbox: SandboxProcess) -> Subscription:
    """Somebody who bought four years ago, and whose periods since have not been billed: one invoice for each kill."""
    person = User.objects.create(email="owner@kills.example", name="Odile Owner")
    then = clock.now() - timedelta(days=1500)
    owner = signup.open_account(person, company="Agence", country="FR", language="fr", now=then)
    world.bought(sandbox, owner, now=then)
    return Subscription.objects.get()


def owed(held: Subscription) -> Payment:
    """The next period is invoiced; its payment waits in the queue."""
    now = clock.now() - timedelta(minutes=5)
    Due.objects.filter(subject=held.id).update(due_at=now)
    assert renew.these([held.id], now=now) == 1
    return charge.queue().get()


def test_a_kill_at_any_point_of_a_charge_takes_the_money_once(
    invoiced: Subscription, stage: Theatre, sandbox: SandboxProcess
) -> None:
    stage.rehearse("charge_lane", lane=owed(invoiced).id % 2)
    payment = owed(invoiced)
    points = stage.perform("charge_lane", lane=payment.id % 2).points
    assert len(points) >= 45
    for turn, number in enumerate(chosen(points)):
        payment = owed(invoiced)
        ending = stage.perform("charge_lane", die_at=number, lane=payment.id % 2)
        assert ending.killed, f"nobody died at {points[number]!r}"
        if turn % 2:
            stories.charge_lane(payment.id % 2)
        for minutes in (10, 20, 30, 40):
            if Payment.objects.filter(pk=payment.id, state__in=UNRESOLVED).exists():
                stories.look_after((clock.now() + timedelta(minutes=minutes)).isoformat())
                stories.charge_lane(payment.id % 2)
        assert sandbox.captured(payment.public_id) == 1, f"killed {points[number]}"
        assert Payment.objects.get(pk=payment.id).state == "succeeded"
        assert Mail.objects.filter(key=f"receipt:{paid_by(payment).public_id}").count() == 1
    assert_balanced(sandbox)
    deaths("charge_lane", points, chosen(points))


def paid_by(payment: Payment) -> Invoice:
    return Invoice.objects.get(payments=payment, state="paid")
