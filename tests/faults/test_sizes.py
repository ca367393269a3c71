"""Which moments a test run kills at: a few, always the same, and those that matter first."""

from tests.faults.crash import moments
from tests.faults.sizes import spread

POINTS = [
    *(f"{edge} SELECT table_{number}" for number in range(30) for edge in ("before", "after")),
    "before commit",
    "after commit",
    *(
        f"{edge} POST /v1/charges: http11.{step}"
        for step in ("send_request_headers", "send_request_body", "receive_response_body")
        for edge in ("before", "after")
    ),
    *(f"{edge} SELECT other_{number}" for number in range(30) for edge in ("before", "after")),
]


def test_the_ends_a_commit_and_a_request_are_always_among_the_few() -> None:
    every = moments(POINTS)
    few = spread(POINTS, every, 10)
    assert len(few) == 10
    assert {0, len(POINTS) - 1} <= set(few)
    for name in (
        "commit",
        "POST /v1/charges: http11.send_request_body",
        "POST /v1/charges: http11.receive_response_body",
    ):
        number = POINTS.index(f"before {name}")
        assert {number, every[every.index(number) + 1]} <= set(few), name
    assert few == sorted(few)


def test_where_there_are_few_each_is_one() -> None:
    every = moments(POINTS)
    assert spread(POINTS, every, len(every)) == every
