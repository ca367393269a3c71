"""Letters on the wire: sent to a real mail server, once each, as HTML and text in the reader's language."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from pytest_django.fixtures import Settings

from palier.apps.notices import actions as outbox
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.flows.conversations import tell_customer
from palier_stack import ports
from palier_stack.mailcatcher import MailCatcher, body
from tests import unpaid, world
from tests.books import assert_balanced
from tests.flows.conversations import answered, of_the_team, written
from tests.sandbox_process import SandboxProcess
from tests.together import together
from tests.world import LATER_ASKS, LATER_POOR, NOON, Cast

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def post(tmp_path: Path, settings: Settings) -> Iterator[MailCatcher]:
    """A mail server of this machine, to which the settings of the test point."""
    smtp = ports.any_free()
    catcher = MailCatcher(tmp_path / "mails", smtp_port=smtp, web_port=ports.any_free())
    catcher.start()
    settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": {"host": ports.LOOPBACK, "port": smtp, "timeout": 120}}}
    yield catcher
    catcher.stop()


def caught(post: MailCatcher) -> list[EmailMessage]:
    """What has arrived, the oldest first."""
    found = (post.mailbox.message(name) for name in reversed(post.mailbox.names()))
    return [message for message in found if message is not None]


def all_sent() -> None:
    """What the worker does about the outbox, and once more."""
    for _turn in range(2):
        for mail in Mail.objects.order_by("id"):
            outbox.send(mail.id, now=NOON)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_letter_arrives_once_as_html_and_text_in_the_readers_language(
    sandbox: SandboxProcess, post: MailCatcher, settings: Settings, language: str
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    world.publish()
    cast = world.cast(language=language)
    invoice = unpaid.renewed(sandbox, cast.owner, LATER_POOR)
    unpaid.days_go_by(invoice, 31)
    all_sent()

    messages = caught(post)
    assert len(messages) == Mail.objects.count() == 8
    assert len({message["Message-ID"] for message in messages}) == len(messages)
    if language == "fr":
        assert any("654,00\u00a0€" in message["Subject"] for message in messages), "a sum breaks over two lines"
    for message, mail in zip(messages, Mail.objects.order_by("id"), strict=True):
        assert (message["Subject"], message["To"], message["Content-Language"]) == (
            mail.subject,
            mail.recipient,
            mail.language,
        )
        assert message.get_content_type() == "multipart/alternative"
        text, html = body(message, "plain"), body(message, "html")
        assert f'<html lang="{mail.language}">' in html
        assert "{" not in text + html.partition("<body")[2].partition(">")[2]
        for paragraph in text.split("\n\n")[:2]:
            assert paragraph.strip()[:30].replace("'", "&#x27;") in html, paragraph
    owed = [message for message in messages if language == "en" and "did not go through" in message["Subject"]]
    assert len(owed) == (5 if language == "en" else 0)
    if language == "fr":
        assert messages[-1]["Subject"] == "Votre abonnement a pris fin"


@pytest.mark.django_db
def test_the_letter_with_a_secret_link_is_forgotten_once_it_is_sent(
    cast: Cast, sandbox: SandboxProcess, post: MailCatcher
) -> None:
    unpaid.renewed(sandbox, cast.owner, LATER_ASKS)
    all_sent()
    asked = next(message for message in caught(post) if "/pay/" in body(message, "plain"))
    assert "/pay/" in body(asked, "html")
    mail = Mail.objects.get(kind="action_required")
    assert (mail.text, mail.html) == ("", "")


@pytest.mark.django_db
def test_an_answer_of_the_team_arrives_as_it_was_written(cast: Cast, post: MailCatcher) -> None:
    """Lines that mean something to a mail server or a browser are words like any other."""
    conversation = written(cast.member, language="fr").conversation
    answer = answered(of_the_team("Zoé D’Équipe"), conversation, "Voilà :\n.\nFrom <b>here</b> & on\n" + "é" * 2000)
    tell_customer.of_answer(answer.id, now=NOON + tell_customer.WAIT)
    all_sent()
    (message,) = caught(post)
    text, html = body(message, "plain").replace("\r\n", "\n"), body(message, "html")
    assert message["To"] == cast.member.user.email
    assert "Zoé D’Équipe:\n> Voilà :\n> .\n> From <b>here</b> & on\n> " + "é" * 2000 + "\n" in text
    assert "From &lt;b&gt;here&lt;/b&gt; &amp; on" in html
    assert f"/chat/{conversation.public_id}/" in text


@pytest.mark.django_db
def test_nothing_is_told_before_the_money_is_settled(cast: Cast, sandbox: SandboxProcess, post: MailCatcher) -> None:
    world.placed(sandbox, world.quoted(cast.owner))
    all_sent()
    assert caught(post) == []
    with transaction.atomic():
        world.collected(Order.objects.get())
        transaction.set_rollback(True)  # the settlement is undone
    all_sent()
    assert caught(post) == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_between_the_servers_yes_and_its_own_note_repeats_a_letter_never_money(
    cast: Cast, sandbox: SandboxProcess, post: MailCatcher
) -> None:
    """The note that it was sent cannot be written: somebody holds the row. The repeated letter has the same id."""
    world.bought(sandbox, cast.owner)
    mail = Mail.objects.get(kind="receipt")
    with transaction.atomic():
        Mail.objects.select_for_update().get(pk=mail.pk)
        answers = together([lambda: _sent_without_patience(mail.id)])
        assert answers == [False]
    mail.refresh_from_db()
    assert mail.sent_at is None
    outbox.send(mail.id, now=NOON)
    outbox.send(mail.id, now=NOON)
    messages = caught(post)
    assert [message["Message-ID"] for message in messages] == [f"<{mail.public_id}@palier>"] * 2
    assert Payment.objects.count() == 1
    assert_balanced(sandbox)


def _sent_without_patience(mail_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    try:
        outbox.send(mail_id, now=NOON)
    except OperationalError:
        return False
    return True
