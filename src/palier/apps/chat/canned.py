"""Canned answers: what the team says often, by name, in each language."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from palier.apps.chat.models import LONGEST_MESSAGE, CannedAnswer
from palier.kit import card_numbers
from palier.kit.refusals import Refusal

LONGEST_NAME: Final = 80


class NoName(Refusal):
    code = "canned.no_name"
    en = "The answer needs a name of at most {most} characters, under which the team finds it. Nothing was saved."
    fr = (
        "La réponse a besoin d’un nom de {most} caractères au plus, sous lequel l’équipe la retrouve. "
        "Rien n’a été enregistré."
    )
    field = "name"


class NoText(Refusal):
    code = "canned.no_text"
    en = "The answer needs a text of at most {most} characters. Nothing was saved."
    fr = "La réponse a besoin d’un texte de {most} caractères au plus. Rien n’a été enregistré."
    field = "text"


class UnknownLanguage(Refusal):
    code = "canned.unknown_language"
    en = "An answer is written in one of the languages of this program. Nothing was saved; choose one of them."
    fr = "Une réponse s’écrit dans l’une des langues de ce programme. Rien n’a été enregistré\u202f; choisissez-en une."
    field = "language"


class NameTaken(Refusal):
    code = "canned.name_taken"
    en = "There is already an answer of that name in this language. Nothing was saved; give this one another name."
    fr = (
        "Il existe déjà une réponse de ce nom dans cette langue. Rien n’a été enregistré\u202f; donnez un autre nom à "
        "celle-ci."
    )
    field = "name"


def keep(known: CannedAnswer | None, *, name: str, language: str, text: str, now: datetime) -> CannedAnswer:
    """Write a new answer (None), or write a known one anew."""
    name = card_numbers.hidden(" ".join(name.replace("\0", "").split()))
    text = card_numbers.hidden(text.replace("\r\n", "\n").replace("\0", "").strip())
    if not 0 < len(name) <= LONGEST_NAME:
        raise NoName(most=LONGEST_NAME)
    if not 0 < len(text) <= LONGEST_MESSAGE:
        raise NoText(most=LONGEST_MESSAGE)
    if language not in dict(settings.LANGUAGES):
        raise UnknownLanguage
    answer = known or CannedAnswer()
    answer.name, answer.language, answer.text, answer.saved_at = name, language, text, now
    try:
        with transaction.atomic():
            answer.save()
    except IntegrityError as taken:
        raise NameTaken from taken
    return answer


def remove(answer: CannedAnswer) -> None:
    """The team says it no longer. What was answered with it stays as it was."""
    answer.delete()
