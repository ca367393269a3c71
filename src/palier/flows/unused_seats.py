"""Seats that nobody uses: from the renewal on no more than the people and the invitations."""

from datetime import datetime

from django.db import transaction

from palier.apps.accounts.models import Account, Member
from palier.apps.subscriptions import seats as seat_counts
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import seats
from palier.flows.facts import facts_of
from palier.flows.people import buyers
from palier.kit.refusals import Refusal


class NoneUnused(Refusal):
    code = "seats.none_unused"
    en = "Every seat that renews is used or held by an invitation. Nothing was changed."
    fr = "Chaque place qui se renouvelle est utilisée ou tenue par une invitation. Rien n’a changé."


def reduce(account: Account, by: Member, *, now: datetime) -> list[ScheduledChange]:
    """Give up every free seat at the renewal: 0.00 now, withdrawable until then; the monthly ones first."""
    buyers.require(by, account.id)
    with transaction.atomic():
        account = Account.objects.locked(account.id)
        counted = seat_counts.of_account(account, now=now)
        if counted is None or not counted.free:
            raise NoneUnused
        facts, left, made = facts_of(account, now=now), counted.free, []
        for held in facts.renewing or facts.held:
            if given := min(left, held.seats_unless_canceled):
                left -= given
                made += seats.reduce(account, by, held.seats_unless_canceled - given, interval=held.interval, now=now)
    return made
