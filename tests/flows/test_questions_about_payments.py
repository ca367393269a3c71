"""When the clock asks about payments whose outcome is unknown: ever more rarely, and at once when it is back."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from palier.apps.payments.models import Payment
from palier.flows import collect
from palier.kit import jobs
from tests import world
from tests.books import assert_balanced
from tests.faults.scenes import an_owner
from tests.flows.bad_days import SOON, again, sent
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast


@pytest.mark.parametrize(
    ("part", "asked"),
    [
        (0, [40, 80, 160, 320, 630, 940, 1250]),
        (16, [40, 80, 150, 270, 490, 740, 990, 1240]),
        (32, [40, 80, 140, 240, 400, 610, 820, 1030, 1240]),
        (63, [40, 80, 130, 200, 310, 470, 630, 790, 950, 1110, 1270]),
    ],
)
def test_the_older_a_payment_the_more_rarely_it_is_asked_about_each_at_its_own_pace(
    cast: Cast, sandbox: SandboxProcess, part: int, asked: list[int]
) -> None:
    """Each time at half more than its age to twice its age, and every two and a half to five minutes in the end."""
    ours, _ = of_one_outage(cast, sandbox, part)
    found = [second for second in range(10, 1300, 10) if ours in asked_at(NOON + timedelta(seconds=second))]
    assert found == asked
    assert Payment.objects.get(pk=ours).state == "unknown"


def test_the_newest_unknown_payment_is_asked_about_as_long_as_nothing_is_told(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    """Its customer may still be looking."""
    _, newest = of_one_outage(cast, sandbox, 0)
    found = [second for second in range(10, 1300, 10) if newest in asked_at(NOON + timedelta(seconds=second))]
    assert found == list(range(40, 1300, 40))


def test_payments_asked_about_at_one_instant_are_not_asked_at_one_instant_again(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    """Two of one outage, whose ids are neighbours."""
    first, second, _ = of_one_outage(cast, sandbox, 20, 40)
    together = NOON + timedelta(hours=1)
    assert asked_at(together) >= {first, second}
    found = {after: asked_at(together + timedelta(seconds=after)) for after in range(10, 310, 10)}
    assert {after: payments & {first, second} for after, payments in found.items() if payments & {first, second}} == {
        190: {second},
        230: {first},
    }


def test_once_the_gateway_tells_of_one_payment_it_is_asked_about_all_others(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    """Also about those whose turn would come minutes later."""
    payments = of_one_outage(cast, sandbox, 0, 1, 2)
    sandbox.fault("down", times=None)
    back = NOON + timedelta(hours=1)
    assert world.looked_after(now=back) == len(payments)
    sandbox.clear_faults()
    found = [world.looked_after(now=back + timedelta(seconds=second)) for second in (10, 20, 30, 40, 50, 60)]
    assert found == [0, 0, 0, 1, len(payments) - 1, 0]
    assert set(Payment.objects.values_list("state", flat=True)) == {"succeeded"}
    assert_balanced(sandbox)


def of_one_outage(cast: Cast, sandbox: SandboxProcess, *parts: int) -> list[int]:
    """Payments whose answers were lost at noon: of these parts of ``SPREAD``, and a newer one; their ids."""
    sandbox.fault("timeout_before_capture", times=len(parts) + 1)
    members = [cast.owner, cast.stranger, *(an_owner() for _ in parts[1:])]
    for member in members:
        assert world.collected(world.placed(sandbox, world.quoted(member))).state == "unknown"
    found = list(Payment.objects.order_by("id").values_list("id", flat=True))
    base = found[0] - found[0] % collect.SPREAD
    ids = [base + part for part in parts] + [base + 2 * collect.SPREAD]
    for old, new in zip(found, ids, strict=True):
        Payment.objects.filter(pk=old).update(id=new)
    return ids


def asked_at(now: datetime) -> set[int]:
    """Which payments the clock asks about at an instant."""
    collect.unknown(now=now)
    return set(Payment.objects.filter(asked_at=now).values_list("id", flat=True))


def test_a_long_outage_piles_up_no_questions(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="down", times=None)
    for number in range(collect.QUESTIONS_WAITING):
        jobs.defer("collect_payment", payment_id=number)
    assert collect.unknown(now=SOON) == 0
    assert again(payment).asked_at == NOON


def test_questions_wait_behind_mails_and_documents(cast: Cast, sandbox: SandboxProcess) -> None:
    """So that a gateway that hangs leaves the next free place of a worker to them."""
    sent(sandbox, cast, fault="timeout_after_capture")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")
        assert collect.unknown(now=SOON) == 1
        jobs.defer("make_invoice_document", invoice_id=1)
        jobs.defer("send_mail", mail_id=1)
        started = []
        for _ in range(3):
            cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
            started += cursor.fetchone()
    assert started == ["make_invoice_document", "send_mail", "collect_payment"]
