import re
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import override

from palier.apps.notices.letters import Letter
from palier.apps.notices.models import Mail
from palier.kit import jobs, writes

OF_NO_ACCOUNT: Final = 0
"""Whose account id a letter has that is about several or none."""

PATIENCE: Final = timedelta(days=7)
"""How long a letter is tried."""

RESTS: Final = timedelta(hours=1)
"""After so long a letter whose job gave up gets another one."""

NEVER: Final = 500
"""From here on a mail server's answer is its last word (RFC 5321, 4.2.1)."""

_SPACES: Final = re.compile(r"[^\S\u00a0\u202f]+")
"""Spaces and ends of lines, but for those that hold a sum together."""


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
            subject=_SPACES.sub(" ", letter.subject).strip()[:200],
            text=render_to_string("notices/letter.txt", content),
            html=render_to_string("notices/letter.html", content),
            secret_link=letter.secret_link,
            written_at=now,
        )
    writes.insert(mail)
    jobs.defer("send_mail", mail_id=mail.id)


def send_forgotten(*, now: datetime) -> int:
    """Defer the mails that are unsent after an hour and whose jobs gave up; returns how many. Periodic.

    One that a week of tries has not brought away is given up.
    """
    to_send = Mail.objects.to_send()
    in_vain = to_send.filter(written_at__lt=now - PATIENCE).exclude(pk__in=jobs.waiting("send_mail", "mail_id"))
    in_vain.update(given_up_at=now)
    return jobs.defer_forgotten("send_mail", "mail_id", to_send.filter(written_at__lt=now - RESTS))


def send_again(mail: Mail) -> None:
    """Put a dead letter back on its way: it is tried at once, with the patience of one job."""
    Mail.objects.filter(pk=mail.pk).update(given_up_at=None)
    jobs.defer("send_mail", mail_id=mail.id)


def drop(mail: Mail, *, now: datetime) -> None:
    """Nobody tries to send it any more."""
    Mail.objects.filter(pk=mail.pk).update(dropped_at=now, **_forgotten(mail))


def send(mail_id: int, *, now: datetime) -> None:
    """Send one mail of the outbox, once, and forget its bodies if they carry a secret link.

    A crash after the server's acceptance may repeat it; money never depends on it. An address that the server refuses
    for good gives the letter up at once. Raises OSError and SMTPException: what may go better another time.
    """
    mail = Mail.objects.to_send().filter(pk=mail_id).first()
    if mail is None:
        return
    try:
        _hand_over(mail)
    except SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        last_word = {"given_up_at": now} if code >= NEVER else {}
        Mail.objects.filter(pk=mail.pk).update(trouble=f"{code} {said.decode(errors='replace')}"[:200], **last_word)
        if not last_word:
            raise
    except (OSError, SMTPException) as trouble:
        Mail.objects.filter(pk=mail.pk).update(trouble=str(trouble)[:200])
        raise
    else:
        Mail.objects.filter(pk=mail.pk).update(sent_at=now, **_forgotten(mail))


def _hand_over(mail: Mail) -> None:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.recipient],
        headers={"Message-ID": f"<{mail.public_id}@palier>", "Content-Language": mail.language},
    )
    message.attach_alternative(mail.html, "text/html")
    message.send()


def _forgotten(mail: Mail) -> dict[str, str]:
    return {"text": "", "html": ""} if mail.secret_link else {}
