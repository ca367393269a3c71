"""Two who meet on an account: both orders one after the other, then each of them held at a point while the other goes.

Whoever is told that a payment is under way waits for its answer and comes again, as the page says. In the end the books
are those of one of the two orders, the gateway's own book included: never a mixture of both.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from palier.apps.accounts.models import Account
from palier.apps.notices.models import Mail
from palier.apps.orders.models import SeatRequest
from palier.apps.payments.models import Collection, Payment, PaymentMethod
from palier.flows.dun import InvoiceBeingPaid
from palier.flows.order_refusals import PaymentInProgress
from palier.kit.refusals import Refusal
from tests.books import assert_balanced
from tests.faults.pauses import (
    AFTER_ITS_CHARGE,
    AFTER_ITS_LOCK,
    BEFORE_ITS_CHARGE,
    BEFORE_ITS_COMMIT,
    BEFORE_ITS_LOCK,
    Action,
    Met,
    Point,
    Trouble,
    met,
)
from tests.flows.test_races_of_a_life import JULY, Stage
from tests.report.happened import happened
from tests.report.size import SIZE, Size
from tests.sandbox_process import SandboxProcess

COME_AGAIN: Final = (PaymentInProgress, InvoiceBeingPaid)
SOON: Final = JULY + timedelta(hours=1)
END: Final = JULY + timedelta(hours=3)
"""The renewals come at midnight of 1 July; what people do afterwards, and until when the clock goes on."""

PAYS: Final = (
    BEFORE_ITS_LOCK,
    AFTER_ITS_LOCK,
    BEFORE_ITS_COMMIT,
    BEFORE_ITS_CHARGE,
    AFTER_ITS_CHARGE,
    Point("after lock accounts_account", 2),
)
"""Where somebody is held who takes the account's lock and commits, is charged, and settles under the lock again."""

ALONE: Final = (BEFORE_ITS_LOCK, AFTER_ITS_LOCK, BEFORE_ITS_COMMIT)
"""Of who has one transaction."""

Meeting = Callable[[Stage], tuple[Action, Action]]


def with_the_worker(stage: Stage, command: Action) -> Action:
    """A command, and at once what the worker does about the account's payments."""

    def both() -> object:
        answer = command()
        stage.collect()
        return answer

    return both


def assert_one_of_two_orders(
    meeting: Meeting, sandbox: SandboxProcess, first_at: Sequence[Point], second_at: Sequence[Point]
) -> None:
    """Each of the two is held at each of its points while the other goes by; nothing but the two orders comes of it."""
    orders = [in_order(meeting, sandbox, swapped=swapped) for swapped in (False, True)]
    for swapped, point in chosen(first_at, second_at):
        end = forced(meeting, sandbox, point, swapped=swapped)
        assert end in orders, f"held at {point}, swapped: {swapped}\n{end}\nis neither of\n{orders[0]}\n{orders[1]}"
    assert_balanced(sandbox)


def chosen(first_at: Sequence[Point], second_at: Sequence[Point]) -> list[tuple[bool, Point]]:
    """Who is held where, and whether that is the second. At the size ``pr``: the first after its charge, or at its last
    point, and the second before its lock, when what it has read becomes stale."""
    if SIZE is Size.PR:
        first_at = [AFTER_ITS_CHARGE if AFTER_ITS_CHARGE in first_at else first_at[-1]]
        second_at = [BEFORE_ITS_LOCK if BEFORE_ITS_LOCK in second_at else second_at[0]]
    return [(swapped, point) for swapped, points in ((False, first_at), (True, second_at)) for point in points]


def in_order(meeting: Meeting, sandbox: SandboxProcess, *, swapped: bool) -> dict[str, object]:
    """How a fresh account stands after one has come after the other."""
    stage = Stage(sandbox)
    for action in meeting(stage)[:: -1 if swapped else 1]:
        _answer_of(action)
    return end_of(stage)


def forced(meeting: Meeting, sandbox: SandboxProcess, point: Point, *, swapped: bool) -> dict[str, object]:
    """How a fresh account stands after one was held at a point and the other went by, or waited for it."""
    stage = Stage(sandbox)
    one, other = meeting(stage)[:: -1 if swapped else 1]
    how = met(one, other, point)
    assert_forced(how, point)
    happened("forced_orders", meeting=meeting.__name__, held=str(point), waited=str(how.waited))
    for action, answer in ((one, how.first), (other, how.second)):
        if isinstance(answer, COME_AGAIN):
            _answer_of(action)
    return end_of(stage)


def assert_forced(how: Met, point: Point) -> None:
    """The first was really held, and nobody met a deadlock or was left without an answer."""
    assert how.held, f"never came to {point}"
    assert not isinstance(how.first, Trouble), repr(how.first)
    assert not isinstance(how.second, Trouble), repr(how.second)


def _answer_of(action: Action) -> object:
    try:
        return action()
    except Refusal as refusal:
        return refusal


def end_of(stage: Stage, until: datetime = END) -> dict[str, object]:
    """All that the two orders may differ in, once the clock and the worker have nothing left to do."""
    stage.settle(until)
    account = stage.account
    return stage.seen() | {
        "pursuits": sorted(Collection.objects.filter(account=account).values_list("state", "failures", "last_reason")),
        "asked": sorted(SeatRequest.objects.filter(account=account).values_list("state", flat=True)),
        "on file": list(PaymentMethod.objects.filter(account=account, is_default=True).values_list("last4", flat=True)),
        "letters": sorted(Mail.objects.filter(account_id=account.id).values_list("kind", flat=True)),
        "closed": account.closed_at is not None,
        **_moved(account, stage.sandbox),
    }


def _moved(account: Account, sandbox: SandboxProcess) -> dict[str, Any]:
    """What the gateway's own book says was taken from the account's cards and given back: sums in minor units."""
    cards = set(PaymentMethod.objects.filter(account=account).values_list("token", flat=True))
    ours = {payment.public_id for payment in Payment.objects.filter(account=account)}
    book = sandbox.book_of(cards, ours)
    taken = [row for row in book["charges"] if row["token"] in cards and row["state"] == "succeeded"]
    assert {row["reference"] for row in taken} <= ours, "taken under a key that is not ours"
    return {
        "taken": sorted(row["amount_minor"] for row in taken),
        "given back": sorted(row["amount_minor"] for row in book["refunds"] if row["reference"] in ours),
    }
