"""The root of the engine's named errors."""

from typing import ClassVar


class EngineError(ValueError):
    """A value that the engine cannot compute with. `code` is stable and safe to show to a program."""

    code: ClassVar[str] = "engine_error"
