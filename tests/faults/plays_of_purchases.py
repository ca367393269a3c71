"""The ways to buy more than a first subscription, each until its process dies."""

from datetime import datetime, timedelta
from functools import partial

from palier.apps.accounts.models import Member, Role, User
from palier.flows import quote, seat_requests
from palier.flows.change import Choice
from palier.flows.people import signup
from palier.kit import clock
from tests import world
from tests.faults.plays import Play, curtain, second_tab
from tests.faults.promises_of_flows import Holds, assert_bought_once, assert_seat_approved_once
from tests.faults.scenes import an_owner
from tests.sandbox_process import SandboxProcess


def checkout(sandbox: SandboxProcess) -> Play:
    """The first purchase with a card just typed; a second tab has the same choice open, promised by another quote."""
    owner, at = an_owner(), clock.now()
    return first_purchase_of(sandbox, owner, 3, at)


def first_purchase_of(sandbox: SandboxProcess, owner: Member, seats: int, at: datetime) -> Play:
    """Some seats of Team by the month, by an account that has nothing yet."""
    here, there = (world.quoted(owner, "team", "month", seats, now=at) for _ in range(2))
    world.type_card(sandbox, here)
    return curtain(
        owner.account,
        at,
        story="buy",
        kept=partial(assert_bought_once, quotes=(here, there), holds={"month": {"team": seats}}),
        elsewhere=second_tab("buy", owner.account, at, quote=there.id, card="saved"),
        quote=here.id,
        card="new",
    )


def more_seats(sandbox: SandboxProcess) -> Play:
    """Two seats more for the days left."""
    return _change(sandbox, Choice("team", "month", 5), {"month": {"team": 5}})


def add_ons(sandbox: SandboxProcess) -> Play:
    """Two units of an add-on for the days left."""
    return _change(sandbox, Choice("team", "month", 3, add_ons=(("records", 2),)), {"month": {"team": 3, "records": 2}})


def interval_switch(sandbox: SandboxProcess) -> Play:
    """From the month to the year."""
    return _change(sandbox, Choice("team", "year", 3), {"year": {"team": 3}})


def beside(sandbox: SandboxProcess) -> Play:
    """Two of three seats move to the year, one stays by the month."""
    return _change(sandbox, Choice("team", "year", 2, 1), {"month": {"team": 1}, "year": {"team": 2}})


def seat_request(sandbox: SandboxProcess) -> Play:
    """A member has asked for a seat; the owner approves, and in a second tab the billing admin."""
    owner, at = subscriber(sandbox), clock.now()
    other = billing_admin(owner, at)
    asked = seat_requests.ask(member_of(owner, Role.MEMBER, at), wished="new@kills.example", now=at)
    promised = seat_requests.promise(asked, owner, now=at)
    return curtain(
        owner.account,
        at,
        story="approve_seat",
        kept=partial(assert_seat_approved_once, asked=asked, quotes=(promised,), holds={"month": {"team": 4}}),
        elsewhere=second_tab("approve_seat", owner.account, at, member=other.id, request=asked.id),
        member=owner.id,
        request=asked.id,
    )


def subscriber(sandbox: SandboxProcess) -> Member:
    """The owner of an account that is ten days into a month of three seats of Team."""
    owner = an_owner()
    world.bought(sandbox, owner, "team", "month", 3, now=clock.now() - timedelta(days=10))
    return owner


def billing_admin(owner: Member, at: datetime) -> Member:
    """A second person who may buy."""
    return member_of(owner, Role.BILLING_ADMIN, at)


def _change(sandbox: SandboxProcess, choice: Choice, holds: Holds) -> Play:
    """A choice paid with the card on file; a second tab has the same choice open, promised by a quote of its own."""
    return change_of(subscriber(sandbox), choice, holds, clock.now())


def change_of(owner: Member, choice: Choice, holds: Holds, at: datetime) -> Play:
    """The same of an account that is there."""
    account = world.fresh(owner.account)
    here, there = (quote.make(account, owner, choice, now=at) for _ in range(2))
    return curtain(
        account,
        at,
        story="buy",
        kept=partial(assert_bought_once, quotes=(here, there), holds=holds),
        elsewhere=second_tab("buy", account, at, quote=there.id, card="saved"),
        quote=here.id,
        card="saved",
    )


def member_of(owner: Member, role: Role, at: datetime) -> Member:
    """Somebody of the account, with that role."""
    person = User.objects.create(email=f"{role}.{owner.account.public_id}@kills.example", name=f"{role.label} Person")
    return signup.join(owner.account, person, role, now=at)
