"""Two presses of Pay for one account: both orders, forced; by two people, in two tabs, twice the same, sent again."""

from functools import partial
from typing import Final

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import User
from palier.apps.orders.models import Order, Quote, SeatRequest
from palier.flows import quote, schedule, seat_requests, seats
from palier.flows.change import Choice
from palier.flows.people import signup
from palier.kit import clock
from tests import world
from tests.books import assert_balanced
from tests.faults.meetings import (
    ALONE,
    PAYS,
    Meeting,
    assert_forced,
    assert_one_of_two_orders,
    with_the_worker,
)
from tests.faults.pauses import BEFORE_ITS_COMMIT, BEFORE_ITS_LOCK, Action, Point, met
from tests.faults.promises import assert_paid_once
from tests.faults.scenes import an_owner
from tests.flows.test_races_of_a_life import MID_JUNE, Stage, numbers
from tests.interfaces.test_services_down import paid as what_the_form_sends
from tests.report.happened import happened
from tests.sandbox_process import SandboxProcess

MORE: Final = Choice("team", "month", 8)


def a_seat_asked_for(stage: Stage) -> SeatRequest:
    for name in ("mia", "noe"):  # six seats, six people
        person = User.objects.create(email=f"{name}{next(numbers)}@races.example", name="Some One")
        member = signup.join(stage.account, person, "member", now=MID_JUNE)
    asked = seat_requests.ask(member, wished="new@races.example", now=MID_JUNE)
    seat_requests.promise(asked, stage.owner, now=MID_JUNE)
    return asked


def two_people_on_one_quote(stage: Stage) -> tuple[Action, Action]:
    kept = stage.quoted(MORE)
    pressing = with_the_worker(stage, stage.pressing(kept))
    return pressing, with_the_worker(stage, stage.pressing(kept, by=stage.others[0]))


def two_people_on_a_quote_each(stage: Stage) -> tuple[Action, Action]:
    kept, other = stage.quoted(MORE), stage.quoted(MORE, stage.others[0])
    return with_the_worker(stage, stage.pressing(kept)), with_the_worker(stage, stage.pressing(other))


def a_double_click_with_a_typed_card(stage: Stage) -> tuple[Action, Action]:
    kept = stage.quoted(MORE)
    world.type_card(stage.sandbox, kept)
    pressing = with_the_worker(stage, stage.pressing(kept, "new"))
    return pressing, pressing


def the_same_typed_card_under_a_newer_quote(stage: Stage) -> tuple[Action, Action]:
    kept, newer = stage.quoted(MORE), stage.quoted(MORE)
    world.type_card(stage.sandbox, kept)
    return with_the_worker(stage, stage.pressing(kept, "new")), with_the_worker(stage, stage.pressing(newer, "new"))


def a_typed_card_and_the_one_on_file(stage: Stage) -> tuple[Action, Action]:
    kept = stage.quoted(MORE)
    world.type_card(stage.sandbox, kept)
    return with_the_worker(stage, stage.pressing(kept, "new")), with_the_worker(stage, stage.pressing(kept))


def one_seat_request_approved_by_two(stage: Stage) -> tuple[Action, Action]:
    asked = a_seat_asked_for(stage)

    def approving(by: int) -> Action:
        member = (stage.owner, *stage.others)[by]
        approve = partial(seat_requests.approve, asked, member, evidence=world.evidence(), now=MID_JUNE)
        return with_the_worker(stage, approve)

    return approving(0), approving(1)


def one_seat_request_approved_and_declined(stage: Stage) -> tuple[Action, Action]:
    asked = a_seat_asked_for(stage)
    approve = partial(seat_requests.approve, asked, stage.owner, evidence=world.evidence(), now=MID_JUNE)
    return with_the_worker(stage, approve), lambda: seat_requests.decline(asked, stage.others[0], now=MID_JUNE)


def more_seats_and_fewer(stage: Stage) -> tuple[Action, Action]:
    pressing = with_the_worker(stage, stage.pressing(stage.quoted(MORE)))
    return pressing, lambda: seats.reduce(stage.account, stage.owner, 5, interval="month", now=MID_JUNE)


def more_seats_and_a_cancellation(stage: Stage) -> tuple[Action, Action]:
    pressing = with_the_worker(stage, stage.pressing(stage.quoted(MORE)))
    return pressing, lambda: schedule.cancel(stage.account, stage.owner, now=MID_JUNE)


@pytest.mark.parametrize(
    ("meeting", "second_at"),
    [
        (two_people_on_one_quote, PAYS),
        (two_people_on_a_quote_each, PAYS),
        (a_double_click_with_a_typed_card, PAYS),
        (the_same_typed_card_under_a_newer_quote, PAYS),
        (a_typed_card_and_the_one_on_file, PAYS),
        (one_seat_request_approved_by_two, PAYS),
        (one_seat_request_approved_and_declined, ALONE),
        (more_seats_and_fewer, ALONE),
        (more_seats_and_a_cancellation, ALONE),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_two_presses_end_as_in_one_of_the_two_orders(
    sandbox: SandboxProcess, meeting: Meeting, second_at: tuple[Point, ...]
) -> None:
    assert_one_of_two_orders(meeting, sandbox, PAYS, second_at)


@pytest.mark.parametrize("newer", [False, True], ids=["the same key", "a new key"])
@pytest.mark.parametrize("point", [BEFORE_ITS_LOCK, BEFORE_ITS_COMMIT], ids=str)
def test_a_form_that_is_sent_again_while_the_first_is_held_buys_once(
    sandbox: SandboxProcess, settings: Settings, newer: bool, point: Point
) -> None:
    """A quote is the key of its order: sent again with the form, or a new one by a page that was loaded again."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    owner = an_owner()
    choice = Choice("team", "month", 3)
    kept, again = (quote.make(owner.account, owner, choice, now=clock.now()) for _ in range(2))
    world.type_card(sandbox, kept)

    def sending(which: Quote) -> Action:
        client = Client()
        client.force_login(owner.user)
        return lambda: client.post(f"/checkout/{which.public_id}/", what_the_form_sends())

    how = met(sending(kept), sending(again if newer else kept), point)
    assert_forced(how, point)
    happened("forced_orders", meeting="a form sent again", held=str(point), newer=str(newer))
    assert {how.first.status_code, how.second.status_code} <= {302, 409, 422}  # type: ignore[attr-defined]
    accepted = Order.objects.get(account=owner.account)
    if not newer:
        assert how.first.headers["Location"] == how.second.headers["Location"]  # type: ignore[attr-defined]
        assert how.first.headers["Location"] == f"/orders/{accepted.public_id}/"  # type: ignore[attr-defined]
    world.collected(accepted, now=clock.now())
    assert_paid_once(accepted.quote, sandbox)
    assert_balanced(sandbox)
