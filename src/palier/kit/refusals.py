"""An expected "no", by name, in both languages.

A refusal is defined beside the function that raises it. Its texts say what happened, that nothing was changed or
taken, and the next step. An interface turns it into a message on a field, a page or a problem document; never into a
500.
"""

from typing import ClassVar, Self


class Sentence(str):
    """What a reader is told, which still knows the code of what it tells: the page links to the article about it."""

    __slots__ = ("code",)

    code: str

    def __new__(cls, text: str, code: str = "") -> Self:
        made = super().__new__(cls, text)
        made.code = code
        return made

    def __str__(self) -> Self:
        """Itself, so that a form's error or a message keeps the code."""
        return self


class Refusal(Exception):
    """Subclasses set ``code`` (stable, ``noun.reason``), ``en``, ``fr`` and, for input, ``field``.

    The texts are format strings over the keyword arguments: ``QuoteExpired(held_until="14:32")``.
    """

    code: ClassVar[str]
    en: ClassVar[str]
    fr: ClassVar[str]
    field: str | None = None

    def __init__(self, *, field: str | None = None, **details: object) -> None:
        super().__init__(self.code)
        self.details = details
        if field is not None:
            self.field = field

    def text(self, language: str) -> Sentence:
        """The sentence for the reader; English for any language that we do not speak."""
        template = self.fr if language.startswith("fr") else self.en
        return Sentence(template.format(**self.details), self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.text('en')}"
