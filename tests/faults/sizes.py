"""How much is killed: a spread in every test run, each moment in a night, everything before a release."""

from collections.abc import Iterator, Sequence
from typing import Final

from tests.faults.crash import moments
from tests.report.happened import covered, happened
from tests.report.size import SIZE, Size

AT_MOST: Final = 10
"""The moments of one story that a test run kills at."""


def chosen(points: list[str]) -> list[int]:
    """The moments at which a story is killed: all of them, or at the size ``pr`` the same few each time."""
    all_moments = moments(points)
    return all_moments if SIZE is not Size.PR else spread(points, all_moments, AT_MOST)


def deaths(story: str, points: list[str], killed: Sequence[int], **detail: int) -> None:
    """Count the deaths of a story at those of its points, and the moments that they cover."""
    happened("process_kills", len(killed), story=story, **detail)
    all_moments = moments(points)
    covered(story, points=len(points), moments=len(all_moments), killed=len({*killed} & {*all_moments}))


def in_turn[T](numbers: list[int], who: Sequence[T], *, each: bool) -> Iterator[tuple[int, T]]:
    """Each moment with one of those who come back in turn, or with ``each`` of them."""
    for turn, number in enumerate(numbers):
        yield from ((number, one) for one in (who if each else (who[turn % len(who)],)))


def spread(points: list[str], among: list[int], most: int) -> list[int]:
    """The first and the last, those beside a commit and around a request that moves money, and others between them."""
    if len(among) <= most:
        return among
    ends, wanted = {0, len(among) - 1}, set[int]()
    for turn, number in enumerate(among):
        if points[number] == "before commit" or _leaves(points[number]):
            wanted |= {turn, turn + 1}
    picked = ends | set(_evenly(sorted(wanted - ends), most - len(ends)))
    others = [turn for turn in range(len(among)) if turn not in picked]
    return [among[turn] for turn in sorted(picked | set(_evenly(others, most - len(picked))))]


def _leaves(point: str) -> bool:
    """The last bytes of a request that moves money are about to leave; the moment after is before the answer."""
    return point.startswith("before POST /v1/") and point.endswith(("send_request_body", "receive_response_body"))


def _evenly(among: list[int], most: int) -> list[int]:
    if len(among) <= most:
        return among
    return [among[turn * len(among) // most] for turn in range(most)]
