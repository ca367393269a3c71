"""A member asks for a seat; who may buy approves with the card on file, gives a free one, or declines with a word."""

from datetime import timedelta

import pytest

from palier.apps.accounts.models import Member
from palier.apps.events.models import Event
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order, Quote, SeatRequest
from palier.apps.payments.models import Payment
from palier.apps.subscriptions import seats
from palier.flows import order, quote, schedule, seat_requests
from palier.flows.ask import AlreadyAsked, NoteTooLong
from palier.flows.order_refusals import NoSavedCard, TermsNotAccepted
from palier.flows.people import invite, members
from palier.flows.people.buyers import NotABuyer
from palier.flows.seat_requests import (
    AlreadyWaits,
    BuyersDoNotAsk,
    NoSeatsCounted,
    NoSeatToGive,
    RequestAnswered,
    SeatNotMissing,
    WishTooLong,
)
from palier.kit.refusals import Refusal
from tests import world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.together import together
from tests.world import NOON, Cast

LATER = NOON + timedelta(days=10)
"""11 June: the day of the change counts as used, so 19 of 30 days are left."""


def asked(member: Member, wished: str = "new@lumiere.example", note: str = "She begins on Monday.") -> SeatRequest:
    return seat_requests.ask(member, wished=wished, note=note, now=LATER)


def stored(request: SeatRequest) -> SeatRequest:
    return SeatRequest.objects.select_related("member__user", "account", "quote").get(pk=request.pk)


def kinds(kind: str) -> list[tuple[str, str]]:
    return sorted(Mail.objects.filter(kind=kind).values_list("recipient", "language"))


@pytest.fixture
def full(cast: Cast, sandbox: SandboxProcess) -> Cast:
    """Four seats, four people."""
    world.bought(sandbox, cast.owner, seats=4)
    return cast


def test_those_who_may_buy_are_told_in_their_language(full: Cast) -> None:
    full.billing_admin.user.language = "fr"
    full.billing_admin.user.save()
    asked(full.member)
    assert kinds("seat_request") == [("billing_admin@lumiere.example", "fr"), ("owner@lumiere.example", "en")]
    told = Mail.objects.get(kind="seat_request", language="fr")
    assert told.subject == "Member Person demande une place"
    for words in ("new@lumiere.example", "She begins on Monday.", "/settings/members/requests/srq_"):
        assert words in told.text


def test_approval_pays_the_promised_price_and_tells_who_asked_once_it_is_settled(
    full: Cast, sandbox: SandboxProcess
) -> None:
    request = stored(asked(full.admin))
    promise = seat_requests.promise(request, full.billing_admin, now=LATER)
    assert (promise.seats, promise.total_minor) == (5, 69_03 + 13_81), "19 of 30 days of 109.00, and VAT"
    assert seat_requests.promise(stored(request), full.owner, now=LATER) == promise, "the same promise while it holds"
    placed = seat_requests.approve(stored(request), full.owner, evidence=world.evidence(), now=LATER)
    waiting = stored(request)
    assert waiting.state == "waiting"
    assert not kinds("seat_approved")
    world.collected(placed, now=LATER)
    done = stored(request)
    assert (done.state, done.answered_by, done.answered_at) == ("approved", full.owner, LATER)
    assert kinds("seat_approved") == [("admin@lumiere.example", "en")]
    assert Payment.objects.get(order=placed).amount_minor == promise.total_minor
    assert seat_requests.approve(waiting, full.billing_admin, evidence=world.evidence(), now=LATER) == placed
    counted = seats.of_account(full.account, now=LATER)
    assert counted is not None
    assert (counted.bought, counted.free) == (5, 1)
    assert Event.objects.filter(kind="seat.approved").count() == 1
    assert_balanced(sandbox)


def test_a_lapsed_promise_gives_way_to_a_new_one(full: Cast, sandbox: SandboxProcess) -> None:
    request = stored(asked(full.member))
    first = seat_requests.promise(request, full.owner, now=LATER)
    second = seat_requests.promise(request, full.owner, now=LATER + timedelta(hours=1))
    assert first != second
    world.bought(sandbox, full.owner, seats=6, now=LATER)
    invite.people(full.account, full.owner, ["one@lumiere.example", "two@lumiere.example"], now=LATER)
    third = seat_requests.promise(request, full.owner, now=LATER)
    assert third.seats == 7


def test_no_seat_is_sold_while_one_that_is_paid_for_stands_idle(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=4)
    request = stored(asked(cast.member))
    kept = seat_requests.promise(request, cast.owner, now=LATER)
    members.deactivate(cast.admin, cast.owner, licence="reduce", now=LATER)
    with pytest.raises(SeatNotMissing):
        seat_requests.promise(stored(request), cast.owner, now=LATER + timedelta(hours=1))
    with pytest.raises(SeatNotMissing):
        seat_requests.approve(stored(request), cast.owner, evidence=world.evidence(), now=LATER)
    with pytest.raises(SeatNotMissing):
        seat_requests.give(stored(request), cast.owner, now=LATER)
    (reduction,) = cast.account.subscriptions.get().scheduled.filter(state="waiting")
    schedule.withdraw(reduction, cast.owner, now=LATER)
    seat_requests.give(stored(request), cast.owner, now=LATER)
    assert stored(request).state == "approved"
    assert not Order.objects.filter(quote=kept).exists()


