"""The engine alone: a draft, the core of a quote in integers against fractions, and the price table of a page."""

import json
from datetime import UTC, datetime
from fractions import Fraction

from bench import timing
from bench.report import Measure, at_most, figure
from palier.engine import drafts
from palier.engine.money import Rounding, round_minor
from palier.engine.periods import Interval
from palier.engine.policies import ProrationPolicy
from palier.engine.prices import ItemKind, Price
from palier.engine.tables import Scene, figures, price_table
from palier.engine.taxes import PPM, TaxRule

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
POLICY = ProrationPolicy()
TAX = TaxRule(rate_ppm=200_000, category="S", country="FR")
SEATS = range(1, 201)


def measures() -> list[Measure]:
    """A draft, a quote, a table."""
    team = prices()[0]
    scene = Scene(left=18, units=30, paid_seats=5)
    exact = timing.microseconds(lambda: figures(team.unit_minor, 8, scene, TAX.rate_ppm, POLICY))
    fractions = timing.microseconds(lambda: in_fractions(team.unit_minor, 8, scene, TAX.rate_ppm))
    draft = timing.microseconds(lambda: drafts.new_subscription(plan=team, seats=8, tax=TAX, policy=POLICY, now=NOW))
    milliseconds = timing.microseconds(table) / 1000
    size = len(json.dumps(table(), separators=(",", ":")))
    return [
        at_most("quote core, whole numbers", exact, 5, "us"),
        Measure("quote core, the same in fractions", f"{figure(fractions)} us", ratio=fractions / exact),
        Measure("whole draft: lines, taxes, renewal", f"{figure(draft)} us"),
        at_most(f"price table, {len(prices())} prices x {len(SEATS)} seats", milliseconds, 16, "ms"),
        Measure("the same as JSON", f"{figure(size / 1000)} kB"),
    ]


def prices() -> list[Price]:
    """Two plans, monthly and annual."""
    plans = (("team", 1, 10900, 9900), ("business", 2, 13500, 12500))
    return [
        Price(key, ItemKind.PLAN, rank, interval, "EUR", minor)
        for key, rank, monthly, annual in plans
        for interval, minor in ((Interval.MONTH, monthly), (Interval.YEAR, annual))
    ]


def table() -> list[dict[str, object]]:
    """What a page carries so that a click needs no request."""
    rows = price_table(prices(), seats=SEATS, tax=TAX, policy=POLICY, now=NOW)
    return [{"plan": row.plan, "interval": row.interval, "net": row.net_minor, "tax": row.tax_minor} for row in rows]


def in_fractions(price_minor: int, seats: int, scene: Scene, rate_ppm: int) -> tuple[int, int]:
    """The same quote by the arithmetic that cannot be wrong."""
    share = Fraction(scene.left, scene.units)
    net = round_minor(Fraction(price_minor) * (seats - scene.paid_seats) * share, Rounding.HALF_UP)
    return net, round_minor(net * Fraction(rate_ppm, PPM), Rounding.HALF_UP)
