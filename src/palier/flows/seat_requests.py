"""A member who meets the limit asks for a seat; who may buy sees the exact price and approves with one press."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from palier.apps.accounts.models import LONGEST_EMAIL, Account, Member
from palier.apps.events.actions import record
from palier.apps.notices import letters_people
from palier.apps.notices.actions import post
from palier.apps.orders.actions import Evidence
from palier.apps.orders.models import Order, Quote, SeatRequest
from palier.apps.subscriptions import seats as seat_counts
from palier.flows import more_seats, order, quote, seat_answers
from palier.flows.ask import PAUSE, AlreadyAsked, NoteTooLong
from palier.flows.facts import facts_of
from palier.flows.people import buyers
from palier.kit import card_numbers
from palier.kit.refusals import Refusal
from palier.kit.typed import visible

LONGEST_NOTE: Final = 500


class WishTooLong(Refusal):
    code = "seat_request.wish_too_long"
    en = "The name or address is longer than {most} characters. Nothing was sent; shorten it and send again."
    fr = "Le nom ou l’adresse dépasse {most} caractères. Rien n’a été envoyé\u202f; raccourcissez et renvoyez."
    field = "wished"


class BuyersDoNotAsk(Refusal):
    code = "seat_request.buyer"
    en = "You can add users yourself, so there is nobody to ask. Nothing was sent; buy a seat on this page."
    fr = (
        "Vous pouvez ajouter des utilisateurs vous-même\u202f: il n’y a personne à qui demander. Rien n’a été "
        "envoyé\u202f; achetez une place sur cette page."
    )


class NoSeatsCounted(Refusal):
    code = "seat_request.no_seats_counted"
    en = "Your account counts no seats at the moment, so none is missing. Nothing was sent; people can be invited."
    fr = (
        "Votre compte ne compte pas de places pour le moment\u202f: il n’en manque aucune. Rien n’a été envoyé\u202f; "
        "vous pouvez faire inviter des personnes."
    )


class AlreadyWaits(Refusal):
    code = "seat_request.already_waits"
    en = "Your request of before still waits for an answer. Nothing more was sent; you will get a mail."
    fr = "Votre demande précédente attend une réponse. Rien de plus n’a été envoyé\u202f; un e-mail vous l’apportera."


class RequestAnswered(Refusal):
    code = "seat_request.answered"
    en = "This request was answered already. Nothing was changed or taken; the members page shows how things stand."
    fr = (
        "Cette demande a déjà reçu une réponse. Rien n’a changé et rien n’a été prélevé\u202f; la page Membres montre "
        "où en sont les choses."
    )


class NoSeatToGive(Refusal):
    code = "seat_request.no_free_seat"
    en = "There is no free seat any more. Nothing was changed or taken; here is what one more costs."
    fr = (
        "Il n’y a plus de place libre. Rien n’a changé et rien n’a été prélevé\u202f; voici ce qu’en coûte une de plus."
    )


class SeatNotMissing(Refusal):
    code = "seat_request.not_missing"
    en = (
        "A seat that is paid for stands empty, so none has to be bought. Nothing was changed or taken; give the free "
        "seat, or first withdraw the change that gives it up at the renewal."
    )
    fr = (
        "Une place déjà payée est inoccupée\u202f: il n’y a rien à acheter. Rien n’a changé et rien n’a été "
        "prélevé\u202f; attribuez la place libre, ou annulez d’abord le changement qui y met fin au renouvellement."
    )


def ask(member: Member, *, wished: str = "", note: str = "", now: datetime) -> SeatRequest:
    """Send the request to everybody who may buy, in their own language."""
    wished, note = _visible(wished), _visible(note)
    if len(wished) > LONGEST_EMAIL:
        raise WishTooLong(most=LONGEST_EMAIL)
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
    if member.may_buy:
        raise BuyersDoNotAsk
    with transaction.atomic():
        account = Account.objects.locked(member.account_id)
        if seat_counts.of_account(account, now=now) is None:
            raise NoSeatsCounted
        last = account.seat_requests.filter(member=member).order_by("-id").first()
        if last is not None and last.state == "waiting":
            raise AlreadyWaits
        if last is not None and last.asked_at > now - PAUSE:
            raise AlreadyAsked
        asked = SeatRequest.objects.create(account=account, member=member, wished=wished, note=note, asked_at=now)
        record(account.id, "seat.requested", by=member.author, now=now, request=asked.public_id)
        for recipient in buyers.of(account):
            _tell(asked, recipient, now=now)
    return asked


def promise(asked: SeatRequest, by: Member, *, now: datetime) -> Quote:
    """The price of the seat that is asked for, kept as every price is: the one kept before while it holds."""
    buyers.require(by, asked.account_id)
    if asked.quote is not None and order.standing(asked.quote, now=now) is None:
        return asked.quote
    _check_missing(asked, now=now)
    with transaction.atomic():
        kept = quote.make(by.account, by, more_seats.choice_for(facts_of(by.account, now=now), 1), now=now)
        SeatRequest.objects.filter(pk=asked.pk).update(quote=kept)
    asked.quote = kept
    return kept


def approve(asked: SeatRequest, by: Member, *, evidence: Evidence | None, now: datetime) -> Order:
    """Pay the promised price with the card on file. The seat is there, and who asked is told, once that is settled."""
    buyers.require(by, asked.account_id)
    if asked.state != "waiting" or asked.quote is None:
        raise RequestAnswered
    if not Order.objects.filter(quote=asked.quote).exists():  # pressed again, it is the same order
        _check_missing(asked, now=now)
    return order.place(asked.quote, member=by, card="saved", evidence=evidence, now=now)


def give(asked: SeatRequest, by: Member, *, now: datetime) -> None:
    """A seat has become free meanwhile: it goes to somebody else at no charge."""
    buyers.require(by, asked.account_id)
    with transaction.atomic():
        account = Account.objects.locked(asked.account_id)
        counted = seat_counts.of_account(account, now=now)
        if counted is not None and not counted.free:
            raise NoSeatToGive if counted.missing_for(1) else SeatNotMissing
        if not seat_answers.approve(asked, by, author=by.author, now=now):
            raise RequestAnswered


def decline(asked: SeatRequest, by: Member, word: str = "", *, now: datetime) -> None:
    """Say no, with a word for who asked."""
    buyers.require(by, asked.account_id)
    word = _visible(word)
    if len(word) > LONGEST_NOTE:
        raise NoteTooLong
    with transaction.atomic():
        account = Account.objects.locked(asked.account_id)
        if account.orders.filter(quote__seat_request=asked, state="open").exists():
            raise RequestAnswered
        if not seat_answers.decline(asked, by, word, now=now):
            raise RequestAnswered


def _check_missing(asked: SeatRequest, *, now: datetime) -> None:
    counted = seat_counts.of_account(asked.account, now=now)
    if counted is not None and not counted.missing_for(1):
        raise SeatNotMissing


def _visible(typed: str) -> str:
    """What can be read of it, the number of a card hidden."""
    return card_numbers.hidden(visible(typed.strip()))


def _tell(asked: SeatRequest, recipient: Member, *, now: datetime) -> None:
    letter = letters_people.seat_request(
        recipient.user.language,
        asker=asked.member.user.name,
        company=asked.account.name,
        wished=asked.wished,
        note=asked.note,
        url=f"{settings.BASE_URL}/settings/members/requests/{asked.public_id}/",
    )
    key = f"seat_request:{asked.public_id}:{recipient.public_id}"
    post(asked.account_id, letter, to=recipient.user.email, key=key, now=now)
