"""What makes room: the add-on where it is enough and cheaper, else the lowest plan that is enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.engine.grants import Grant, Part, Per
from palier.engine.remedies import Remedy, best, roomy, units_for


def plan(key: str, limit: int | None, extra_minor: int) -> Remedy:
    return Remedy("plan", key, 0, limit, extra_minor)


PACK = Remedy("add_on", "pack", 1, 20_000, 2_500)


@pytest.mark.parametrize(
    ("add_on", "plans", "found"),
    [
        (PACK, [plan("business", 100_000, 20_000)], "pack"),
        (PACK, [plan("business", 100_000, 2_000)], "business"),
        (PACK, [plan("business", 100_000, 2_500)], "business"),
        (PACK, [], "pack"),
        (None, [plan("business", 100, 1), plan("enterprise", None, 9)], "enterprise"),
        (None, [plan("business", 100, 1)], None),
        (None, [], None),
    ],
)
def test_the_cheaper_one_that_is_enough(add_on: Remedy | None, plans: list[Remedy], found: str | None) -> None:
    chosen = best(add_on, plans, needed=15_000)
    assert (chosen and chosen.key) == found


def test_just_as_much_as_is_needed_is_enough() -> None:
    assert plan("business", 100, 1).suffices(100)
    assert not plan("business", 100, 1).suffices(101)
    assert plan("enterprise", None, 1).suffices(10**12)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**6))
def test_the_units_are_enough_and_one_less_is_not(needed: int, limit: int, adds: int) -> None:
    units = units_for(needed, limit, adds)
    assert limit + units * adds >= needed
    assert units == 0 or limit + (units - 1) * adds < needed


@given(st.integers(0, 10**9))
def test_roomy_is_the_least_limit_below_every_threshold(used: int) -> None:
    def reached(limit: int) -> int:
        return Grant("x", Per.ACCOUNT, False, (Part(limit, 1),), ()).reached(used)

    assert isinstance(roomy(used), int)
    assert reached(roomy(used)) == 0
    assert roomy(used) <= 1 or reached(roomy(used) - 1) > 0
