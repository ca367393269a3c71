"""Somebody tries out stolen cards: the bank sees as many as the limits let, and honest customers pay meanwhile."""

import dataclasses
from collections import Counter

import pytest
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Member
from palier.apps.orders.models import Quote
from palier.apps.payments.models import Payment
from palier.flows import attempts, order, quote
from palier.flows.people import signup
from tests import world
from tests.report.happened import happened
from tests.report.size import SIZE, Size, sized
from tests.sandbox_process import SandboxProcess
from tests.world import NOON

pytestmark = [pytest.mark.django_db(transaction=True), *([pytest.mark.timeout(0)] if SIZE is not Size.PR else [])]

TRIES = sized(110, 10_000, 10_000)
ADDRESSES = [f"81.2.{69 + turn // 200}.{1 + turn % 200}" for turn in range(sized(2, 40, 40))]
BETWEEN_ACCOUNTS = 7
"""Tries, after which the thief opens another account."""

HONEST = "194.2.0.1"


def newcomer(name: str) -> Member:
    person = world.person(f"{name}@cards.example", "T")
    return signup.open_account(person, company="Cards", country="FR", language="en", now=NOON)


def stolen(turn: int) -> str:
    """The expiry of the next card: another card each time."""
    return f"{1 + turn % 12:02}/{34 + turn // 12 % 40}"


def tried(sandbox: SandboxProcess, kept: Quote, address: str, number: str, expiry: str = "") -> str:
    """The state of the payment; ``refused`` when the bank was not asked."""
    world.type_card(sandbox, kept, number, expiry=expiry)
    here = dataclasses.replace(world.evidence(), address=address)
    try:
        accepted = order.place(kept, member=kept.member, card="new", evidence=here, now=NOON)
    except (attempts.TooManyFailures, attempts.TooManyFailuresHere, attempts.TooManyFailuresEverywhere):
        return "refused"
    return str(world.collected(accepted).state)


def test_a_thief_with_many_accounts_and_addresses_asks_the_bank_no_more_than_the_limits_let(
    sandbox: SandboxProcess, settings: Settings
) -> None:
    settings.PALIER_DECLINES_PER_HOUR = 0  # the limit of an address is what is looked at
    world.publish()
    seen: Counter[str] = Counter()
    for turn in range(TRIES):
        if turn % BETWEEN_ACCOUNTS == 0:
            kept = world.quoted(newcomer(f"thief{turn}"))
        address = ADDRESSES[turn % len(ADDRESSES)]
        seen[address] += tried(sandbox, kept, address, world.DECLINED, stolen(turn)) == "failed"
        if turn % (TRIES // 5) == 0:
            bought = tried(sandbox, world.quoted(newcomer(f"honest{turn}")), HONEST, world.GOOD)
            assert bought == "succeeded", "an honest customer is never kept waiting"
    happened("card_tests", TRIES)

    assert set(seen.values()) == {attempts.ADDRESS_FAILURES}
    asked = Payment.objects.filter(state="failed")
    assert asked.count() == len(ADDRESSES) * attempts.ADDRESS_FAILURES
    references = tuple(payment.public_id for payment in asked)
    assert len(sandbox.book_of((), references)["charges"]) == len(references), "the bank's own book says the same"
    assert max(Counter(asked.values_list("account_id", flat=True)).values()) <= attempts.FAILURES


def test_a_thief_with_an_address_for_each_card_meets_the_limit_of_all_and_known_customers_pay_on(
    sandbox: SandboxProcess, settings: Settings
) -> None:
    settings.PALIER_DECLINES_PER_HOUR = 12
    world.publish()
    known = newcomer("known")
    assert tried(sandbox, world.quoted(known), HONEST, world.GOOD) == "succeeded"
    seen: Counter[str] = Counter()
    for turn in range(20):
        kept = world.quoted(newcomer(f"thief{turn}"))
        seen[tried(sandbox, kept, f"81.2.69.{turn + 1}", world.DECLINED, stolen(turn))] += 1
    assert seen == {"failed": 12, "refused": 8}
    assert Payment.objects.filter(state="failed").count() == 12, "the bank was not asked again"

    more = world.quoted(known, "business", "month", 5)
    assert tried(sandbox, more, HONEST, world.GOOD) == "succeeded", "who has paid before goes on"
    new = world.quoted(newcomer("new"))
    assert tried(sandbox, new, "194.2.0.2", world.GOOD) == "refused"
    later = NOON + attempts.EVERYWHERE_WITHIN
    world.type_card(sandbox, new)
    again = quote.renew(new, now=later)
    world.type_card(sandbox, again)
    accepted = order.place(again, member=new.member, card="new", evidence=world.evidence(), now=later)
    assert world.collected(accepted, now=later).state == "succeeded"
