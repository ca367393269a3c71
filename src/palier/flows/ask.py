"""A member who may not buy asks those who may; the link opens the prefilled order."""

import unicodedata
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction

from palier.apps.accounts.models import BUYERS, Account, Member
from palier.apps.catalogue import current
from palier.apps.events.actions import record
from palier.apps.notices import letters
from palier.apps.notices.actions import post
from palier.apps.orders.models import PurchaseRequest
from palier.flows.quote import Choice, check_choice
from palier.kit.refusals import Refusal

PAUSE: Final = timedelta(hours=1)


class AlreadyAsked(Refusal):
    code = "request.already_sent"
    en = "Your request was sent less than an hour ago. Nothing more was sent; you can ask again later."
    fr = (
        "Votre demande est partie il y a moins d’une heure. Rien de plus n’a été envoyé\u202f; vous pourrez redemander "
        "plus tard."
    )


class NoteTooLong(Refusal):
    code = "request.note_too_long"
    en = "The note is longer than 500 characters. Please shorten it; nothing was sent."
    fr = "Le message dépasse 500 caractères. Raccourcissez-le\u202f; rien n’a été envoyé."
    field = "note"


def buyers(account: Account) -> list[Member]:
    """Those who may buy for the account, the owner first."""
    members = account.members.filter(role__in=BUYERS, deactivated_at=None).select_related("user")
    return sorted(members, key=lambda member: (member.role != "owner", member.user.name))


def buyer(member: Member, choice: Choice, note: str, *, now: datetime) -> PurchaseRequest:
    """Send the request to every buyer, in their own language."""
    # Letters and marks of any script, spaces of any width; what controls a terminal or turns the text around goes.
    note = "".join(letter for letter in note.strip() if unicodedata.category(letter)[0] != "C")
    if len(note) > 500:
        raise NoteTooLong
    check_choice(member.account, choice)
    with transaction.atomic():
        account = Account.objects.locked(member.account_id)
        if account.purchase_requests.filter(member=member, asked_at__gt=now - PAUSE).exists():
            raise AlreadyAsked
        request = PurchaseRequest.objects.create(
            account=account,
            member=member,
            plan=choice.plan,
            interval=choice.interval,
            seats=choice.seats,
            note=note,
            asked_at=now,
        )
        record(account.id, "purchase.requested", now=now, request=request.public_id, member=member.public_id)
        for recipient in buyers(account):
            _tell(request, recipient, now=now)
    return request


def _tell(request: PurchaseRequest, recipient: Member, *, now: datetime) -> None:
    order = urlencode({"plan": request.plan, "interval": request.interval, "seats": request.seats})
    language = recipient.user.language
    letter = letters.purchase_request(
        language,
        asker=request.member.user.name,
        plan=current().plan(request.plan).name(language),
        seats=request.seats,
        note=request.note,
        url=f"{settings.BASE_URL}/settings/billing/plans/?{order}",
    )
    post(
        request.account_id,
        letter,
        to=recipient.user.email,
        key=f"purchase_request:{request.public_id}:{recipient.public_id}",
        now=now,
    )
