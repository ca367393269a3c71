"""Drafts as JSON and back: every kind of draft comes back as it was, and nothing else is read."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from operator import getitem
from typing import Any

import pytest

from palier.engine import drafts, wire
from palier.engine.drafts import Draft
from palier.engine.mixed import combined, with_ending
from palier.engine.periods import Interval
from palier.engine.prices import price_of_period
from palier.engine.subscription import Item
from tests.engine.facts import (
    BUSINESS,
    NONE,
    POLICY,
    RECORDS,
    REVERSE,
    TEAM,
    TEAM_YEAR,
    VAT,
    at,
    change,
    days,
    policy,
    subscription,
)

JUNE = days("2026-06-01", "2026-07-01")
THE_YEAR = days("2026-03-01", "2027-03-01")
DRAFT = drafts.change(
    subscription(Item(TEAM, 3), period=JUNE), plan=BUSINESS, seats=3, tax=VAT, policy=POLICY, now=at("2026-06-20")
)
UNEVEN = price_of_period(key="team", kind=TEAM.kind, rank=1, interval=Interval.YEAR, currency="EUR", unit_minor=100_00)


def first_year_at_an_uneven_price() -> Draft:
    return drafts.new_subscription(plan=UNEVEN, seats=3, tax=REVERSE, policy=POLICY, now=at("2026-06-01"))


def with_add_ons_under_two_rules() -> Draft:
    rules = {"team": VAT, "records": NONE}
    return drafts.new_subscription(
        plan=TEAM, seats=3, add_ons=[Item(RECORDS, 2)], tax=rules, policy=POLICY, now=at("2026-06-01")
    )


def by_the_second_under_other_rules() -> Draft:
    rules = policy(unit="second", change_day="left", day_count="30", rounding="half_even", rounded_per="unit")
    now = datetime(2026, 6, 20, 9, 30, 15, 123456, UTC)
    return drafts.change(
        subscription(Item(TEAM, 3), period=JUNE), plan=BUSINESS, seats=4, tax=VAT, policy=rules, now=now
    )


def of_two_subscriptions() -> Draft:
    return combined(
        change(subscription(Item(TEAM, 4), period=JUNE), TEAM, 6, "2026-06-15"),
        change(subscription(Item(TEAM_YEAR, 2), period=THE_YEAR), TEAM_YEAR, 3, "2026-06-15"),
    )


def of_one_that_ends() -> Draft:
    main = change(subscription(Item(TEAM_YEAR, 2), period=THE_YEAR), TEAM_YEAR, 6, "2026-06-15")
    ends = subscription(Item(TEAM, 4), period=JUNE)
    return with_ending(main, ends, tax=VAT, policy=POLICY, now=at("2026-06-15"))


def the_renewal() -> Draft:
    return drafts.renewal(subscription(Item(TEAM, 3), period=JUNE), tax=VAT, policy=POLICY)


@pytest.mark.parametrize(
    "make",
    [
        first_year_at_an_uneven_price,
        with_add_ons_under_two_rules,
        by_the_second_under_other_rules,
        of_two_subscriptions,
        of_one_that_ends,
        the_renewal,
    ],
)
def test_a_draft_comes_back_as_it_was(make: Callable[[], Draft]) -> None:
    draft = make()
    assert wire.draft_from_json(json.loads(wire.canonical_bytes(draft))) == draft


def test_a_year_keeps_the_sum_that_it_was_sold_at() -> None:
    written = wire.draft_to_json(first_year_at_an_uneven_price())
    assert written["after"]["items"][0]["price"] == {
        "key": "team",
        "kind": "plan",
        "rank": 1,
        "interval": "year",
        "currency": "EUR",
        "monthly_minor": 833,
        "full_minor": 100_00,
    }


def test_the_other_subscription_is_written_only_where_there_is_one() -> None:
    assert "beside" not in wire.draft_to_json(the_renewal())
    assert wire.draft_to_json(of_one_that_ends())["beside"] == {"interval": "month", "state": None, "renewal": None}


def test_a_line_repeats_its_share_as_a_pair() -> None:
    draft = change(subscription(Item(TEAM, 3), period=JUNE), BUSINESS, 3, "2026-06-20")
    line = wire.line_to_json(draft.lines[0])
    assert line["fraction"] == [10, 30]
    assert wire.line_from_json(json.loads(json.dumps(line))) == draft.lines[0]


@pytest.fixture
def in_india(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own clock is not in UTC."""
    with monkeypatch.context() as here:
        here.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_india")
