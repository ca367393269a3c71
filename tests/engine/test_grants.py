"""What an account may have: allowance x seats + add-ons, in tables and for every combination."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.engine.grants import Extra, Grant, GrantOutOfRange, Part, Per, Share, granted

KINDS = {"records": Per.SEAT, "fields": Per.ACCOUNT}


def grants(*shares: Share, extras: tuple[Extra, ...] = ()) -> dict[str, Grant]:
    return {grant.key: grant for grant in granted(KINDS, shares, extras)}


@pytest.mark.parametrize(
    ("allowances", "seats", "units", "records", "fields"),
    [
        ({"records": 10_000, "fields": 15}, 5, 0, 50_000, 15),
        ({"records": 25_000, "fields": 150}, 4, 2, 120_000, 150),
        ({"records": None, "fields": None}, 4, 2, None, None),
        ({"records": 500, "fields": 5}, 1, 0, 500, 5),
        ({"records": 0}, 9, 0, 0, 0),
        ({"records": 0}, 9, 3, 30_000, 0),
    ],
)
def test_a_limit_is_the_allowance_of_each_seat_and_the_add_ons(
    allowances: dict[str, int | None], seats: int, units: int, records: int | None, fields: int | None
) -> None:
    found = grants(Share(seats, allowances), extras=(Extra("more", "records", 10_000, units),))
    assert (found["records"].limit, found["fields"].limit) == (records, fields)


def test_two_subscriptions_share_one_pool_and_an_accounts_allowance_is_not_given_twice() -> None:
    month, year = Share(3, {"records": 10_000, "fields": 15}), Share(5, {"records": 10_000, "fields": 15})
    found = grants(month, year)
    assert found["records"].parts == (Part(10_000, 8),)
    assert found["fields"].parts == (Part(15, 1),)


def test_seats_sold_at_another_allowance_keep_it() -> None:
    found = grants(Share(3, {"records": 8_000, "fields": 20}), Share(5, {"records": 10_000, "fields": 15}))
    assert found["records"].parts == (Part(8_000, 3), Part(10_000, 5))
    assert (found["records"].limit, found["fields"].limit) == (74_000, 20)


def test_a_grant_says_what_it_is_of_and_where_it_comes_from() -> None:
    more = Extra("more", "records", 10_000, 2)
    found = granted(KINDS, [Share(5, {"records": None, "fields": 15})], (more, Extra("none", "fields", 5, 0)))
    assert found == (
        Grant("records", Per.SEAT, unlimited=True, parts=(), extras=()),
        Grant("fields", Per.ACCOUNT, unlimited=False, parts=(Part(15, 1),), extras=()),
    )
    (records, _) = granted(KINDS, [Share(5, {"records": 10})], (more,))
    assert records == Grant("records", Per.SEAT, unlimited=False, parts=(Part(10, 5),), extras=(more,))


def test_seats_that_bring_nothing_are_one_part_of_nothing() -> None:
    assert grants(Share(3, {"records": 0}), Share(5, {}))["records"].parts == (Part(0, 8),)


def test_an_account_without_a_plan_has_nothing() -> None:
    assert [(grant.limit, grant.parts) for grant in granted(KINDS, (), ())] == [(0, ()), (0, (Part(0, 1),))]


@pytest.mark.parametrize(
    ("used", "reached"),
    [(0, 0), (79, 0), (80, 80), (99, 80), (100, 100), (101, 100)],
)
def test_thresholds_are_reached_exactly(used: int, reached: int) -> None:
    assert Grant("fields", Per.ACCOUNT, False, (Part(100, 1),), ()).reached(used) == reached


def test_what_is_not_included_or_unlimited_reaches_nothing() -> None:
    assert Grant("fields", Per.ACCOUNT, False, (Part(0, 1),), ()).reached(7) == 0
    assert Grant("fields", Per.ACCOUNT, True, (), ()).reached(10**12) == 0


@pytest.mark.parametrize("make", [lambda: Share(-1, {}), lambda: Share(1, {"a": -1}), lambda: Extra("a", "b", 1, -1)])
def test_nothing_starts_below_zero(make: object) -> None:
    with pytest.raises(GrantOutOfRange):
        make()  # type: ignore[operator]


counts = st.integers(0, 10**6)
allowed = st.one_of(st.none(), counts)
shares = st.builds(lambda seats, r, f: Share(seats, {"records": r, "fields": f}), counts, allowed, allowed)
extras = st.builds(Extra, st.just("more"), st.sampled_from(list(KINDS)), counts, counts)
pools = st.lists(shares, min_size=1, max_size=3)
bundles = st.lists(extras, max_size=2)


@given(pools, bundles, counts, counts)
def test_may_left_and_exceeded_tell_one_story(those: list[Share], more: list[Extra], used: int, wanted: int) -> None:
    for grant in granted(KINDS, those, more):
        limit, left = grant.limit, grant.left(used)
        if limit is None:
            assert (left, grant.exceeded_by(used), grant.allows(used, wanted)) == (None, 0, True)
            continue
        assert left is not None
        assert used + left - grant.exceeded_by(used) == limit
        assert grant.allows(used, wanted) == (used + wanted <= limit)
        assert grant.allows(used, left + 1) is False


@given(pools, bundles, shares)
def test_more_seats_or_add_ons_never_take_anything_away(those: list[Share], more: list[Extra], new: Share) -> None:
    before, after = granted(KINDS, those, more), granted(KINDS, [*those, new], more)
    for less, grown in zip(before, after, strict=True):
        assert grown.limit is None or (less.limit is not None and grown.limit >= less.limit)
    for less, grown in zip(granted(KINDS, those, ()), before, strict=True):
        assert grown.limit is None or (less.limit is not None and grown.limit >= less.limit)


@given(pools, bundles)
def test_the_order_of_the_subscriptions_does_not_matter(those: list[Share], more: list[Extra]) -> None:
    forwards, backwards = granted(KINDS, those, more), granted(KINDS, those[::-1], more[::-1])
    assert [grant.limit for grant in forwards] == [grant.limit for grant in backwards]
