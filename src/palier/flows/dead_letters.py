"""Letters that were given up, for a person who looked: sent again once what stood in the way is over, or dropped."""

from datetime import datetime

from django.db import transaction

from palier.apps.events.actions import record
from palier.apps.events.authors import operator
from palier.apps.notices import actions as notices
from palier.apps.notices.models import Mail
from palier.kit.refusals import Refusal


class NotGivenUp(Refusal):
    code = "letter.not_given_up"
    en = "This letter was not given up: it is sent, dropped or on its way. Nothing was changed."
    fr = "Cette lettre n’a pas été abandonnée\u202f: elle est partie, retirée ou en chemin. Rien n’a changé."


def all_of() -> list[Mail]:
    """The newest first."""
    return list(Mail.objects.dead().order_by("-id"))


def resend(mail_id: int, *, who: str, now: datetime) -> Mail:
    """Let a letter go again, as it was written; refused once more, it is given up once more."""
    with transaction.atomic():
        mail = _dead(mail_id)
        notices.send_again(mail)
        _record(mail, "letter.resent", who=who, now=now)
    return mail


def drop(mail_id: int, *, who: str, now: datetime) -> Mail:
    """Let a letter be: its reader does not exist, or was told in another way."""
    with transaction.atomic():
        mail = _dead(mail_id)
        notices.drop(mail, now=now)
        _record(mail, "letter.dropped", who=who, now=now)
    return mail


def _dead(mail_id: int) -> Mail:
    mail = Mail.objects.dead().select_for_update().filter(pk=mail_id).first()
    if mail is None:
        raise NotGivenUp
    return mail


def _record(mail: Mail, kind: str, *, who: str, now: datetime) -> None:
    if mail.account_id != notices.OF_NO_ACCOUNT:
        record(mail.account_id, kind, by=operator(who), now=now, letter=mail.public_id, about=mail.kind)