def test_an_approval_that_goes_through_the_checkout_answers_as_well(full: Cast, sandbox: SandboxProcess) -> None:
    request = stored(asked(full.member))
    kept = seat_requests.promise(request, full.owner, now=LATER)
    fresh = quote.renew(kept, now=LATER + timedelta(minutes=40))
    world.collected(world.placed(sandbox, fresh, now=LATER + timedelta(minutes=40)), now=LATER + timedelta(minutes=40))
    assert stored(request).state == "approved"


def test_a_declined_card_leaves_the_request_waiting(full: Cast, sandbox: SandboxProcess) -> None:
    request = stored(asked(full.member))
    kept = seat_requests.promise(request, full.owner, now=LATER)
    world.collected(world.placed(sandbox, kept, world.DECLINED, now=LATER), now=LATER)
    assert stored(request).state == "waiting"
    assert not kinds("seat_approved")
    with pytest.raises(RequestAnswered):
        seat_requests.decline(stored(request), full.owner, now=LATER)


def test_a_free_seat_is_given_at_no_charge(full: Cast) -> None:
    request = stored(asked(full.admin))
    with pytest.raises(NoSeatToGive):
        seat_requests.give(request, full.owner, now=LATER)
    members.deactivate(full.member, full.owner, now=LATER)
    seat_requests.give(request, full.owner, now=LATER)
    assert stored(request).state == "approved"
    assert kinds("seat_approved") == [("admin@lumiere.example", "en")]
    assert Order.objects.count() == 1, "the first purchase"


def test_declined_with_a_word(full: Cast) -> None:
    request = stored(asked(full.member))
    seat_requests.decline(request, full.billing_admin, "Not before\x1b January.", now=LATER)
    answered = stored(request)
    assert (answered.state, answered.answer) == ("declined", "Not before January.")
    assert "Not before January." in Mail.objects.get(kind="seat_declined").text
    again: list[Refusal] = []
    for answer in (
        lambda: seat_requests.decline(stored(request), full.owner, now=LATER),
        lambda: seat_requests.approve(stored(request), full.owner, evidence=world.evidence(), now=LATER),
    ):
        with pytest.raises(RequestAnswered) as raised:
            answer()
        again.append(raised.value)
    assert Mail.objects.filter(kind="seat_declined").count() == 1
    with pytest.raises(AlreadyAsked):
        asked(full.member)


def test_who_has_left_meanwhile_hears_nothing(full: Cast) -> None:
    request = asked(full.member)
    members.remove(full.member, full.owner, now=LATER)
    seat_requests.give(stored(request), full.owner, now=LATER)
    assert stored(request).state == "approved"
    assert not Mail.objects.filter(kind="seat_approved").exists()


def test_bad_requests_are_refused_by_name_and_tell_nobody(cast: Cast, sandbox: SandboxProcess) -> None:
    def refuses(refusal: type[Refusal], member: Member, **typed: str) -> None:
        with pytest.raises(refusal) as raised:
            asked(member, **typed)
        assert "othing" in raised.value.text("en")
        assert "Rien" in raised.value.text("fr") or "rien" in raised.value.text("fr")

    refuses(NoSeatsCounted, cast.member)
    world.bought(sandbox, cast.owner, seats=4)
    refuses(BuyersDoNotAsk, cast.owner)
    refuses(BuyersDoNotAsk, cast.billing_admin)
    refuses(WishTooLong, cast.member, wished="x" * 255)
    refuses(NoteTooLong, cast.member, note="x" * 501)
    assert not SeatRequest.objects.exists()
    asked(cast.member)
    refuses(AlreadyWaits, cast.member)
    assert SeatRequest.objects.count() == 1
    assert len(kinds("seat_request")) == 2


def test_only_who_may_buy_answers_and_only_with_the_terms_accepted(full: Cast) -> None:
    request = stored(asked(full.member))
    for by in (full.admin, full.member, full.stranger):
        for answer in (
            lambda by=by: seat_requests.promise(request, by, now=LATER),
            lambda by=by: seat_requests.give(request, by, now=LATER),
            lambda by=by: seat_requests.decline(request, by, now=LATER),
        ):
            with pytest.raises(NotABuyer):
                answer()
    seat_requests.promise(request, full.owner, now=LATER)
    with pytest.raises(TermsNotAccepted):
        seat_requests.approve(stored(request), full.owner, evidence=None, now=LATER)
    full.account.payment_methods.update(is_default=False)
    with pytest.raises(NoSavedCard):
        seat_requests.approve(stored(request), full.owner, evidence=world.evidence(), now=LATER)
    assert stored(request).state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_approved_by_two_at_once_one_seat_is_bought(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=4)
    request = stored(asked(cast.member))
    seat_requests.promise(request, cast.owner, now=LATER)

    def approving(by: Member) -> Order:
        return seat_requests.approve(stored(request), by, evidence=world.evidence(), now=LATER)

    answers = together([lambda: approving(cast.owner), lambda: approving(cast.billing_admin)] * 4)
    (placed,) = {answer for answer in answers if isinstance(answer, Order)}
    world.collected(placed, now=LATER)
    assert Quote.objects.get(seat_request=request).order == placed
    counted = seats.of_account(cast.account, now=LATER)
    assert counted is not None
    assert counted.bought == 5
    assert len(kinds("seat_approved")) == 1
    assert order.standing(Quote.objects.get(seat_request=request), now=LATER)
    assert_balanced(sandbox)