def test_an_instant_is_written_in_utc_whatever_zone_it_was_said_in() -> None:
    assert wire.instant_to_text(at("2026-06-20 08:30")) == "2026-06-20T06:30:00Z"
    assert wire.instant_from_text("2026-06-20T08:30:00.5+02:00") == datetime(2026, 6, 20, 6, 30, 0, 500_000, UTC)
    assert wire.instant_from_text("2026-06-20T08:30:00+02:00").tzinfo is UTC


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Each key in JSON, however deep; ``fraction`` only repeats what left and units say."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        if key != "fraction":
            if isinstance(data, dict):
                yield (*path, key)
            yield from places(value, (*path, key))


def test_each_value_is_read_and_none_may_be_missing() -> None:
    whole = wire.draft_to_json(with_add_ons_under_two_rules())
    whole["beside"] = wire.draft_to_json(of_two_subscriptions())["beside"]
    for *way, key in places(whole):
        half, missing = json.loads(json.dumps(whole)), json.loads(json.dumps(whole))
        reduce(getitem, way, half)[key] = 1.5
        del reduce(getitem, way, missing)[key]
        for broken in (half, missing):
            if broken is not missing or key != "beside":
                with pytest.raises(wire.UnreadableWire):
                    wire.draft_from_json(broken)


def test_the_same_figures_are_the_same_bytes() -> None:
    draft = the_renewal()
    assert wire.digest(draft) == wire.digest(replace(draft))
    assert b" " not in wire.canonical_bytes(draft)


def test_holds_whole_numbers_and_texts_only() -> None:
    def check(value: object) -> None:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            value = list(value.values())
        if isinstance(value, list):
            for entry in value:
                check(entry)
        else:
            assert value is None or type(value) in (int, str)

    check(wire.draft_to_json(DRAFT))


def test_comes_back_through_real_json() -> None:
    assert wire.draft_from_json(json.loads(wire.canonical_bytes(DRAFT))) == DRAFT


def test_the_digest_of_a_promise_that_was_kept_stays_what_it_is() -> None:
    """Another would call every quote that was kept before altered."""
    assert wire.digest(DRAFT) == "160bc6cff1162da1233d886396b7ffead2ef2316e1b0d259b65076e99b960390"
    named = replace(DRAFT, lines=tuple(replace(line, key="équipe") for line in DRAFT.lines))
    assert wire.digest(named) == "bec9468bdafd902990a1e30c25500dac076cb43f449a9a7cf7b4c094f490f241"


def test_the_digest_changes_with_every_figure() -> None:
    seen = {wire.digest(DRAFT)}
    for other in (
        replace(DRAFT, total_minor=1),
        replace(DRAFT, computed_at=at("2026-06-20 12:01")),
        replace(DRAFT, lines=DRAFT.lines[:1]),
        replace(DRAFT, policy=policy(rounding="down")),
    ):
        seen.add(wire.digest(other))
    assert len(seen) == 5


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"net_minor": 1.0},
        {"net_minor": "5000"},
        {"net_minor": True},
        {"change": "gift"},
        {"computed_at": "2026-06-20T10:00:00"},
        {"lines": [{}]},
        {"lines": None},
        {"after": []},
    ],
)
def test_what_it_did_not_write_is_refused_by_name(broken: dict[str, object]) -> None:
    data = {**wire.draft_to_json(DRAFT), **broken} if broken else {}
    with pytest.raises(wire.UnreadableWire):
        wire.draft_from_json(data)
