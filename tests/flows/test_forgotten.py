"""What a job gave up is taken up again: mails and events older than an hour, some at a time, for a week."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.gateways.models import GatewayEvent
from palier.apps.notices import actions as notices
from palier.apps.notices.models import Mail
from palier.flows import receive
from palier.kit import jobs
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

HOUR = timedelta(hours=1)
LATER = NOON + HOUR + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def unsent(cast: Cast, sandbox: SandboxProcess) -> Mail:
    """A receipt whose job gave up."""
    world.bought(sandbox, cast.owner)
    give_up()
    return Mail.objects.get(kind="receipt")


def give_up() -> None:
    """Every job has tried in vain for the last time."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")


def heard(number: int, *, at: datetime = NOON) -> GatewayEvent:
    return GatewayEvent.objects.create(
        gateway="sandbox",
        external_id=f"evt_{number}",
        kind="charge.succeeded",
        reference="pay_0000000000000",
        payload={},
        received_at=at,
    )


def deferred(name: str) -> list[dict[str, int]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=name, status="todo").order_by("id")]


def test_a_mail_is_left_to_its_job_for_an_hour_and_then_deferred_again_once(unsent: Mail) -> None:
    assert notices.send_forgotten(now=NOON + HOUR / 2) == 0
    assert notices.send_forgotten(now=LATER) == 1
    assert deferred("send_mail") == [{"mail_id": unsent.id}]
    assert notices.send_forgotten(now=LATER) == 0
    give_up()
    assert notices.send_forgotten(now=LATER) == 1


def test_a_mail_that_was_sent_or_is_a_week_old_is_not_sent_again(unsent: Mail) -> None:
    assert notices.send_forgotten(now=NOON + timedelta(days=8)) == 0
    Mail.objects.update(sent_at=NOON)
    assert notices.send_forgotten(now=LATER) == 0


def test_events_are_taken_up_again_some_at_a_time() -> None:
    events = [heard(number) for number in range(3)]
    heard(4, at=LATER)
    GatewayEvent.objects.filter(pk=events[0].pk).update(handled_at=NOON)
    assert receive.forgotten(now=LATER) == 2
    assert deferred("handle_gateway_event") == [{"event_id": event.id} for event in events[1:]]
    give_up()
    rows = GatewayEvent.objects.all()
    assert [jobs.defer_forgotten("handle_gateway_event", "event_id", rows, at_most=3) for _ in range(3)] == [3, 1, 0]
