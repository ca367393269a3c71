"""The invoice for the seats that were taken through a day."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts.models import Account
from palier.apps.agenda import actions as agenda
from palier.apps.agenda.models import Due
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK, Author
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import SeatBasket
from palier.engine.drafts import Draft, seat_increase
from palier.flows import attempts, billing
from palier.flows.facts import Facts, Held, facts_of

BASKET = "basket"


def due(row: Due, *, now: datetime) -> None:
    """The day is over: bill the basket."""
    with transaction.atomic():
        account = Account.objects.locked(row.account_id)
        if attempts.under_way(account):
            return  # its quote bills these seats; the row stays for the next turn
        basket = SeatBasket.objects.filter(pk=row.subject, closed_at=None).select_related("subscription").first()
        if basket is None:
            row.delete()
        else:
            close(basket, by=CLOCK, now=now)


def close(basket: SeatBasket, *, by: Author, now: datetime) -> None:
    """Issue the day's invoice and write its payment ahead, under the account's lock."""
    facts = facts_of(basket.subscription.account, now=now)
    held = next(each for each in facts.held if each.subscription.id == basket.subscription_id)
    draft = bill_of(facts, held, basket.opened_at)
    SeatBasket.objects.filter(pk=basket.pk).update(closed_at=now)
    subscriptions.set_seats(held.subscription, held.seats)  # quotes of before would bill the same seats again
    agenda.drop([BASKET], basket.id)
    invoice = billing.issue(facts, held.subscription, draft, by=by, now=now)
    record(facts.account.id, "seats.billed", by=by, now=now, basket=basket.public_id, invoice=invoice.public_id)


def bill_of(facts: Facts, held: Held, opened_at: datetime) -> Draft:
    """What a basket that was opened at an instant bills."""
    return seat_increase(held.current, seats=held.seats, tax=facts.tax, policy=facts.catalogue.policy, now=opened_at)


def overdue(account: Account, *, now: datetime) -> None:
    """Bill what the clock has not come to yet: what is bought today would otherwise be charged as of that day, or those
    seats as of today."""
    late = SeatBasket.objects.filter(subscription__account=account, closed_at=None, closes_at__lte=now)
    for row in Due.objects.filter(kind=BASKET, subject__in=late.values("id")):
        due(row, now=now)
