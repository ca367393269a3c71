"""What went wrong, in a program's words, as it is kept and shown to people."""

import re
from typing import Final

from palier.kit import ids

_IDENTITY: Final = re.compile(r"(?<!\d)\d{18,19}(?!\d)", re.ASCII)


def told(error: BaseException) -> str:
    """The kind of an error and the first line of its words.

    A database tells on further lines what stood in the row: that is the customers', and stays in the log. Identities
    are written as outside, since as integers they can pass for a card's number.
    """
    said = str(error).partition("\n")[0]
    words = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return _IDENTITY.sub(lambda match: ids.public_id("id", int(match.group())), words)
