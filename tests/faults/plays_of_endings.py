"""Cancellation, its withdrawal, and money that goes back; each until its process dies."""

import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from palier.apps.accounts.models import Member
from palier.apps.gateways.sandbox import event_signature
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import refund, schedule
from palier.kit import clock
from tests import world
from tests.faults.plays import Play, curtain, second_tab
from tests.faults.plays_of_purchases import billing_admin, subscriber
from tests.faults.promises_of_flows import assert_canceled_once, assert_given_back_once, assert_withdrawn_once
from tests.faults.promises_of_people import assert_closed_once, assert_ended_by_hand_once
from tests.faults.scenes import an_owner
from tests.live_stack import until
from tests.sandbox_process import SandboxProcess


def cancellation(sandbox: SandboxProcess) -> Play:
    """The owner cancels, and in a second tab the billing admin."""
    owner, at = subscriber(sandbox), clock.now()
    return cancellation_of(owner, billing_admin(owner, at), at)


def cancellation_of(owner: Member, other: Member, at: datetime) -> Play:
    """The same of an account that is there."""
    elsewhere = second_tab("cancel", owner.account, at, member=other.id)
    return curtain(owner.account, at, story="cancel", kept=assert_canceled_once, elsewhere=elsewhere, member=owner.id)


def withdrawal(sandbox: SandboxProcess) -> Play:
    """The owner takes the cancellation back, and in a second tab the billing admin."""
    owner, at = subscriber(sandbox), clock.now()
    other = billing_admin(owner, at)
    (change,) = schedule.cancel(owner.account, owner, now=at - timedelta(days=1))
    return withdrawal_of(change, owner, other, at)


def withdrawal_of(change: ScheduledChange, owner: Member, other: Member, at: datetime) -> Play:
    """The same of an account that is there."""
    return curtain(
        owner.account,
        at,
        story="withdraw",
        kept=partial(assert_withdrawn_once, change=change),
        elsewhere=second_tab("withdraw", owner.account, at, change=change.id, member=other.id),
        change=change.id,
        member=owner.id,
    )


def closing(sandbox: SandboxProcess) -> Play:
    """An account on the free plan is closed, in two tabs."""
    owner, at = an_owner(), clock.now()
    elsewhere = second_tab("close_account", owner.account, at, member=owner.id)
    return curtain(
        owner.account, at, story="close_account", kept=assert_closed_once, elsewhere=elsewhere, member=owner.id
    )


def refund_by_hand(sandbox: SandboxProcess) -> Play:
    """The money of a parked payment is given back by a person, and in a second tab by another."""
    at = clock.now()
    kept = world.quoted(an_owner(), "team", "month", 3, now=at)
    accepted = world.placed(sandbox, kept, now=at)
    sandbox.fault("timeout_after_capture")
    payment = world.collected(accepted, now=at)
    assert payment.state == "unknown"
    Payment.objects.filter(pk=payment.pk).update(state="parked", reason="order_moved")
    return curtain(
        kept.account,
        at,
        story="give_back",
        kept=partial(assert_ended_by_hand_once, parked=payment),
        elsewhere=second_tab("give_back", kept.account, at, payment=payment.id),
        payment=payment.id,
    )


def late_capture(sandbox: SandboxProcess) -> Play:
    """The gateway took the money of a payment that it had called failed, and says so; in a second tab the customer
    pays the order with another card."""
    at = clock.now()
    late = taken_late(sandbox, at)
    (told,) = sandbox.book_of((), (late.public_id,))["events"]
    body, sent_at = json.dumps(told["body"]), str(int(at.timestamp()))
    signature = event_signature(sandbox.webhook_secret, told["id"], sent_at, body.encode())
    headers = {"Webhook-Id": told["id"], "Webhook-Timestamp": sent_at, "Webhook-Signature": signature}
    return given_back(late, at, story="hear_again", headers=headers, body=body)


def late_capture_unheard(sandbox: SandboxProcess) -> Play:
    """The same, and the gateway never says so: the clock asks it."""
    at = clock.now()
    return given_back(taken_late(sandbox, at - refund.ASKED_AFTER[0]), at, story="clock_turns")


def taken_late(sandbox: SandboxProcess, at: datetime) -> Payment:
    """A payment of an order that was called failed at an instant and whose money was taken then; another card waits."""
    kept = world.quoted(an_owner(), "team", "month", 3, now=at)
    accepted = world.placed(sandbox, kept, now=at)
    sandbox.fault("capture_late", seconds=0)
    late = world.collected(accepted, now=at)
    assert late.state == "unknown"
    Payment.objects.filter(pk=late.pk).update(state="failed", reason="declined", resolved_at=at)
    until(lambda: sandbox.captured(late.public_id) == 1, "the late capture")
    world.type_card(sandbox, kept)
    return late


def given_back(late: Payment, at: datetime, *, story: str, **arguments: Any) -> Play:
    """However it is found, it goes back."""
    kept = world.order_of(late).quote
    elsewhere = second_tab("buy", late.account, at, quote=kept.id, card="new")
    promise = partial(assert_given_back_once, late=late)
    return curtain(late.account, at, story=story, kept=promise, elsewhere=elsewhere, **arguments)
