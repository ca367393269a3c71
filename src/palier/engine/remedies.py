"""What makes room under a limit: some units of an add-on, or a higher plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from palier.engine.grants import THRESHOLDS


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that can be bought. ``limit`` is what it would lead to, None for unlimited; ``units`` are the units of
    an add-on in all, 0 for a plan; ``extra_minor`` is what it adds to a month."""

    kind: str  # "add_on" or "plan"
    key: str
    units: int
    limit: int | None
    extra_minor: int

    def suffices(self, needed: int) -> bool:
        return self.limit is None or self.limit >= needed


def units_for(needed: int, limit: int, adds: int) -> int:
    """How many more units lift a limit to what is needed."""
    return max(0, -(-(needed - limit) // adds))


def roomy(used: int) -> int:
    """The least limit under which a use is below every threshold again."""
    return used * 100 // min(THRESHOLDS) + 1


def best(add_on: Remedy | None, plans: Sequence[Remedy], needed: int) -> Remedy | None:
    """The add-on if it suffices and costs less than the lowest plan that does, else that plan.

    ``plans`` from low to high. None where nothing on sale is enough.
    """
    plan = next((plan for plan in plans if plan.suffices(needed)), None)
    if add_on is None or not add_on.suffices(needed):
        return plan
    return add_on if plan is None or add_on.extra_minor < plan.extra_minor else plan
