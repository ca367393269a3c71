"""What axe finds wrong with a page or a frame."""

from typing import Any, Final, Protocol

from axe_playwright_python.base import AXE_SCRIPT

ALL_RULES: Final[dict[str, Any]] = {"resultTypes": ["violations"], "iframes": False}
COLOURS: Final[dict[str, Any]] = {**ALL_RULES, "runOnly": ["color-contrast", "link-in-text-block"]}


class Evaluates(Protocol):
    """A page or a frame."""

    def evaluate(self, expression: str, arg: Any = None) -> Any: ...


EMBEDDED: Final[dict[str, Any]] = {"rules": {"page-has-heading-one": {"enabled": False}}}
"""A frame is a part of a page that has its heading."""


def violations(place: Evaluates, options: dict[str, Any] = ALL_RULES) -> list[str]:
    """One line for each element that breaks a rule; embedded frames are looked at by themselves."""
    if not place.evaluate("'axe' in window"):
        place.evaluate(AXE_SCRIPT)
    found = place.evaluate("options => axe.run(document, options).then((all) => all.violations)", options)
    return [
        f"{rule['id']}: {node['html'][:160]} ({' '.join(node['failureSummary'].split())[:240]})"
        for rule in found
        for node in rule["nodes"]
    ]
