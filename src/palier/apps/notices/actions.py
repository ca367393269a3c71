from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import override

from palier.apps.notices.letters import Letter
from palier.apps.notices.models import Mail
from palier.kit import jobs, writes


def post(account_id: int, letter: Letter, *, to: str, key: str, now: datetime) -> None:
    """Put a letter into the outbox and defer its sending, in the caller's transaction.

    The same ``key`` is posted once.
    """
    if Mail.objects.filter(key=key).exists():
        return
    with override(letter.language):
        content = {"letter": letter, "host_name": settings.HOST_NAME}
        mail = Mail(
            key=key,
            account_id=account_id,
            kind=letter.kind,
            recipient=to,
            language=letter.language,
            subject=" ".join(letter.subject.split())[:200],
            text=render_to_string("notices/letter.txt", content),
            html=render_to_string("notices/letter.html", content),
            secret_link=letter.secret_link,
            written_at=now,
        )
    writes.insert(mail)
    jobs.defer("send_mail", mail_id=mail.id)


def send_forgotten(*, now: datetime) -> int:
    """Defer the mails of this week that are unsent after an hour and whose jobs gave up; returns how many. Periodic."""
    unsent = Mail.objects.filter(sent_at=None, written_at__range=(now - timedelta(days=7), now - timedelta(hours=1)))
    return jobs.defer_forgotten("send_mail", "mail_id", unsent)


def send(mail_id: int, *, now: datetime) -> None:
    """Send one mail of the outbox, once, and forget its bodies if they carry a secret link.

    A crash after the server's acceptance may repeat it; money never depends on it.
    """
    mail = Mail.objects.get(pk=mail_id)
    if mail.sent_at is not None:
        return
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.recipient],
        headers={"Message-ID": f"<{mail.public_id}@palier>", "Content-Language": mail.language},
    )
    message.attach_alternative(mail.html, "text/html")
    message.send()
    forgotten = {"text": "", "html": ""} if mail.secret_link else {}
    Mail.objects.filter(pk=mail.pk).update(sent_at=now, **forgotten)
