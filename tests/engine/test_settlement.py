"""What a settled draft leaves behind, as the tests of the engine have it."""

import pytest

from palier.engine.subscription import Item
from tests.engine.facts import BUSINESS, TEAM, at, change, days, subscription
from tests.engine.settlement import settled

JUNE = days("2026-06-01", "2026-07-01")
DRAFT = change(subscription(Item(TEAM, 3), period=JUNE), BUSINESS, 3, "2026-06-20")


def test_a_credit_ends_the_line_it_takes_from() -> None:
    before = subscription(Item(TEAM, 3), period=JUNE)
    after = settled(before, DRAFT, ["credit", "charge"])
    assert after.state == DRAFT.after
    old, new = after.paid
    assert (old.credited_minor, old.ends_at) == (10900, at("2026-06-21 00:00"))
    assert (new.line, new.key, new.amount_minor) == ("charge", "business", 15900)


def test_needs_an_id_for_each_line() -> None:
    with pytest.raises(ValueError, match="shorter"):
        settled(subscription(Item(TEAM, 3), period=JUNE), DRAFT, ["one"])
