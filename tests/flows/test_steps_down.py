"""What belongs to the end of the paid period is refused by name, says when, and changes nothing."""

import pytest

from palier.apps.orders.models import Quote
from palier.flows import quote
from palier.flows.change import Choice
from palier.flows.quote_refusals import DowngradeWaits, FewerSeatsWait, NothingChanges, ShorterIntervalWaits
from palier.kit.refusals import Refusal
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        (Choice("team", "year", 6), DowngradeWaits),
        (Choice("business", "year", 5), FewerSeatsWait),
        (Choice("enterprise", "year", 5), FewerSeatsWait),
        (Choice("business", "month", 6), ShorterIntervalWaits),
        (Choice("enterprise", "month", 9), ShorterIntervalWaits),
        (Choice("business", "year", 6), NothingChanges),
    ],
    ids=lambda value: getattr(value, "plan", "") and f"{value.plan}-{value.interval}-{value.seats}",
)
def test_from_six_users_on_business_annual(
    cast: Cast, sandbox: SandboxProcess, wanted: Choice, refusal: type[Refusal]
) -> None:
    world.bought(sandbox, cast.owner, "business", "year", 6)
    kept = Quote.objects.count()
    with pytest.raises(refusal) as caught:
        quote.make(world.fresh(cast.account), cast.owner, wanted, now=NOON)
    if refusal is not NothingChanges:
        assert "1 June 2027" in caught.value.text("en")
        assert "1er juin 2027" in caught.value.text("fr")
    assert Quote.objects.count() == kept
