"""Seats taken through the day and billed as one invoice, where the catalogue says so.

The seats count at once; the money is collected when the local day ends, or as soon as the sum passes the seller's
threshold. What is given back the same day cancels out: the basket bills the difference to what was paid, as of the
day it was opened.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.agenda import actions as agenda
from palier.apps.catalogue import Catalogue
from palier.apps.events.actions import record
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import SeatBasket
from palier.engine.drafts import Draft
from palier.engine.periods import day_starts_at, local_date
from palier.flows import attempts, basket_bills, quote, subscribe
from palier.flows.basket_bills import BASKET
from palier.flows.change import Choice, check_choice, compute
from palier.flows.facts import Facts, Held, facts_of
from palier.flows.order_refusals import PaymentInProgress
from palier.flows.people import buyers
from palier.flows.quote_refusals import NothingChanges
from palier.flows.schedule import check_seats_held
from palier.flows.seats import choice_of_seats
from palier.kit.refusals import Refusal


class PaidFirst(Refusal):
    code = "seats.paid_first"
    en = "More users are paid first here. Nothing was changed; proceed to pay on the Users page."
    fr = (
        "Ici, les utilisateurs supplémentaires se paient d’abord. Rien n’a changé\u202f; procédez au paiement sur la "
        "page Utilisateurs."
    )
    field = "seats"


class BelowPaidSeats(Refusal):
    code = "seats.below_paid"
    en = "{paid} users are paid for until the renewal; fewer begin there. Nothing was changed; schedule the reduction."
    fr = (
        "{paid} utilisateurs sont payés jusqu’au renouvellement\u202f; une réduction commence là. Rien n’a "
        "changé\u202f; programmez-la."
    )
    field = "seats"


def collects(catalogue: Catalogue) -> bool:
    """Whether the seller lets seats be taken first and billed once for the day."""
    return catalogue.seats.charge != "at_once"


def take(account: Account, member: Member, seats: int, *, interval: str, now: datetime) -> SeatBasket | None:
    """Have ``seats`` on an interval at once, more than before or back towards what was paid; None when nothing is left
    to bill."""
    buyers.require(member, account.id)
    basket_bills.overdue(account, now=now)
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        facts = facts_of(account, now=now)
        if not collects(facts.catalogue):
            raise PaidFirst
        if attempts.under_way(account):
            raise PaymentInProgress
        choice = choice_of_seats(facts, seats, interval)
        check_choice(account, choice)
        held = facts.on(interval)
        assert held is not None  # noqa: S101 - choice_of_seats found it
        for then in (choice.seats_in_all, _at_renewal(facts, held, seats)):
            check_seats_held(account, then, now=now)
        draft = checked(facts, held, choice, seats, now=now)
        basket = _put(held, seats, closes_at=_end_of_day(facts, now), now=now)
        at_renewal = seats
        if seats > held.seats:
            others = {each.subscription.id: each.seats for each in facts.held if each is not held}
            subscribe.take_back(facts, choice, others, member=member, now=now)
        else:  # what was scheduled since they were taken stays
            at_renewal = 0 if held.cancels else replace(held, seats=seats).seats_unless_canceled
        subscriptions.set_seats(held.subscription, seats)
        subscriptions.note_seats(held.subscription, seats, at_renewal, "basket", member=member, now=now)
        record(
            account.id,
            "seats.taken",
            by=member.author,
            now=now,
            before=held.told(),
            after=held.told(seats=seats),
        )
        if basket is not None and _passes(facts.catalogue, draft):
            basket_bills.close(basket, by=member.author, now=now)
            return None
    return basket


def _at_renewal(facts: Facts, held: Held, seats: int) -> int:
    """The seats that renew once ``held`` has so many."""
    rest = (each.seats_unless_canceled for each in facts.renewing if each is not held)
    return sum(rest, 0 if held.cancels else seats)


def checked(facts: Facts, held: Held, choice: Choice, seats: int, *, now: datetime) -> Draft | None:
    """What the seats taken will cost when the day is billed, as a draft of now; None where that is nothing. Raises
    refusals."""
    paid = held.current.state.seats
    if seats < paid:
        raise BelowPaidSeats(paid=paid)
    if seats == held.seats:
        raise NothingChanges
    if seats == paid:
        return None
    if seats < held.seats:  # back towards what was paid: no step down, nothing of it is billed yet
        return compute(facts, choice, now=now)
    return quote.draft_for(facts, choice, now=now)


def _put(held: Held, seats: int, *, closes_at: datetime, now: datetime) -> SeatBasket | None:
    """The open basket, a new one, or none when the day's changes have canceled out."""
    paid = held.current.state.seats
    basket = SeatBasket.objects.filter(subscription=held.subscription, closed_at=None).first()
    if seats == paid:
        if basket is not None:
            SeatBasket.objects.filter(pk=basket.pk).update(closed_at=now)
            agenda.drop([BASKET], basket.id)
        return None
    if basket is None:
        basket = SeatBasket.objects.create(
            subscription=held.subscription, paid_seats=paid, opened_at=now, closes_at=closes_at
        )
        agenda.put(BASKET, basket.id, held.subscription.account_id, closes_at)
    return basket


def _passes(catalogue: Catalogue, draft: Draft | None) -> bool:
    if draft is None or catalogue.seats.charge != "threshold":
        return False
    return draft.net_minor > catalogue.seats.threshold_minor[draft.currency]


def _end_of_day(facts: Facts, now: datetime) -> datetime:
    zone = facts.catalogue.policy.zone
    return day_starts_at(local_date(now, zone) + timedelta(days=1), zone)
