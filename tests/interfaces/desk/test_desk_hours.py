"""GET and POST /desk/hours/: one week, and what customers see of it."""

import pytest
from django.test import Client

from palier.apps.chat.models import OpeningHours
from tests.interfaces.pages import Page

MONDAY = {"opens-0-0": "09:00", "closes-0-0": "12:30", "opens-0-1": "14:00", "closes-0-1": "18:00"}


def test_a_week_is_written_as_a_whole(desk: Client) -> None:
    assert Page(desk.get("/desk/hours/")).says("tells no hours")
    page = Page(desk.post("/desk/hours/", {**MONDAY, "opens-6-0": "10:00", "closes-6-0": "23:59"}, follow=True))
    assert page.says("The hours are saved")
    assert page.one("input", id="closes-0-1").get("value") == "18:00"
    assert [str(row) for row in OpeningHours.objects.all()] == ["0 09:00-12:30", "0 14:00-18:00", "6 10:00-23:59"]
    desk.post("/desk/hours/", {"opens-1-0": "09:00", "closes-1-0": "10:00"})
    assert [row.weekday for row in OpeningHours.objects.all()] == [1]


@pytest.mark.parametrize(
    ("wrong", "place", "words"),
    [
        ({"closes-0-0": ""}, 0, "One of both times is missing"),
        ({"opens-0-0": "noon"}, 0, "“noon” is not a time of day"),
        ({"closes-0-1": "13:00"}, 1, "would close before it opens"),
        ({"opens-0-1": "12:00"}, 1, "Both ranges of this day overlap"),
    ],
)
def test_hours_that_cannot_be_told_are_refused_where_they_stand(
    desk: Client, wrong: dict[str, str], place: int, words: str
) -> None:
    page = Page(desk.post("/desk/hours/", {**MONDAY, **wrong}))
    assert page.status == 422
    assert words in page.words_of(f"error-{place}")
    assert not OpeningHours.objects.exists()
