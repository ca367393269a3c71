"""A serialisation failure, a deadlock or a lock that does not come, at each statement of the flows that move money or
seats (F20): the unit that it meets leaves nothing, nothing is asked of the gateway inside of one, and done again the
flow ends as if nothing had been.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from palier.apps.accounts.models import Travel
from palier.apps.agenda.models import BillingChunk
from palier.flows import renew, seats, travel
from palier.flows.people import invite
from tests.books import assert_balanced
from tests.faults.conflicts import CODES, Books, Snag
from tests.faults.meetings import end_of
from tests.faults.pauses import Action, Trouble, interrupted
from tests.faults.test_forced_conflicts import DOING, Doing
from tests.flows.test_races_of_a_life import JULY, MID_JUNE, Stage, accepting_and_reducing
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess
from tests.stories.teller import Life
from tests.world import NOON

AT_MOST: Final = sized(10, 1_000, 1_000)
"""Statements of a flow that are struck at."""

EACH: Final = sized(1, 3, 3)
"""With how many of the codes; where with one, they take turns."""


def renewing_a_chunk(stage: Stage) -> Action:
    renew.plan(now=JULY)
    chunk = BillingChunk.objects.latest("id")
    return partial(renew.chunk, chunk.id, now=JULY)


def joining(stage: Stage) -> Action:
    accepting, _ = accepting_and_reducing(stage)
    return accepting


def inviting(stage: Stage) -> Action:
    return partial(invite.people, stage.account, stage.owner, ["new@races.example"], now=MID_JUNE)


def giving_seats_back(stage: Stage) -> Action:
    return partial(seats.reduce, stage.account, stage.owner, 5, interval="month", now=MID_JUNE)


FLOWS: Final[tuple[Doing, ...]] = (*DOING, renewing_a_chunk, giving_seats_back, inviting, joining)


@pytest.fixture
def books(database_url: str) -> Iterator[Books]:
    found = Books(database_url)
    yield found
    found.close()


def rehearsed(doing: Doing, books: Books, sandbox: SandboxProcess) -> tuple[int, dict[str, object]]:
    """How many statements a flow has where nobody disturbs it, and how its account stands in the end."""
    stage, snag = Stage(sandbox), Snag(books)
    done = interrupted(snag.on(doing(stage)))
    assert not isinstance(done.answer, Exception), repr(done.answer)
    return snag.passed, end_of(stage)


def strikes(count: int) -> list[tuple[int, str]]:
    """Where and with which code: at the first statement and the last, and at others evenly between."""
    most = min(count, AT_MOST)
    places = [turn * (count - 1) // (most - 1) for turn in range(most)]
    return [(place, CODES[(turn + more) % 3]) for turn, place in enumerate(places) for more in range(EACH)]


def struck(action: Action, places: list[tuple[int, str]], books: Books) -> None:
    """Do it again and again, each time with a conflict at another place, until it comes to its end.

    What an earlier turn has committed is not done again: a turn may have fewer statements than the first.
    """
    for place, code in [*places, (None, "")]:
        snag = Snag(books, place, code)
        acted = interrupted(snag.on(action))
        if not snag.struck:
            assert not isinstance(acted.answer, Exception), repr(acted.answer)
            return
        told = f"{code} instead of {snag.struck} ({place})"
        assert isinstance(acted.answer, Trouble), f"{told}: {acted.answer!r}"
        assert books.now() == snag.before, told
        happened("conflicts", code=code)


@pytest.mark.parametrize("doing", FLOWS, ids=lambda doing: doing.__name__)
def test_what_meets_a_conflict_leaves_nothing_and_is_done_again(
    sandbox: SandboxProcess, books: Books, doing: Doing
) -> None:
    count, undisturbed = rehearsed(doing, books, sandbox)
    stage = Stage(sandbox)
    struck(doing(stage), strikes(count), books)
    assert end_of(stage) == undisturbed
    assert_balanced(sandbox)


def test_a_journey_that_meets_a_conflict_goes_on(sandbox: SandboxProcess, books: Books) -> None:
    """It is stopped for a person to look at only where something is wrong with what falls due."""
    life, quiet = Life(sandbox, NOON), Snag(books)
    life.buys("team", seats=1)
    interrupted(quiet.on(_a_month(life)))
    struck(_a_month(life), strikes(quiet.passed), books)
    assert {journey.state for journey in Travel.objects.all()} == {"arrived"}
    assert [invoice.state for invoice in life.invoices] == ["paid"] * 3
    life.ends_well()


def _a_month(life: Life) -> Action:
    """A journey over a renewal and its charge, as the worker's job does it."""
    journey = travel.depart(life.account, life.now + timedelta(days=31), now=NOON)

    def travelling() -> None:
        for later in travel.stages(journey.id):
            travel.step(journey.id, later, now=NOON)

    return travelling
