"""The report's chart: each figure as a bar beside its floor, on a scale of powers of ten."""

from html import escape
from math import log10
from typing import Any, Final

WIDTH: Final = 1010
LABELS: Final = 420
NUMBERS: Final = 110
ROW: Final = 26
HEAD: Final = 54

STYLE: Final = """
  text { font: 14px system-ui, sans-serif; fill: #1f2733 }
  .quiet { fill: #5b6675; font-size: 12px }
  .ground { fill: #ffffff } .grid { stroke: #e3e7ec } .bar { fill: #2f6fde } .short { fill: #c2362b }
  .floor { stroke: #1f2733; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e7ebf0 } .quiet { fill: #a3adba } .ground { fill: #14181f } .grid { stroke: #2b323c }
    .bar { fill: #6aa0ff } .short { fill: #ff8077 } .floor { stroke: #e7ebf0 }
  }
"""


def of(found: dict[str, Any]) -> str:
    """An SVG that reads in light and dark; the same figures are in the page's table as text."""
    shown = [figure for figure in found["figures"] if figure["counted"] or figure["floor"]]
    powers = _powers(shown)
    height = HEAD + ROW * len(shown) + 16
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        '<title id="title">How often each fault happened, beside the least that is asked</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}" rx="8"/>',
        f'<text class="quiet" x="16" y="24">Bar: counted. Mark: the least that is asked (size {found["size"]}).</text>',
        *(_grid(power, powers, height) for power in range(powers + 1)),
        *(_row(figure, turn, powers, found["short"]) for turn, figure in enumerate(shown)),
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"


def _powers(shown: list[dict[str, Any]]) -> int:
    most = max([max(figure["counted"], figure["floor"]) for figure in shown], default=1)
    return max(1, int(log10(max(most, 1))) + 1)


def _x(count: float, powers: int) -> float:
    """Where a count lies; none lies at the left edge, like one."""
    return LABELS + (WIDTH - LABELS - NUMBERS) * log10(max(count, 1)) / powers


def _grid(power: int, powers: int, height: int) -> str:
    x = _x(10**power, powers)
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{HEAD - 8}" y2="{height - 12}"/>'
        f'<text class="quiet" x="{x:.1f}" y="{HEAD - 14}" text-anchor="middle">{10**power:,}</text>'
    )


def _row(figure: dict[str, Any], turn: int, powers: int, short: list[str]) -> str:
    top = HEAD + ROW * turn
    end, floor = _x(figure["counted"], powers), _x(figure["floor"], powers)
    kind = "short" if figure["name"] in short else "bar"
    mark = (
        f'<line class="floor" x1="{floor:.1f}" x2="{floor:.1f}" y1="{top + 1}" y2="{top + 21}"/>'
        if figure["floor"]
        else ""
    )
    return (
        f'<text x="{LABELS - 12}" y="{top + 16}" text-anchor="end">{escape(figure["title"])}</text>'
        f'<rect class="{kind}" x="{LABELS}" y="{top + 4}" width="{max(end - LABELS, 2):.1f}" height="14" rx="3"/>{mark}'
        f'<text x="{WIDTH - 16}" y="{top + 16}" text-anchor="end">{figure["counted"]:,}</text>'
    )
