"""Small drawings made on the server: the same in a page, on paper and without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

STEP: Final = 40
BAR: Final = 24
TALL: Final = 96
FLOOR: Final = 112


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the word under it, its value, and how the value is said."""

    label: str
    value: int
    said: str


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a bar of parts: its class and its size."""

    kind: str
    size: int


def bar_chart(identity: str, title: str, bars: Sequence[Bar]) -> SafeString:
    """Upright bars with a title and, for those who do not see them, every value that is not zero."""
    highest = max((bar.value for bar in bars), default=0)
    said = ", ".join(f"{bar.label} {bar.said}" for bar in bars if bar.value > 0)
    drawn = []
    for place, bar in enumerate(bars):
        height = max(2, TALL * max(bar.value, 0) // highest) if bar.value > 0 else 0
        left = place * STEP
        drawn.append((left + (STEP - BAR) // 2, FLOOR - height, BAR, height, bar.label, bar.said))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{id}-title {id}-desc">'
        '<title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>'
        '<line class="floor" x1="0" x2="{}" y1="{}" y2="{}"/>{}{}</svg>',
        len(bars) * STEP,
        FLOOR + 24,
        title,
        said,
        len(bars) * STEP,
        FLOOR + 0.5,
        FLOOR + 0.5,
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" rx="3"><title>{} {}</title></rect>', drawn),
        format_html_join(
            "",
            '<text x="{}" y="{}" text-anchor="middle">{}</text>',
            [(place * STEP + STEP // 2, FLOOR + 18, bar.label) for place, bar in enumerate(bars)],
        ),
        id=identity,
    )


def parts_bar(parts: Sequence[Part], label: str) -> SafeString:
    """One lying bar cut into parts; the words beside it say the numbers, ``label`` says them all at once."""
    whole = sum(part.size for part in parts) or 1
    drawn, left = [], 0
    for part in parts:
        width = 1000 * part.size // whole
        drawn.append((part.kind, left, max(0, width - 4)))
        left += width
    return format_html(
        '<svg class="parts" viewBox="0 0 1000 12" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        label,
        format_html_join("", '<rect class="{}" x="{}" y="0" width="{}" height="12"/>', drawn),
    )


@dataclass(frozen=True, slots=True)
class Point:
    """From this instant on, the value; ``said`` is both in words."""

    at: datetime
    value: int
    said: str


WIDE: Final = 480
LOW: Final = 64


def step_chart(identity: str, title: str, points: Sequence[Point], *, until: datetime) -> SafeString:
    """A line of steps over time, the first point at the left edge; every step in words for those who do not see it."""
    first, highest = points[0].at, max(max(point.value for point in points), 1)
    whole = max((until - first).total_seconds(), 1)
    path, heights = [], []
    for place, point in enumerate(points):
        x = int(WIDE * (point.at - first).total_seconds() / whole)
        y = 16 + LOW - LOW * point.value // highest
        path.append(f"M{x} {y}" if place == 0 else f"H{x}V{y}")
        heights.append(y)
    floor = 16 + LOW
    line = f"{''.join(path)}H{WIDE}"
    return format_html(
        '<svg class="chart steps-chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{id}-title {id}-desc">'
        '<title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>'
        '<path class="area" d="{}V{}H0Z"/><path class="line" d="{}"/>'
        '<text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        WIDE,
        floor + 4,
        title,
        ", ".join(point.said for point in points),
        line,
        floor,
        line,
        WIDE,
        max(12, heights[-1] - 5),
        points[-1].value,
        id=identity,
    )


def gauge(used: int, limit: int, label: str, said: str) -> SafeString:
    """How full something is; ``label`` is the id of its name, ``said`` its value in words. A notch marks 80 %."""
    width = min(1000, 1000 * used // limit) if limit else 1000 * (used > 0)
    if used:
        width = max(width, 8)
    return format_html(
        '<div class="gauge" role="meter" aria-labelledby="{}" aria-valuemin="0" aria-valuemax="{}" '
        'aria-valuenow="{}" aria-valuetext="{}">'
        '<svg viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="fill" x="0" y="0" width="{}" height="12"/>'
        '<rect class="notch" x="798" y="0" width="4" height="12"/></svg></div>',
        label,
        max(limit, 1),
        min(used, max(limit, 1)),
        said,
        width,
    )
