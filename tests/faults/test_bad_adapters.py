"""An adapter that raises, hangs or answers anything (F50): it settles nothing, and nothing is called a decline."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

import pytest
from pytest_django.fixtures import Settings

from palier.apps.gateways import gateway
from palier.apps.gateways.contract import Booked, ForgedEvent, Gateway, GatewayUnreachable, Succeeded, Unknown
from palier.apps.gateways.guard import MOST_ABANDONED, Guarded
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import collect, doctor
from palier.kit import clock
from tests import world
from tests.books import assert_balanced
from tests.faults.bad_adapters import MADE, MANNERS, BadAdapter, HangingAdapter, impatient, on_the_sandbox
from tests.faults.promises import assert_paid_once
from tests.faults.scenes import first_purchase
from tests.live_stack import until
from tests.sandbox_process import SandboxProcess

BAD: Final = "tests.faults.bad_adapters.impatient"


@pytest.fixture(scope="module", autouse=True)
def closed_in_the_end() -> Iterator[None]:
    """Their connections are given back."""
    yield
    for adapter in MADE:
        adapter.close()


@pytest.fixture(params=MANNERS)
def manner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the adapter does to every question about money, once the gateway has done what it was asked for."""
    monkeypatch.setattr(BadAdapter, "manner", staticmethod(MANNERS[request.param]))
    name: str = request.param
    return name


def test_what_an_adapter_does_wrong_settles_nothing(manner: str, sandbox: SandboxProcess, settings: Settings) -> None:
    now = clock.now()
    kept = first_purchase(sandbox).quote
    accepted = world.placed(sandbox, kept, now=now)
    settings.PALIER_GATEWAY = BAD
    payment = world.collected(accepted, now=now)
    for minutes in (1, 2):
        assert (payment.state, payment.reason) == ("unknown", "no_answer")
        assert not Invoice.objects.exists()
        assert not Subscription.objects.exists()
        assert world.looked_after(now=now + timedelta(minutes=minutes)) == 1
        payment = Payment.objects.get()
    assert doctor.examine(now=now).silent, "the book was read"

    settings.PALIER_GATEWAY = "sandbox"
    assert world.looked_after(now=now + timedelta(minutes=20)) == 1
    assert_paid_once(kept, sandbox)
    assert_balanced(sandbox)


def test_nothing_else_is_taken_from_it_either(manner: str, charged: str) -> None:
    adapter: Gateway = impatient()
    assert isinstance(adapter.refund(charged, amount_minor=1, key="r"), Unknown)
    for ask in (adapter.find, adapter.cancel):
        try:
            assert isinstance(ask(charged), Unknown)
        except GatewayUnreachable:
            continue
    with pytest.raises(GatewayUnreachable):
        adapter.refunds(charged)
    with pytest.raises(GatewayUnreachable):
        list(adapter.charges())
    with pytest.raises(ForgedEvent):
        adapter.verify({}, b"{}", now=clock.now())


def test_what_keeps_the_contract_passes_the_guard(monkeypatch: pytest.MonkeyPatch, charged: str) -> None:
    monkeypatch.setattr(BadAdapter, "manner", staticmethod(lambda said: said))
    monkeypatch.setattr(BadAdapter, "charges", lambda self: iter(gateway().charges()))
    adapter: Gateway = impatient()
    assert isinstance(adapter.find(charged), Succeeded)
    assert [type(booked) for booked in adapter.charges()] == [Booked] * len(list(gateway().charges()))


def test_a_forged_event_is_refused_in_the_adapters_own_words(
    monkeypatch: pytest.MonkeyPatch, sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(BadAdapter, "manner", staticmethod(MANNERS["calls it forged"]))
    with pytest.raises(ForgedEvent, match="none was asked about"):
        impatient().verify({}, b"{}", now=clock.now())
    assert not caplog.records, "no trouble of the adapter's"


def test_an_adapter_that_hangs_keeps_so_many_threads_and_no_more() -> None:
    adapter = on_the_sandbox(HangingAdapter)
    guarded = Guarded(adapter, patience=0.01)
    for number in range(MOST_ABANDONED + 3):
        with pytest.raises(GatewayUnreachable):
            guarded.find(f"pay_{number}")
    assert len(kept_by(adapter)) == MOST_ABANDONED
    assert f"pay_{MOST_ABANDONED}" not in adapter.asked

    adapter.let_go.set()
    until(lambda: not kept_by(adapter), "the end of the threads that came back")
    with suppress(GatewayUnreachable):  # on a slow machine: it is asked, and that is all
        guarded.find("pay_again")
    until(lambda: adapter.asked[-1] == "pay_again", "the adapter to be asked again")


def kept_by(adapter: HangingAdapter) -> list[threading.Thread]:
    """The threads in which it has not come back."""
    return [thread for thread in threading.enumerate() if thread.name == f"gateway {adapter.name}"]


WHOLE_ADDRESS_SPACE: Final = 1 << 47
"""Bytes. No thread can start with a stack of that size."""


def test_where_no_thread_can_start_the_adapter_is_out_of_reach(charged: str) -> None:
    adapter = impatient()
    charge = collect.wish(Payment.objects.get())
    usual = threading.stack_size(WHOLE_ADDRESS_SPACE)
    try:
        with pytest.raises(GatewayUnreachable, match="start new thread"):
            adapter.find(charged)
        assert isinstance(adapter.charge(charge), Unknown)
    finally:
        threading.stack_size(usual)


@pytest.fixture
def charged(sandbox: SandboxProcess) -> str:
    """The reference of a charge of the sandbox that succeeded."""
    accepted = world.placed(sandbox, first_purchase(sandbox).quote, now=clock.now())
    return world.collected(accepted, now=clock.now()).public_id
