"""Generated cases: how many of each property a run of this size tries, and counting those in which it held."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings

from tests.report.happened import happened
from tests.report.size import SIZE, Size, sized

CHEAP: Final = 1000
"""Cases of a property that takes a part of a millisecond."""

TIMES: Final = sized(1, 25, 250)


def cases(number: int) -> int:
    """So many at each landing, many more in a night and before a release."""
    return number * TIMES


settings.register_profile(
    "palier",
    max_examples=cases(CHEAP),
    derandomize=SIZE is Size.PR,  # a landing judges the change, a night looks for what nobody has seen
    deadline=None,  # how long a case takes says more about the machine than about the property
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)


class Counting:
    """Around a property while its test runs: how often it held."""

    def __init__(self, item: pytest.Item) -> None:
        self.held = 0
        handle = getattr(getattr(item, "obj", None), "hypothesis", None)
        self._handle: Any = handle if hasattr(handle, "inner_test") else None

    def __enter__(self) -> "Counting":
        if self._handle:
            self._kept = self._handle.inner_test
            self._handle.inner_test = self._counted(self._kept)
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle:
            self._handle.inner_test = self._kept
        if self.held:
            happened("property_cases", self.held)

    def _counted(self, holds: Callable[..., object]) -> Callable[..., object]:
        @wraps(holds)
        def counted(*arguments: object, **named: object) -> object:
            answer = holds(*arguments, **named)
            self.held += 1
            return answer

        return counted
