"""Fewer seats at the renewal, more seats by the seller's policy; the journal keeps both numbers."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.subscriptions.models import ScheduledChange
from palier.engine.periods import Interval
from palier.flows import schedule
from palier.flows.change import Choice
from palier.flows.facts import Facts, facts_of
from palier.flows.schedule_refusals import NothingToCancel


def reduce(account: Account, member: Member, seats: int, *, interval: str, now: datetime) -> list[ScheduledChange]:
    """Have ``seats`` on an interval from its renewal on: 0.00 now, withdrawable until then."""
    with transaction.atomic():
        account = Account.objects.locked(account.id)  # a plan or seats bought meanwhile belong to the choice
        choice = choice_of_seats(facts_of(account, now=now), seats, interval)
        return schedule.change(account, member, choice, now=now)


def choice_of_seats(facts: Facts, seats: int, interval: str) -> Choice:
    """The choice that changes the seats of one interval and nothing else."""
    held = facts.on(interval)
    if held is None:
        raise NothingToCancel
    other = facts.on(Interval.MONTH if interval == Interval.YEAR else Interval.YEAR)
    plan = held.current.state.plan.price.key
    if other is not None and seats == 0:  # a choice has seats on its main interval
        return Choice(plan, other.interval, other.seats)
    return Choice(plan, interval, seats, other.seats if other else 0)
