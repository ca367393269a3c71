"""The gateway's book is read once a round, a page at a time, and what the two books do not share is found."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Account
from palier.apps.gateways import sandbox as adapter
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.flows import doctor
from palier.flows.doctor import Findings
from palier.flows.invariants import gateway_book
from palier.kit import clock
from tests import world
from tests.faults.proxy import Fault, How, Link, Place, link_to
from tests.faults.wire import Exchange
from tests.flows.by_hand import by_hand
from tests.sandbox_process import SandboxProcess
from tests.sandbox_process import sandbox as running_sandbox
from tests.world import Cast

pytestmark = pytest.mark.django_db

IN_TWOS = 2
"""Charges on a page."""


@pytest.fixture
def own(sandbox: SandboxProcess, settings: Settings, tmp_path: Path) -> Iterator[SandboxProcess]:
    """A gateway with an empty book."""
    with running_sandbox(tmp_path / "book") as process:
        settings.PALIER_SANDBOX_URL = settings.PALIER_SANDBOX_PUBLIC_URL = process.url
        yield process


@pytest.fixture
def link(own: SandboxProcess, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Link]:
    """The way to it, on which requests are counted; its pages are short."""
    monkeypatch.setattr(adapter, "PAGE", IN_TWOS)
    monkeypatch.setattr(gateway_book, "PAGE", IN_TWOS)
    with link_to("127.0.0.1", own.port, "http") as between:
        settings.PALIER_SANDBOX_URL = f"http://127.0.0.1:{between.port}"
        yield between


@pytest.fixture
def bought(link: Link, own: SandboxProcess, cast: Cast) -> list[Order]:
    """Three purchases of one account, three charges: two pages."""
    world.publish()
    wishes = (("team", 5), ("team", 6), ("business", 6))
    orders = [world.bought(own, cast.owner, plan, seats=seats, now=clock.now()) for plan, seats in wishes]
    assert Payment.objects.count() == len(orders)
    link.passed.clear()
    return orders


def of_the_book(exchange: Exchange) -> bool:
    return exchange.what.startswith("GET /v1/charges?")


def asked(link: Link) -> list[str]:
    """What the gateway was asked, "page" for each of its book's."""
    return ["page" if of_the_book(exchange) else exchange.what for exchange in link.passed]


def examined(*, patience: timedelta = timedelta()) -> Findings:
    return doctor.examine(now=clock.now(), patience=patience)


def facts(found: Findings, code: str) -> list[tuple[str, str]]:
    return [(one.subject, one.fact) for one in found.breaches if one.code == code]


def test_a_round_asks_for_each_page_of_the_gateways_book_once(bought: list[Order], link: Link) -> None:
    found = examined(patience=timedelta(days=1))
    assert (found.breaches, found.silent) == ((), "")
    assert asked(link) == ["page", "page"]


