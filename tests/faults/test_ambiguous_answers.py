"""The gateway's answer leaves open whether money moved (F07 to F10): everything that charges ends with one charge, or
with none and a person who looks; whatever happens meanwhile.

See ``docs/reference/faults.md``. Each case is a flow on a fresh account, an answer that is lost or says nothing, a
while in which the gateway may be out of reach, and somebody or nobody who comes back. Seeded; a failing case is named.
"""

import random
from contextlib import suppress
from datetime import datetime
from typing import Final

import pytest
from django.test import Client

from palier.apps.accounts.models import Member, Role
from palier.apps.gateways.contract import GatewayUnreachable
from palier.flows.refund import NotRefunded
from tests.actors import stories
from tests.books import assert_balanced
from tests.faults.ambiguity import (
    FORBIDDEN,
    SEEN,
    UNSEEN,
    Case,
    cases,
    clock_turns_until_known,
    home_again,
    new_payments,
    out_of_reach,
    the_clock_goes_on,
    unknown,
)
from tests.faults.plays import Play, Staging
from tests.faults.plays_of_charges import first_purchase, plan_change, renewal
from tests.faults.plays_of_debts import card_change, pay_now, retry_that_pays
from tests.faults.plays_of_endings import late_capture
from tests.faults.plays_of_purchases import more_seats, seat_request
from tests.report.happened import happened, measured
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess

SEED: Final = 20_261_126
CASES: Final = sized(17, 278, 1_112)
PARTS: Final = (1, 2)
"""So many cases of each flow, twice: two shorter tests."""

LOOKED_AT: Final = sized(9, 50, 50)
"""At every so many cases the customer looks at the page."""

FLOWS: Final[tuple[Staging, ...]] = (
    first_purchase,
    plan_change,
    more_seats,
    seat_request,
    renewal,
    pay_now,
    card_change,
    retry_that_pays,
)
"""All that charges. The money that goes back has a test of its own."""


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("staging", FLOWS, ids=lambda staging: staging.__name__)
def test_an_answer_that_says_nothing_ends_in_one_charge_or_in_none_and_a_person_who_looks(
    staging: Staging, part: int, sandbox: SandboxProcess
) -> None:
    mixed = cases(random.Random(f"{SEED} {staging.__name__} {part}"), CASES, faults=(*UNSEEN, *SEEN), long=True)
    broken = []
    for turn, case in enumerate(mixed):
        play = staging(sandbox)
        if why := _breaks(play, case, sandbox, looked_at=turn % LOOKED_AT == 0):
            broken.append(f"{case}: {why}")
    assert not broken, "\n".join(broken)
    assert_balanced(sandbox)


@pytest.mark.parametrize("part", PARTS)
def test_a_refund_whose_answer_says_nothing_gives_the_money_back_once(sandbox: SandboxProcess, part: int) -> None:
    faults = (*UNSEEN, *(fault for fault in SEEN if fault != "error_replayed"))
    broken = []
    for case in cases(random.Random(f"{SEED} refund {part}"), CASES, faults=faults, long=True):
        play = late_capture(sandbox)
        sandbox.fault(case.fault, operation="refund")
        with pytest.raises(NotRefunded):
            stories.STORIES[play.story](**play.arguments)
        happened("ambiguous_answers", seed=SEED)
        if why := _resolved(play, case, sandbox):
            broken.append(f"{case}: {why}")
    assert not broken, "\n".join(broken)


def _breaks(play: Play, case: Case, sandbox: SandboxProcess, *, looked_at: bool) -> str:
    """What of the promises is broken in the end; empty where they hold."""
    sandbox.fault(case.fault)
    stories.STORIES[play.story](**play.arguments)
    lost = unknown(play)
    if len(lost) != 1:
        return f"{len(lost)} payments are unknown after the answer was lost"
    happened("ambiguous_answers", seed=SEED)
    if looked_at and "please do not pay again" not in _page(play):
        return "the page does not say that nobody shall pay again"
    return _resolved(play, case, sandbox)


def _resolved(play: Play, case: Case, sandbox: SandboxProcess) -> str:
    """Let it happen, let the gateway come back, and read both books."""
    try:
        with out_of_reach(sandbox, case.away):
            with suppress(NotRefunded, GatewayUnreachable):
                case.then(play, sandbox)
            the_clock_goes_on(play, case.away)
        took = clock_turns_until_known(play, play.at + case.away)
        measured("unknown_resolved", took.total_seconds())
        if case.unanswerable and not play.facts("payment.taken_late"):  # whether money went back is always told
            _assert_left_to_a_person(play, sandbox)
        else:
            play.kept(play, sandbox)
        _assert_never_sent_with_an_old_key(play, sandbox)
    except AssertionError as error:
        return str(error).partition("\n")[0] or repr(error)
    finally:
        home_again(sandbox, case.away)
    return ""


def _assert_left_to_a_person(play: Play, sandbox: SandboxProcess) -> None:
    """The gateway has no such charge and may have forgotten the key: parked, never sent again, and the page says so."""
    (payment,) = new_payments(play)
    assert (payment.state, payment.reason) == ("parked", "unknown_to_gateway")
    assert (play.facts("payment.parked"), play.taken(sandbox)) == (1, {})
    assert "please do not pay again" in _page(play), "the page does not say that a person looks"


def _assert_never_sent_with_an_old_key(play: Play, sandbox: SandboxProcess) -> None:
    """By the gateway's own clock, no request of ours came with a key that it may have forgotten."""
    references = [payment.public_id for payment in new_payments(play)]
    tries = sandbox.book_of((), references)["attempts"]
    ages = [(datetime.fromisoformat(tries[-1]["at"]) - datetime.fromisoformat(tries[0]["at"])) for _ in tries[:1]]
    assert all(age < FORBIDDEN for age in ages), "sent again under a key that may be forgotten"


def _page(play: Play) -> str:
    """What the customer sees where they paid."""
    (payment,) = unknown(play) or new_payments(play)
    owner = Member.objects.select_related("user").get(account=play.account, role=Role.OWNER)
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(owner.user)
    if payment.order is not None:
        answer = client.get(f"/orders/{payment.order.public_id}/")
    else:
        assert payment.invoice is not None
        answer = client.get(f"/settings/billing/invoices/{payment.invoice.public_id}/")
    assert answer.status_code == 200
    return answer.content.decode()
