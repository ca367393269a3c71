"""The one error that this package raises on purpose."""


class StackError(Exception):
    """Something outside Palier is missing or in the way. The message is one sentence for the person at the terminal."""
