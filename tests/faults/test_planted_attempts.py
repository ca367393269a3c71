"""Planted bugs around one attempt to take money: most are seen only where both books are compared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pytest

from palier.apps.accounts.models import Account
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.flows import collect, dun
from palier.flows.dun import InvoiceBeingPaid
from palier.kit import clock
from tests import unpaid, world
from tests.faults.crash import Staging, wrong_after
from tests.faults.planted.trials import Scenario, Stand, assert_caught, when_answered
from tests.faults.scenes import (
    Recovery,
    an_owner,
    first_purchase,
    plan_change,
    the_customer_comes_back,
    the_job_is_rescued,
)
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess

MINUTE = timedelta(minutes=1)


def killed_when_answered(staging: Staging, recovery: Recovery) -> Scenario:
    """A process dies with the gateway's yes in its hands, and somebody goes on."""

    def play(stand: Stand) -> list[str]:
        scene = stand.killed(staging, when_answered)
        said = wrong_after(scene, recovery, stand.sandbox)
        promised = [f"assert_paid_once {said}"] if said else []
        return promised + stand.findings(scene.quote.account, quiet_at=clock.now())

    return play


def unanswered(stand: Stand, at: datetime) -> Order:
    """*Pay* was pressed, the money taken, and the answer lost."""
    accepted = world.placed(stand.sandbox, world.quoted(an_owner(), now=at), now=at)
    stand.sandbox.fault("timeout_after_capture")
    assert world.collected(accepted, now=at).resolved_at is None or stand.bug is not None
    return accepted


def pressed_again(stand: Stand, accepted: Order, at: datetime) -> None:
    """The customer types another card, presses *Pay* again, and the worker does what is to be done."""
    again = world.placed(stand.sandbox, accepted.quote, now=at)
    world.collected(again, now=at)


def asked_about_a_day_later(stand: Stand) -> list[str]:
    """The gateway has forgotten the key, and knows the charge by its reference."""
    at = clock.now()
    accepted = unanswered(stand, at)
    with away_for(stand.sandbox, timedelta(hours=26)) as journey:
        world.looked_after(now=at + journey)
    return stand.findings(accepted.account, quiet_at=at + journey)


@contextmanager
def away_for(sandbox: SandboxProcess, time: timedelta) -> Iterator[timedelta]:
    """The gateway's clock, moved and brought home again."""
    home = sandbox.ask("GET", "/v1/clock").json()["now"]
    sandbox.advance(time.total_seconds())
    try:
        yield time
    finally:
        sandbox.ask("POST", "/v1/clock", {"set": home})


def pressed_again_after_silence(stand: Stand) -> list[str]:
    """The customer saw no answer, and tries again with another card."""
    at = clock.now()
    accepted = unanswered(stand, at)
    pressed_again(stand, accepted, at + MINUTE)
    world.looked_after(now=at + 10 * MINUTE)
    return stand.findings(accepted.account, quiet_at=at + 10 * MINUTE)


def pressed_again_after_a_long_silence(stand: Stand) -> list[str]:
    """For twenty minutes the gateway says nothing about what it took; then the customer tries again."""
    at = clock.now()
    accepted = unanswered(stand, at)
    stand.sandbox.fault("timeout_before_capture", operation="find", times=None)
    for minutes in (5, 11, 20):
        world.looked_after(now=at + minutes * MINUTE)
    pressed_again(stand, accepted, at + 21 * MINUTE)
    stand.sandbox.clear_faults()
    world.looked_after(now=at + 40 * MINUTE)
    return stand.findings(accepted.account, quiet_at=at + 40 * MINUTE)


def paid_at_the_screen_and_at_the_bank(stand: Stand) -> list[str]:
    """The bank wants a renewal confirmed on its page. Meanwhile the owner pays at the screen, and then confirms."""
    at, owner = clock.now(), an_owner()
    invoice = unpaid.renewed(stand.sandbox, owner, world.LATER_ASKS, now=at - timedelta(days=40))
    waiting = invoice.payments.get(state="action_required")
    unpaid.typed_for(stand.sandbox, invoice, owner, world.GOOD)
    with suppress(InvoiceBeingPaid):
        collect.payment(dun.pay(invoice, owner, "new", now=at).id, now=at)
    stand.sandbox.answer_bank(waiting.action_url)
    world.looked_after(now=at + 10 * MINUTE)
    return stand.findings(owner.account, quiet_at=at + 10 * MINUTE)


def declined_and_then_another_card(stand: Stand) -> list[str]:
    """The bank says no, and the customer takes another card."""
    at = clock.now()
    accepted = world.placed(stand.sandbox, world.quoted(an_owner(), now=at), world.DECLINED, now=at)
    world.collected(accepted, now=at)
    pressed_again(stand, accepted, at + MINUTE)
    world.looked_after(now=at + 10 * MINUTE)
    found = stand.findings(accepted.account, quiet_at=at + 10 * MINUTE)
    state = Order.objects.get(pk=accepted.pk).state
    return found + ([] if state == "settled" else [f"order {state}"])


def overtaken_while_it_hung(stand: Stand) -> list[str]:
    """A worker heard nothing and hangs before it writes so; another finds out and settles; the first goes on."""
    stand.sandbox.fault("timeout_after_capture")
    points = stand.perform(first_purchase(stand.sandbox)).points
    scene = first_purchase(stand.sandbox)
    wrong = stand.with_the_bug(scene)
    stand.sandbox.fault("timeout_after_capture")
    stand.stage.freeze(wrong.story, at=unheard(points), **wrong.arguments)
    try:
        later = clock.now() + 10 * MINUTE
        world.looked_after(now=later)
        assert Payment.objects.get(order__quote=scene.quote).state == "succeeded"
    finally:
        stand.stage.wake()
    return stand.findings(Account.objects.get(pk=scene.quote.account_id), quiet_at=later)


def unheard(points: list[str]) -> int:
    """The first step after the request whose answer never came."""
    asked = max(number for number, point in enumerate(points) if "POST /v1/charges" in point)
    return next(number for number in range(asked + 1, len(points)) if points[number].startswith("before "))


SCENARIOS: dict[str, Callable[[Stand], list[str]]] = {
    "charge_before_row": killed_when_answered(first_purchase, the_customer_comes_back),
    "fresh_key_on_retry": killed_when_answered(plan_change, the_job_is_rescued),
    "key_reused_after_24_h": asked_about_a_day_later,
    "unknown_read_as_declined": pressed_again_after_silence,
    "timer_releases_the_slot": pressed_again_after_a_long_silence,
    "hosted_page_ignores_the_slot": paid_at_the_screen_and_at_the_bank,
    "lock_never_freed": declined_and_then_another_card,
    "zombie_without_fence": overtaken_while_it_hung,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_planted_bug_of_an_attempt_is_caught_by_its_named_check(
    name: str, stage: Theatre, sandbox: SandboxProcess
) -> None:
    assert_caught(name, SCENARIOS[name], stage, sandbox)
