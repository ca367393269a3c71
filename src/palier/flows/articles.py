"""The article of the help centre that a letter or a problem document leads to."""

from typing import Final

from django.conf import settings

from palier.apps.help import library

CONFIRMATION: Final = "authentication_expired"
"""The code whose article tells how a payment is confirmed with the bank."""


def about(code: str, language: str) -> tuple[str, str] | None:
    """Title and address of the article that explains a refusal or a declined payment; None where there is none."""
    found = library.for_code(code, language)
    return (found.title, f"{settings.BASE_URL}{found.path}") if found else None
