"""The lines of the report: what was measured beside its target, as a table and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measure:
    """One line. ``reached`` None: told without a target."""

    what: str
    measured: str
    target: str = ""
    ratio: float | None = None
    reached: bool | None = None


def at_most(what: str, value: float, limit: float, unit: str) -> Measure:
    """A figure that must not be larger than its target; the ratio is figure to target."""
    return Measure(what, f"{figure(value)} {unit}", f"<= {limit:g} {unit}", value / limit, value <= limit)


def share_of(what: str, value: float, limit: float, target: float, unit: str, *, of: str) -> Measure:
    """A rate as a share of a limit measured beside it."""
    ratio = value / limit
    said = f"{figure(value)} of {figure(limit)} {unit} ({of})"
    return Measure(what, said, f">= {target:.2f}", ratio, ratio >= target)


def figure(value: float) -> str:
    """Three significant digits, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(measures: Sequence[Measure]) -> str:
    """The whole report as aligned text."""
    rows = [("what", "measured", "target", "ratio", "reached")]
    for one in measures:
        reached = "" if one.reached is None else "yes" if one.reached else "NO"
        rows.append((one.what, one.measured, one.target, "" if one.ratio is None else f"{one.ratio:.2f}", reached))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    rows.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def keep(measures: Sequence[Measure], path: Path) -> None:
    """The same for programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in measures], indent=2) + "\n")
