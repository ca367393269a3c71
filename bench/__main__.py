"""Run all measurements, print them beside the targets, and keep them for programs."""

import sys
import time
from collections.abc import Sequence

from bench import arithmetic, report, stage
from bench.report import Measure

RESULT = stage.ROOT / ".palier" / "bench.json"


def main() -> int:
    """Answers 0 whatever was reached: a figure is not a test."""
    started = time.monotonic()
    measures = arithmetic.measures()
    with stage.stage() as staged:
        measures += _with_database(staged)
    print(report.table(measures))
    missed = [one.what for one in measures if one.reached is False]
    print(f"\n{len(missed)} targets not reached{': ' if missed else ''}{'; '.join(missed)}")
    print(f"{time.monotonic() - started:.0f} s on {stage.machine()}. Kept in {RESULT.relative_to(stage.ROOT)}")
    report.keep(measures, RESULT)
    return 0


def _with_database(staged: stage.Stage) -> Sequence[Measure]:
    # Not at the top: models can be imported once the stage has set Django up.
    from bench import chats, confirming, confirms, nights, pages, previews, seeds
    from palier.apps.orders.models import Order
    from palier.kit import clock
    from tests import world

    people = seeds.cast(clock.now())
    made = seeds.buyers(people, 1)
    buyer = seeds.member(made, 0)
    measures = previews.measures(staged, people.owner)
    confirming.confirm(made.quotes)
    settled = Order.objects.get(quote_id=made.quotes)
    kept = world.quoted(buyer, "business", "month", 8, now=clock.now())
    measures += pages.measures(buyer, settled, kept)
    measures += chats.measures(staged, people)
    measures += confirms.measures(staged, people)
    return measures + nights.measures(staged)


if __name__ == "__main__":
    sys.exit(main())
