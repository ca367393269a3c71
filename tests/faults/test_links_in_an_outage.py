"""The payment service is away for ten minutes of renewals: it is asked ever less often, and nothing is missed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Final

import pytest
from pytest_django.fixtures import Settings

from palier.apps.agenda.models import Due
from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.apps.payments.models import UNRESOLVED, Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import charge, renew
from palier.kit import clock
from tests import world
from tests.actors import stories
from tests.books import assert_balanced
from tests.faults.ambiguity import TICK
from tests.faults.crash import wrong_after
from tests.faults.proxy import Fault, How, Link, Place, link_to
from tests.faults.scenes import RECOVERIES, an_owner, first_purchase
from tests.report.happened import happened, measured
from tests.sandbox_process import SandboxProcess

RENEWALS: Final = 6
STEP: Final = timedelta(seconds=30)
OUTAGE: Final = timedelta(minutes=10)
QUESTIONS: Final = 7
"""Of one payment in ten minutes: at once, then from half a minute on at up to twice its age, the least patient after
60, 120, 210, 330 and 510 seconds; and one for a connection that was open and is found broken."""

NEWEST: Final = 10
"""Beside these the newest is asked about at every second step."""

SOON: Final = timedelta(seconds=60)
"""Of the gateway's return, so long after it all that was unknown is over."""


@pytest.fixture
def link(sandbox: SandboxProcess, settings: Settings) -> Iterator[Link]:
    """Our way to the payment service; a browser's is another."""
    with link_to("127.0.0.1", sandbox.port, "http") as between:
        settings.PALIER_SANDBOX_URL = f"http://127.0.0.1:{between.port}"
        yield between


@contextmanager
def busy(sandbox: SandboxProcess) -> Iterator[None]:
    """It answers 429 to every charge."""
    sandbox.fault("rate_limited", times=None)
    yield
    sandbox.clear_faults()


OUTAGES: Final[dict[str, Callable[[Link, SandboxProcess], AbstractContextManager[None]]]] = {
    "away": lambda link, _: link.away(),
    "busy": lambda _, sandbox: busy(sandbox),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_of_ten_minutes_delays_renewals_and_loses_none(
    outage: str, link: Link, sandbox: SandboxProcess
) -> None:
    begun = clock.now()
    payments = owed(sandbox, begun)
    link.passed.clear()
    with OUTAGES[outage](link, sandbox):
        now = begun
        while now <= begun + OUTAGE:
            a_turn(now)
            now += STEP
        tries = len(link.seen) if outage == "away" else charges_sent(link)
    assert {payment.state for payment in fresh(payments)} <= {"unknown", "sent"}, "every one was sent"
    assert RENEWALS <= tries <= RENEWALS * QUESTIONS + NEWEST, "asked too often for one who is away"
    assert not Invoice.objects.filter(state="paid", order=None).exists()
    if outage == "away":
        happened("link_faults", len(link.seen), place=Place.BEFORE, how=How.RESET, what="renewals")

    passed = timedelta()
    while passed < SOON:
        passed += TICK
        before = unresolved(payments)
        a_turn(begun + OUTAGE + passed)
        for _ in range(before - unresolved(payments)):
            measured("unknown_resolved", passed.total_seconds())
    assert [payment.state for payment in fresh(payments)] == ["succeeded"] * RENEWALS
    assert [sandbox.captured(payment.public_id) for payment in payments] == [1] * RENEWALS
    assert Invoice.objects.filter(state="paid", order=None).count() == RENEWALS
    assert_balanced(sandbox)


def owed(sandbox: SandboxProcess, now: datetime) -> list[Payment]:
    """Some bought a month ago; the next period is invoiced, and its payment waits in the queue."""
    for _ in range(RENEWALS):
        world.bought(sandbox, an_owner(), now=now - timedelta(days=40))
    held = list(Subscription.objects.values_list("id", flat=True))
    Due.objects.filter(kind="renewal", subject__in=held).update(due_at=now)
    assert renew.these(held, now=now) == RENEWALS
    return list(charge.queue())


def a_turn(now: datetime) -> None:
    """Both lanes send what is theirs, and the clock asks about what is not over."""
    for lane in (0, 1):
        for payment in charge.turn(lane):
            if not charge.one(payment, now=now):
                break
    world.looked_after(now=now)


def fresh(payments: list[Payment]) -> list[Payment]:
    """As they are now."""
    return list(Payment.objects.filter(pk__in=[payment.pk for payment in payments]).order_by("id"))


def unresolved(payments: list[Payment]) -> int:
    """How many of them are not over."""
    return Payment.objects.filter(pk__in=[payment.pk for payment in payments], state__in=UNRESOLVED).count()


def charges_sent(link: Link) -> int:
    """How often money was asked for."""
    return sum(asked.what == "POST /v1/charges" for asked in link.passed)


def test_while_it_is_away_a_card_that_was_typed_is_kept_and_paid_afterwards(
    link: Link, sandbox: SandboxProcess
) -> None:
    scene = first_purchase(sandbox)
    with link.away():
        with pytest.raises(GatewayUnreachable):
            stories.press_pay(**scene.arguments)
        assert not Order.objects.filter(quote=scene.quote).exists()
    happened("link_faults", len(link.seen), place=Place.BEFORE, how=How.RESET, what="fields")
    assert not wrong_after(scene, RECOVERIES[1], sandbox)
    assert_balanced(sandbox)


@pytest.mark.parametrize("place", [Place.BEFORE, Place.INTO, Place.UNANSWERED, Place.HEAD, Place.HALF])
def test_a_purchase_whose_charge_meets_a_broken_link_is_paid_once(
    place: Place, link: Link, sandbox: SandboxProcess
) -> None:
    for how, recovery in zip((How.CUT, How.RESET, How.CUT), RECOVERIES, strict=True):
        scene = first_purchase(sandbox)
        link.arm(Fault(place, how, wanted=lambda asked: asked.what == "POST /v1/charges"))
        stories.pay(**scene.arguments)
        (seen,) = link.seen
        link.seen.clear()
        happened("link_faults", place=seen.place, how=seen.how, what="a purchase")
        payment = Payment.objects.get(order__quote=scene.quote)
        assert payment.state == "unknown", "an answer that did not come is neither a yes nor a no"
        assert sandbox.captured(payment.public_id) == (place not in (Place.BEFORE, Place.INTO))
        assert not (wrong := wrong_after(scene, recovery, sandbox)), f"then {recovery.__name__}: {wrong}"
        assert not Payment.objects.filter(order__quote=scene.quote, state__in=UNRESOLVED).exists()
    assert_balanced(sandbox)
