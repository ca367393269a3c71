"""People for whom there is no free seat: how many to buy, at which price, and the promise that the checkout opens."""

from dataclasses import dataclass
from datetime import datetime

from palier.apps.accounts.models import Account, Member
from palier.apps.orders.models import Quote
from palier.apps.subscriptions.seats import Seats
from palier.engine.drafts import Draft
from palier.flows import quote
from palier.flows.change import Choice, check_choice
from palier.flows.facts import Facts, facts_of
from palier.flows.schedule_refusals import NothingToCancel
from palier.flows.seats import choice_of_seats
from palier.kit.refusals import Refusal


class SeatsNotMissing(Refusal):
    code = "seats.not_missing"
    en = "The number of missing seats must be a whole number above 0. Nothing was changed or taken; begin again."
    fr = (
        "Le nombre de places manquantes doit être un entier supérieur à 0. Rien n’a changé et rien n’a été "
        "prélevé\u202f; recommencez."
    )
    field = "seats"


@dataclass(frozen=True, slots=True)
class Offer:
    """``missing`` seats more, and their draft; ``refusal`` says why they cannot be bought now.

    ``missing`` is 0 where enough seats are paid for, but are given up at the renewal: that can be taken back.
    """

    missing: int
    draft: Draft | None
    refusal: Refusal | None = None


def offer(account: Account, counted: Seats, people: int, *, now: datetime) -> Offer:
    """What it takes to seat so many people more. Writes nothing."""
    missing = counted.missing_for(people)
    if not missing:
        return Offer(0, None)
    facts = facts_of(account, now=now)
    try:
        choice = choice_for(facts, missing)
        check_choice(account, choice)
        return Offer(missing, quote.draft_for(facts, choice, now=now))
    except Refusal as refusal:
        return Offer(missing, None, refusal)


def choice_for(facts: Facts, missing: int) -> Choice:
    """The seats held and those missing; of two subscriptions the monthly one takes them, unless it alone ends."""
    if missing < 1:
        raise SeatsNotMissing
    held = facts.leading
    if held is None:
        raise NothingToCancel
    return choice_of_seats(facts, held.seats + missing, held.interval)


def prepare(account: Account, member: Member, missing: int, *, now: datetime) -> Quote:
    """Keep the price of the missing seats as a promise."""
    return quote.make(account, member, choice_for(facts_of(account, now=now), missing), now=now)