def test_a_page_is_compared_before_the_next_is_asked_for(bought: list[Order], link: Link) -> None:
    pages_before: list[int] = []

    def note(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        if asked(link) and 'FROM "payments_payment"' in statement and "GROUP BY" not in statement:
            pages_before.append(len(asked(link)))
        return execute(statement, *rest)

    with connection.execute_wrapper(note):
        examined(patience=timedelta(days=1))
    assert pages_before == [1, 1, 2, 2]


def test_a_second_charge_under_the_reference_of_one_that_paid_is_found(bought: list[Order]) -> None:
    """The gateway's key was forgotten: the charge in its book is not the one that our payment names."""
    first = bought[0].payments.get()
    Payment.objects.filter(pk=first.pk).update(gateway_id="ch_of_another_day")
    assert facts(examined(), "I03") == [(first.public_id, "was taken again for the same thing")]


def test_a_charge_of_an_attempt_that_failed_here_beside_the_one_that_paid_is_found_on_whatever_page(
    bought: list[Order],
) -> None:
    first, _, third = (order.payments.get() for order in bought)
    Payment.objects.filter(pk=first.pk).update(state="failed", reason="declined", order=third.order, attempt=9)
    found = examined()
    assert facts(found, "I03") == [(first.public_id, "was taken again for the same thing")]
    assert (first.public_id, "was taken by the gateway and is failed here") in facts(found, "I04")


def test_two_charges_of_which_neither_has_paid_are_found_on_one_page(bought: list[Order]) -> None:
    first, second, _ = (order.payments.get() for order in bought)
    Payment.objects.filter(pk__in=[first.pk, second.pk]).update(state="failed", reason="declined")
    Payment.objects.filter(pk=first.pk).update(order=second.order, attempt=9)
    assert facts(examined(), "I03") == [(second.public_id, "was taken again for the same thing")]


def test_what_succeeded_here_and_is_not_in_the_gateways_book_is_asked_about_and_found(
    bought: list[Order], link: Link
) -> None:
    first = bought[0].payments.get()
    Payment.objects.filter(pk=first.pk).update(id=first.id + 1)
    ours = Payment.objects.get(pk=first.id + 1)
    found = facts(examined(), "I04")
    assert (ours.public_id, "succeeded here, and the gateway has taken nothing") in found
    assert first.public_id in {subject for subject, fact in found if "we know nothing of" in fact}
    assert asked(link) == ["page", "page", f"GET /v1/charges/{ours.public_id}"]


def test_the_many_that_a_wrong_book_misses_are_not_all_asked_about(
    bought: list[Order], link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_book, "ASKED_ABOUT_MOST", 1)
    for number, order in enumerate(bought, start=1):
        Payment.objects.filter(order=order).update(id=order.payments.get().id + number)
    found = facts(examined(), "I04")
    assert ("", "2 more that succeeded here may not be in the gateway's book") in found
    assert len(asked(link)) == 3


def test_what_was_given_back_there_and_counts_as_paid_here_is_found(bought: list[Order], own: SandboxProcess) -> None:
    first = bought[0].payments.get()
    wish = {"amount_minor": first.amount_minor, "key": "by hand"}
    assert own.ask("POST", f"/v1/charges/{first.public_id}/refunds", wish).status_code == 200
    assert facts(examined(), "I04") == [(first.public_id, "succeeded here, and the gateway has taken nothing")]


def test_what_was_found_before_the_gateway_fell_silent_is_kept(bought: list[Order], link: Link) -> None:
    first = bought[0].payments.get()
    Payment.objects.filter(pk=first.pk).update(amount_minor=1)
    link.arm(Fault(Place.UNANSWERED, How.CUT, wanted=of_the_book, skip=1))
    found = examined()
    assert found.silent
    assert [subject for subject, _ in facts(found, "I04")] == [first.public_id]


FORGOTTEN = "was sent when the gateway may have forgotten its key"


@pytest.mark.parametrize(("hours", "found"), [(19, []), (20, [FORGOTTEN])])
def test_a_charge_that_was_sent_again_beyond_the_gateways_memory_is_found(
    bought: list[Order], hours: int, found: list[str]
) -> None:
    """The only charge of its payment, and settled: nothing but its time tells. The sandbox remembers for a day."""
    first = bought[0].payments.get()
    before = clock.now() - timedelta(hours=hours)
    Payment.objects.filter(pk=first.pk).update(started_at=before, sent_at=before)
    assert facts(examined(), "I08") == [(first.public_id, fact) for fact in found]


def test_a_charge_of_an_account_that_lives_in_its_own_time_has_no_hour_to_compare(bought: list[Order]) -> None:
    first = bought[0].payments.get()
    before = clock.now() - timedelta(hours=20)
    Payment.objects.filter(pk=first.pk).update(started_at=before, sent_at=before)
    Account.objects.filter(pk=first.account_id).update(sandbox=True, clock_ahead=timedelta(minutes=1))
    assert facts(examined(), "I08") == []


def test_what_the_gateway_took_a_moment_ago_is_no_difference_yet_in_an_account_of_its_own_time(
    bought: list[Order],
) -> None:
    """A journey whose worker died after the charge: the next worker asks for it. The gateway lives in the present."""
    payment = Payment.objects.get(order=bought[-1])
    Account.objects.filter(pk=payment.account_id).update(sandbox=True, clock_ahead=timedelta(days=40))
    by_hand(f"UPDATE payments_payment SET state = 'sent', resolved_at = NULL, gateway_id = '' WHERE id = {payment.pk}")
    told = (payment.public_id, "was taken by the gateway and is sent here")
    assert told not in facts(examined(patience=timedelta(days=1)), "I04")
    assert told in facts(examined(), "I04")
