"""How many statements each step of a purchase asks of the database: a fixed number, whatever there is of anything."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Account
from palier.apps.catalogue import current
from palier.apps.catalogue.versions import remembered
from palier.apps.gateways.contract import Succeeded
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.flows import order, quote, settle
from palier.flows.change import Choice
from palier.flows.people import signup
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast


def statements(step: Callable[[], object]) -> int:
    """What one step asks as in a web request; an inner transaction counts as two here."""
    current()  # its content is read once in a process
    with CaptureQueriesContext(connection) as heard, remembered():
        step()
    return len(heard)


def preview(account: Account, choice: Choice) -> int:
    account = Account.objects.get(pk=account.pk)
    return statements(lambda: quote.preview(account, choice, now=NOON))


def place(kept: Quote) -> int:
    return statements(lambda: order.place(kept, member=kept.member, card="new", evidence=world.evidence(), now=NOON))


def settled(kept: Quote) -> int:
    paid = Payment.objects.get(order__quote=kept)
    answer = Succeeded(f"ch_{paid.id}", paid.public_id, paid.amount_minor, paid.currency, paid.method.token)
    return statements(lambda: settle.payment(paid.id, answer, now=NOON))


def crowd(cast: Cast, people: int) -> None:
    for number in range(people):
        signup.join(cast.account, world.person(f"n{number}@lumiere.example", "N"), "member", now=NOON)


def test_a_preview_asks_as_much_for_all_seats_and_a_crowd_of_members(cast: Cast) -> None:
    assert preview(cast.account, Choice("team", "month", 5)) == 2
    crowd(cast, 20)
    assert preview(cast.account, Choice("business", "year", 250)) == 2


def test_a_preview_of_a_change_asks_as_much_after_many_invoices(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "team", "month", 5)
    assert preview(cast.account, Choice("business", "month", 9)) == 2
    for seats in (6, 7, 8):
        world.bought(sandbox, cast.owner, "team", "month", seats)
    assert preview(cast.account, Choice("business", "month", 9)) == 2


@pytest.mark.parametrize("people", [0, 20])
@pytest.mark.parametrize("seats", [30, 250])
def test_placing_and_settling_ask_a_fixed_number(cast: Cast, sandbox: SandboxProcess, people: int, seats: int) -> None:
    crowd(cast, people)
    kept = world.quoted(cast.owner, "team", "month", seats)
    world.type_card(sandbox, kept)
    assert place(kept) == 19
    assert settled(kept) == 17


def test_settling_a_change_asks_as_much_for_one_credit_as_for_four(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, "team", "month", 5)
    counts = []
    for plan, seats, lines in (("team", 6, 1), ("team", 7, 1), ("team", 8, 1), ("business", 8, 5)):
        kept = world.quoted(cast.owner, plan, "month", seats)
        world.placed(sandbox, kept)
        counts.append(settled(kept))
        assert Order.objects.get(quote=kept).invoice.lines.count() == lines  # type: ignore[union-attr]
    assert len(set(counts)) == 1
    assert counts[0] <= 21
