"""A member who may not buy asks those who may; the link opens the prefilled order."""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.catalogue import current
from palier.apps.events.actions import record
from palier.apps.notices import letters
from palier.apps.notices.actions import post
from palier.apps.orders.models import PurchaseRequest
from palier.flows.change import Choice, check_choice
from palier.flows.people import buyers
from palier.kit import card_numbers
from palier.kit.refusals import Refusal
from palier.kit.typed import visible

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


def buyer(member: Member, choice: Choice, note: str, *, now: datetime) -> PurchaseRequest:
    """Send the request to every buyer, in their own language."""
    note = card_numbers.hidden(visible(note.strip()))
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
            other_seats=choice.other_seats,
            note=note,
            asked_at=now,
        )
        record(account.id, "purchase.requested", by=member.author, now=now, request=request.public_id)
        for recipient in buyers.of(account):
            _tell(request, recipient, now=now)
    return request


def _tell(request: PurchaseRequest, recipient: Member, *, now: datetime) -> None:
    order = urlencode(
        {
            "plan": request.plan,
            "interval": request.interval,
            "seats": request.seats,
            "other_seats": request.other_seats,
        }
    )
    language = recipient.user.language
    letter = letters.purchase_request(
        language,
        asker=request.member.user.name,
        plan=current().plan(request.plan).name(language),
        seats=request.seats + request.other_seats,
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
