"""What people type, before it is kept or shown."""

import unicodedata


def visible(text: str, *, keep: str = "") -> str:
    """Letters and marks of any script, signs, spaces of any width. What controls a terminal or turns the text around
    goes (Unicode category C), except for the characters to ``keep``."""
    return "".join(letter for letter in text if letter in keep or unicodedata.category(letter)[0] != "C")
