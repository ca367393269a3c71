"""When the gateway's answer is lost, wrong or late: nobody is charged twice, and nothing is called a decline.

The faults are those of the sandbox (docs/reference/sandbox.md); what happened is read in its own book.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from palier.apps.events.models import Event
from palier.apps.gateways import gateway
from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.flows import collect, order, quote, settle
from palier.flows.order_refusals import PaymentInProgress
from tests import world
from tests.flows.bad_days import SOON, again, assert_nothing_follows, assert_paid_once, sent
from tests.sandbox_process import SandboxProcess
from tests.sandbox_process import sandbox as running_sandbox
from tests.world import NOON, Cast

MEMORY = timedelta(days=1)
"""How long the sandbox remembers a key."""


@pytest.fixture
def own_sandbox(sandbox: SandboxProcess, settings: Any, tmp_path: Path) -> Iterator[SandboxProcess]:
    """One that a test may kill, or whose connections it spoils."""
    with running_sandbox(tmp_path / "book") as process:
        settings.PALIER_SANDBOX_URL = settings.PALIER_SANDBOX_PUBLIC_URL = process.url
        yield process


@pytest.mark.parametrize(
    ("fault", "captured"),
    [
        ("timeout_before_capture", 0),
        ("timeout_after_capture", 1),
        ("error_after_capture", 1),
        ("error_replayed", 1),
        ("answer_junk", 1),
        ("rate_limited", 0),
        ("key_in_use", 0),
    ],
)
def test_a_lost_answer_is_unknown_and_settled_by_asking(
    cast: Cast, sandbox: SandboxProcess, fault: str, captured: int
) -> None:
    payment = sent(sandbox, cast, fault=fault)
    assert (payment.state, payment.reason) == ("unknown", "no_answer")
    assert sandbox.captured(payment.public_id) == captured
    assert_nothing_follows(payment)

    assert world.looked_after(now=SOON) == 1
    assert_paid_once(payment, sandbox)
    assert world.looked_after(now=SOON + timedelta(days=1)) == 0


def test_an_unknown_payment_keeps_the_orders_only_slot(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    kept = world.order_of(again(payment)).quote
    assert world.placed(sandbox, kept) == world.order_of(again(payment))
    with pytest.raises(PaymentInProgress):
        world.placed(sandbox, world.quoted(cast.billing_admin, "business"))
    order.withdraw(world.order_of(again(payment)), cast.owner, now=NOON)
    assert again(payment).state == "unknown"
    assert Payment.objects.count() == 1


def test_an_unknown_payment_is_left_in_peace_for_a_moment_and_then_asked_about(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = sent(sandbox, cast, fault="timeout_before_capture")
    assert world.looked_after(now=NOON + timedelta(seconds=10)) == 0
    assert again(payment).state == "unknown"
    assert world.looked_after(now=SOON) == 1


def test_a_payment_that_no_worker_sent_is_sent_within_half_an_hour_after_its_promise(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner))
    payment = world.collected(accepted, now=accepted.quote.expires_at + collect.SENDING_GRACE)
    assert_paid_once(payment, sandbox)


def test_a_payment_that_no_worker_sent_in_time_is_not_sent_any_more(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner))
    late = accepted.quote.expires_at + collect.SENDING_GRACE + timedelta(seconds=1)
    payment = world.collected(accepted, now=late)
    assert (payment.state, payment.reason, payment.resolved_at) == ("failed", "not_sent_in_time", late)
    assert gateway().find(payment.public_id) is None
    assert Event.objects.get(kind="payment.failed").payload["reason"] == "not_sent_in_time"
    assert_nothing_follows(payment)

    newer = quote.renew(accepted.quote, now=late)
    again_accepted = world.placed(sandbox, newer, now=late)
    assert world.collected(again_accepted, now=late).state == "succeeded"


def test_a_payment_that_left_at_the_last_moment_is_not_called_unsent(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    settle.not_sent(payment.id, now=NOON + timedelta(days=1))
    assert again(payment).state == "unknown"


def test_silence_while_asking_proves_nothing_and_is_asked_again(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    sandbox.fault("timeout_before_capture", operation="find", times=2)
    for minutes in (1, 2):
        world.looked_after(now=NOON + timedelta(minutes=minutes))
        assert again(payment).state == "unknown"
    world.looked_after(now=NOON + timedelta(minutes=4))
    assert_paid_once(payment, sandbox)


def test_one_payment_that_cannot_be_settled_does_not_hold_up_the_others(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    sandbox.fault("lie", field="amount_minor", value=1)
    theirs = world.collected(world.placed(sandbox, world.quoted(cast.stranger)))
    assert theirs.state == "unknown"
    world.looked_after(now=SOON)
    assert (again(theirs).state, again(payment).state) == ("parked", "succeeded")


def test_a_decline_is_a_decline_even_when_its_first_answer_was_lost(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture", number=world.DECLINED)
    assert payment.state == "unknown"
    world.looked_after(now=SOON)
    assert (again(payment).state, again(payment).reason) == ("failed", "declined")
    assert_nothing_follows(payment)


def test_an_answer_that_comes_twice_is_one_payment(cast: Cast, own_sandbox: SandboxProcess) -> None:
    payment = sent(own_sandbox, cast, fault="answer_twice")
    world.looked_after(now=SOON)
    assert_paid_once(payment, own_sandbox)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_minor", 1),
        ("amount_minor", 65401),
        ("currency", "USD"),
        ("currency", "eur"),
        ("payment_method", "card_of_somebody_else"),
    ],
)
def test_a_gateway_that_states_another_sum_currency_or_card_parks_the_payment(
    cast: Cast, sandbox: SandboxProcess, field: str, value: object
) -> None:
    payment = sent(sandbox, cast, fault="lie", field=field, value=value)
    world.looked_after(now=SOON)
    parked = again(payment)
    assert (parked.state, parked.reason) == ("parked", "answer_contradicts_order")
    assert Event.objects.get(kind="payment.parked").payload["payment"] == payment.public_id
    assert_nothing_follows(payment)

    assert world.looked_after(now=NOON + timedelta(days=2)) == 0
    ordered = world.order_of(parked)
    assert world.placed(sandbox, ordered.quote) == ordered
    assert sandbox.captured(payment.public_id) == 1
    assert Payment.objects.count() == 1


def test_a_charge_that_was_taken_for_another_payment_settles_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    """One charge, named twice by the gateway, would be two purchases for one."""
    theirs = world.order_of(world.collected(world.placed(sandbox, world.quoted(cast.stranger)))).payments.get()
    assert theirs.state == "succeeded"
    payment = sent(sandbox, cast, fault="lie", field="id", value=theirs.gateway_id)
    world.looked_after(now=SOON)
    assert (again(payment).state, again(payment).reason) == ("parked", "charge_of_another")
    assert Event.objects.get(kind="payment.parked").payload["payment"] == payment.public_id
    assert Invoice.objects.get().account == cast.stranger.account


def test_an_answer_about_another_payment_settles_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    payment = sent(sandbox, cast, fault="lie", field="reference", value="pay_0000000000000")
    world.looked_after(now=SOON)
    assert again(payment).state == "unknown"
    assert_nothing_follows(payment)


def travel(sandbox: SandboxProcess, part: float) -> datetime:
    """Let a part of the memory of keys pass, there and here; returns the present."""
    sandbox.advance((MEMORY * part).total_seconds())
    return NOON + MEMORY * part


@pytest.fixture
def home_in_time(sandbox: SandboxProcess) -> Iterator[None]:
    """Bring the sandbox's clock back after a journey."""
    now = sandbox.ask("GET", "/v1/clock").json()["now"]
    yield
    sandbox.ask("POST", "/v1/clock", {"set": now})


