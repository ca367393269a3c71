"""A letter that nobody can deliver: given up with its reason, told to the operator, and of no account's concern."""

from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Account, Invitation
from palier.apps.events.models import Event
from palier.apps.notices import actions as outbox
from palier.apps.notices.models import Mail
from palier.flows import dead_letters, doctor
from palier.flows.people import invite
from palier.interfaces.cli import doctor as doctor_command
from palier.interfaces.cli import letters as command
from palier.kit import clock
from palier_stack import ports
from tests.faults.bad_mail_server import BadServer, bad_mail_server
from tests.world import Cast

SMTP = "django.core.mail.backends.smtp.EmailBackend"
NOBODY = "camile@lumiere.example"
OPERATOR = "ops@seller.example"


@pytest.fixture
def server(settings: Settings) -> Iterator[BadServer]:
    settings.PALIER_OPERATOR_EMAIL = OPERATOR
    with bad_mail_server() as running:
        options = {"host": ports.LOOPBACK, "port": running.port, "timeout": 60}
        settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": options}}
        yield running


@pytest.fixture
def letter(cast: Cast, server: BadServer) -> Mail:
    """An invitation to a mistyped address."""
    invite.people(cast.account, cast.owner, [NOBODY], now=clock.now())
    return Mail.objects.get(recipient=NOBODY)


def refused(server: BadServer, letter: Mail) -> None:
    server.scripts[letter.recipient] = ["never_for_the_reader", "for_ever"]
    outbox.send(letter.id, now=clock.now())
    letter.refresh_from_db()
    assert letter.given_up_at is not None


def jobs_waiting() -> list[int]:
    return [job.args["mail_id"] for job in ProcrastinateJob.objects.filter(task_name="send_mail", status="todo")]


def test_a_reader_whom_the_server_does_not_know_parks_nobody_and_is_told_to_the_operator_once(
    cast: Cast, server: BadServer, letter: Mail
) -> None:
    refused(server, letter)
    assert letter.trouble == "550 Nobody here"
    for days in (2, 3):
        found = doctor.rounds(now=clock.now() + timedelta(days=days))
        assert letter.public_id not in {breach.subject for breach in found.breaches}
        assert [matter.subject for matter in found.matters] == [letter.public_id]
    assert not Account.objects.exclude(parked_at=None).exists()
    told = Mail.objects.get(recipient=OPERATOR, kind="needs_a_person")
    assert NOBODY in told.text
    assert "550 Nobody here" in told.text
    assert "palier letters list" in told.text


def test_a_letter_to_the_operator_that_cannot_be_delivered_leads_to_no_other(server: BadServer, letter: Mail) -> None:
    refused(server, letter)
    doctor.rounds(now=clock.now())
    told = Mail.objects.get(recipient=OPERATOR)
    refused(server, told)
    found = doctor.rounds(now=clock.now())
    assert {matter.subject for matter in found.matters} == {letter.public_id, told.public_id}
    assert Mail.objects.filter(recipient=OPERATOR).get() == told


def test_a_letter_that_is_unsent_for_a_day_is_a_breach_of_no_account(server: BadServer, letter: Mail) -> None:
    found = doctor.rounds(now=clock.now() + timedelta(days=2))
    assert [(one.account_id, one.subject) for one in found.breaches if one.code == "I25"] == [(None, letter.public_id)]
    assert not Account.objects.exclude(parked_at=None).exists()


def test_what_may_go_better_another_time_is_given_up_after_a_week_with_the_servers_last_word(
    server: BadServer, letter: Mail
) -> None:
    server.scripts[letter.recipient] = ["later_for_the_reader", "for_ever"]
    with pytest.raises(SMTPException):
        outbox.send(letter.id, now=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert outbox.send_forgotten(now=letter.written_at + outbox.PATIENCE) == 1
    assert outbox.send_forgotten(now=letter.written_at + outbox.PATIENCE + timedelta(seconds=1)) == 0
    assert dead_letters.all_of() == [], "its job is on its way"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    outbox.send_forgotten(now=letter.written_at + outbox.PATIENCE + timedelta(seconds=1))
    (dead,) = dead_letters.all_of()
    assert dead.trouble == "450 Not now"


def test_a_dead_letter_is_sent_again_as_it_was_written(
    server: BadServer, letter: Mail, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(server, letter)
    assert command.main(["list"]) == 0
    said = capsys.readouterr().out
    assert letter.public_id in said
    assert "550 Nobody here" in said
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert command.main(["resend", "all", "--by", "tess"]) == 0
    assert jobs_waiting() == [letter.id]
    server.scripts.clear()
    outbox.send(letter.id, now=clock.now())
    letter.refresh_from_db()
    assert letter.sent_at is not None
    assert server.kept[f"<{letter.public_id}@palier>"] == 1
    assert Event.objects.get(kind="letter.resent").author == "operator:tess"
    with pytest.raises(dead_letters.NotGivenUp):
        dead_letters.resend(letter.id, who="tess", now=clock.now())


def test_a_dropped_letter_is_never_sent_and_forgets_its_link(
    server: BadServer, letter: Mail, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(dead_letters.NotGivenUp):
        dead_letters.drop(letter.id, who="tess", now=clock.now())
    refused(server, letter)
    found = doctor.examine(now=clock.now(), with_the_gateway=False)
    assert doctor_command.told(found).count("palier letters list") == 1
    assert command.main(["drop", letter.public_id, "--by", "tess"]) == 0
    server.scripts.clear()
    outbox.send(letter.id, now=clock.now())
    letter.refresh_from_db()
    assert (letter.sent_at, letter.text, letter.html) == (None, "", "")
    assert server.kept == {}
    assert doctor.examine(now=clock.now() + timedelta(days=2), with_the_gateway=False).matters == ()
    assert Event.objects.get(kind="letter.dropped").author == "operator:tess"
    assert Invitation.objects.get().expires_at > clock.now(), "the invitation itself is another thing"
    assert command.main(["drop", "mai_?"]) == 1
    assert "there is no letter" in capsys.readouterr().err
