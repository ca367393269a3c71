"""Flows that are played by way of a link: what they ask, where it is broken, and what their caller is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Final

from django.db import connections

from tests.actors import stories
from tests.faults.plays import Play
from tests.faults.proxy import Fault, How, Link, Place
from tests.faults.wire import Exchange
from tests.report.size import sized

STATEMENTS: Final = 4
"""At so many statements of a flow that are no commits a test run breaks the link."""

MANNERS: Final = (
    (Place.BEFORE, How.CUT),
    (Place.UNANSWERED, How.RESET),
    (Place.INTO, How.CUT),
    (Place.HALF, How.RESET),
    (Place.BEFORE, How.RESET),
    (Place.UNANSWERED, How.CUT),
    (Place.INTO, How.RESET),
    (Place.HALF, How.CUT),
)


@contextmanager
def by_way_of(link: Link) -> Iterator[None]:
    """Our connection to the database leads over a link, and afterwards straight to it again."""
    ours = connections["default"]
    ours.close()
    straight = dict(ours.settings_dict)
    ours.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(link.port)}
    try:
        yield
    finally:
        link.disarm()
        ours.close()
        ours.settings_dict |= straight


def played(play: Play, link: Link, fault: Fault | None = None) -> Exception | None:
    """Play a story by way of a link; what its caller was told of the end, None where all went well."""
    if fault is not None:
        link.arm(fault)
    with by_way_of(link):
        try:
            stories.STORIES[play.story](**play.arguments)
        except Exception as error:
            return error
    return None


def questions(link: Link, play: Play) -> list[Exchange]:
    """All that a story asks the database, from a run that nobody breaks."""
    link.passed.clear()
    trouble = played(play, link)
    assert trouble is None, repr(trouble)
    return list(link.passed)


def faults(asked: list[Exchange]) -> list[tuple[int, Fault]]:
    """Where a story is broken, with the number of the question.

    Each commit, before and after the server has it; and others between, each in one of the manners: some in a test run,
    all in a night, and all in every manner before a release.
    """
    commits = [number for number, one in enumerate(asked) if one.commits]
    others = [number for number, one in enumerate(asked) if not one.commits]
    at_commit = [(number, place, How.CUT) for number in commits for place in (Place.BEFORE, Place.UNANSWERED)]
    some, each = others[:: max(1, len(others) // STATEMENTS)][:STATEMENTS], list(range(len(asked)))
    between = sized(
        [(number, *manner) for number, manner in zip(some, cycle(MANNERS), strict=False)],
        [(number, *manner) for number in each for manner in MANNERS[:4]],
        [(number, *manner) for number in each for manner in MANNERS],
    )
    return [(number, Fault(place, how, skip=number)) for number, place, how in [*at_commit, *between]]