@pytest.mark.usefixtures("home_in_time")
@pytest.mark.parametrize("fault", ["timeout_before_capture", "timeout_after_capture"])
def test_while_the_key_is_surely_remembered_an_absent_charge_is_sent_again(
    cast: Cast, sandbox: SandboxProcess, fault: str
) -> None:
    payment = sent(sandbox, cast, fault=fault)
    world.looked_after(now=travel(sandbox, 0.79))
    assert_paid_once(payment, sandbox)


@pytest.mark.usefixtures("home_in_time")
def test_past_four_fifths_of_the_memory_of_keys_an_absent_charge_is_never_sent_again_but_parked(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = sent(sandbox, cast, fault="timeout_before_capture")
    attempts = len(sandbox.book()["attempts"])
    world.looked_after(now=travel(sandbox, 0.81))
    assert (again(payment).state, again(payment).reason) == ("parked", "unknown_to_gateway")
    assert len(sandbox.book()["attempts"]) == attempts
    assert sandbox.captured(payment.public_id) == 0
    assert_nothing_follows(payment)


@pytest.mark.usefixtures("home_in_time")
def test_a_charge_whose_key_is_forgotten_is_found_by_its_reference_and_not_taken_again(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    world.looked_after(now=travel(sandbox, 3))
    assert_paid_once(payment, sandbox)


def test_a_gateway_that_forgets_keys_early_takes_the_money_once_because_it_is_asked_first(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    sandbox.fault("forget_keys", times=None)
    for minutes in range(1, 5):
        world.looked_after(now=NOON + timedelta(minutes=minutes))
        collect.payment(payment.id, now=NOON + timedelta(minutes=minutes))
    assert_paid_once(payment, sandbox)


def test_while_the_gateway_is_down_the_payment_waits_however_long_and_then_settles(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = sent(sandbox, cast, fault="down", times=None)
    assert payment.state == "unknown"
    world.looked_after(now=NOON + timedelta(hours=5))
    assert again(payment).state == "unknown"
    sandbox.clear_faults()
    world.looked_after(now=NOON + timedelta(hours=6))
    assert_paid_once(payment, sandbox)


def test_a_gateway_out_of_reach_past_its_memory_parks_nothing_before_it_has_answered(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = sent(sandbox, cast, fault="timeout_after_capture")
    sandbox.fault("down", times=None)
    world.looked_after(now=NOON + timedelta(days=5))
    assert again(payment).state == "unknown"
    sandbox.clear_faults()
    world.looked_after(now=NOON + timedelta(days=6))
    assert_paid_once(payment, sandbox)


def test_pressing_pay_while_the_gateway_is_down_writes_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    world.type_card(sandbox, kept)
    sandbox.fault("down", times=None)
    with pytest.raises(GatewayUnreachable):
        order.place(kept, member=cast.owner, card="new", evidence=world.evidence(), now=NOON)
    assert not Order.objects.exists()
    sandbox.clear_faults()
    accepted = order.place(kept, member=cast.owner, card="new", evidence=world.evidence(), now=NOON)
    assert world.collected(accepted).state == "succeeded"


def test_a_killed_gateway_comes_back_with_its_book_and_the_payment_settles_once(
    cast: Cast, own_sandbox: SandboxProcess
) -> None:
    payment = sent(own_sandbox, cast, fault="timeout_after_capture")
    own_sandbox.kill()
    world.looked_after(now=SOON)
    assert again(payment).state == "unknown"
    own_sandbox.start()
    world.looked_after(now=SOON + timedelta(minutes=1))
    assert_paid_once(payment, own_sandbox)


def test_a_gateway_that_was_dead_when_the_money_was_asked_for_is_asked_when_it_lives(
    cast: Cast, own_sandbox: SandboxProcess
) -> None:
    accepted = world.placed(own_sandbox, world.quoted(cast.owner))
    own_sandbox.kill()
    payment = world.collected(accepted)
    assert payment.state == "unknown"
    own_sandbox.start()
    world.looked_after(now=SOON)
    assert_paid_once(payment, own_sandbox)


def test_a_customer_who_stays_away_from_the_banks_page_is_asked_about_more_rarely(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = world.collected(world.placed(sandbox, world.quoted(cast.owner), world.NEEDS_3DS))
    assert payment.state == "action_required"
    assert world.looked_after(now=NOON + timedelta(minutes=2)) == 0
    sandbox.answer_bank(payment.action_url)
    assert world.looked_after(now=NOON + timedelta(minutes=6)) == 1
    assert_paid_once(payment, sandbox)


def test_silence_while_the_customer_confirms_keeps_their_link_and_tells_them_nothing_twice(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = world.collected(world.placed(sandbox, world.quoted(cast.owner), world.NEEDS_3DS))
    sandbox.fault("timeout_before_capture", operation="find")
    for _ in range(2):
        collect.payment(payment.id, now=SOON)
        assert (again(payment).state, again(payment).action_url) == ("action_required", payment.action_url)
    assert Event.objects.filter(kind="payment.action_required").count() == 1
    assert Mail.objects.filter(kind="action_required").count() == 1


@pytest.mark.usefixtures("home_in_time")
def test_a_confirmation_that_came_too_late_ends_the_attempt_and_frees_the_order(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    payment = world.collected(world.placed(sandbox, world.quoted(cast.owner), world.NEEDS_3DS))
    world.looked_after(now=travel(sandbox, 1.1))
    assert (again(payment).state, again(payment).reason) == ("failed", "authentication_expired")
    assert_nothing_follows(payment)
