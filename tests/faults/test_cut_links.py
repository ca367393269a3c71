"""The ways to PostgreSQL and to the payment service are cut while customers pay: at a commit, at a charge, at once."""

import random
from typing import Final

from tests.faults.proxy import Fault, How, Link, Place, commit
from tests.faults.stand import Stand
from tests.faults.wire import Exchange
from tests.faults.witness_load import Load, load
from tests.faults.witness_questions import assert_nothing_lost
from tests.report.happened import happened
from tests.report.size import sized

ROUNDS: Final = sized(2, 30, 150)
PAYERS: Final = 4
SEED: Final = 6


def charge(exchange: Exchange) -> bool:
    """The request that takes money."""
    return exchange.what == "POST /v1/charges"


FAULTS: Final[list[tuple[str, Fault]]] = [
    ("database", Fault(Place.UNANSWERED, How.CUT, commit)),
    ("database", Fault(Place.BEFORE, How.RESET, commit)),
    ("gateway", Fault(Place.UNANSWERED, How.RESET, charge)),
    ("gateway", Fault(Place.HALF, How.CUT, charge)),
]
"""The commit has happened and nobody is told; it never arrives; the money is taken and nobody is told, or half told."""


def test_links_cut_under_load_lose_nothing_and_take_nothing_twice(stand: Stand) -> None:
    chance = random.Random(SEED)
    faults = FAULTS * ROUNDS
    chance.shuffle(faults)
    links = {"database": stand.database_link, "gateway": stand.gateway_link}
    with load(stand, PAYERS) as customers:
        for where, fault in faults:
            customers.ask(chance.randint(1, 10))
            _broken(links[where], fault, customers)
        for link in links.values():
            customers.ask(chance.randint(1, 10))
            happened("link_faults", customers.until(link.break_all, "open connections to cut"), seed=SEED)
    assert_nothing_lost(stand)


def end_of_a_job(exchange: Exchange) -> bool:
    """A worker writes that a job is done."""
    return "procrastinate_finish_job" in exchange.what


def test_a_job_whose_end_could_not_be_written_is_not_done_for_ever(stand: Stand) -> None:
    with load(stand, 1) as customers:
        _broken(stand.database_link, Fault(Place.BEFORE, How.CUT, end_of_a_job), customers)
    assert_nothing_lost(stand)


def _broken(link: Link, fault: Fault, customers: Load) -> None:
    """Break the next question of a kind, and count it once it was broken."""
    already = len(link.seen)
    link.arm(fault)
    customers.until(lambda: len(link.seen) > already, f"{fault.place} to break")
    happened("link_faults", seed=SEED)
