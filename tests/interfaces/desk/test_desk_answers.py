"""GET and POST /desk/answers/: the canned answers, by language."""

import pytest
from django.test import Client

from palier.apps.chat.models import CannedAnswer
from tests.interfaces.pages import Page

RIGHT = {"name": "Proration", "language": "fr", "text": "Seuls les jours restants comptent."}


def test_an_answer_is_added(desk: Client) -> None:
    assert Page(desk.get("/desk/answers/")).heading == "Canned answers"
    page = Page(desk.post("/desk/answers/", RIGHT, follow=True))
    assert page.says("The answer is saved.")
    assert page.says("Seuls les jours restants comptent.")
    assert CannedAnswer.objects.get().language == "fr"


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": " "}, "name", "needs a name"),
        ({"name": "x" * 81}, "name", "needs a name"),
        ({"text": "\n"}, "text", "needs a text"),
        ({"text": "x" * 4001}, "text", "needs a text"),
        ({"language": "de"}, "language", "one of the languages"),
        ({"name": "Taken"}, "name", "already an answer of that name"),
    ],
)
def test_what_cannot_be_saved_is_refused_at_its_field(
    desk: Client, wrong: dict[str, str], field: str, words: str
) -> None:
    desk.post("/desk/answers/", {**RIGHT, "name": "Taken"})
    page = Page(desk.post("/desk/answers/", {**RIGHT, **wrong}))
    assert page.status == 422
    assert words in page.words_of(f"{field}_error")
    assert CannedAnswer.objects.count() == 1
