"""Guessing passwords: few guesses are weighed, and the real person still comes in.

That all processes count together: ``tests/stack/test_counted_tries.py``.
"""

import re
import time

import pytest
from django.core import mail
from django.test import Client

from palier.interfaces.portal import known_browsers
from tests.interfaces.conftest import ClientOf
from tests.report.happened import happened
from tests.report.size import sized
from tests.world import PASSWORD, Cast

LOGIN = "/accounts/login/"
OWNER = "owner@lumiere.example"
FOR_ONE_PERSON, PERSON_SECONDS = 5, 300
FROM_ONE_ADDRESS, ADDRESS_SECONDS = 10, 60
TRIES = sized(120, 5_000, 5_000)


def knock(client: Client, password: str = "wrong-password", login: str = OWNER, address: str = "203.0.113.9") -> str:
    """What becomes of a try to log in: ``in``, ``wrong`` or ``wait``."""
    answer = client.post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR=address)
    if answer.status_code == 302:
        return "in"
    assert answer.status_code in (200, 429)
    return "wait" if answer.status_code == 429 or b"Too many wrong passwords" in answer.content else "wrong"


def at_most(limit: int, seconds: int, since: float) -> int:
    """How many tries a limit lets through in the time that has passed."""
    return limit * (1 + int((time.monotonic() - since) // seconds))


def test_many_people_tried_from_one_address_are_few_guesses(client_of: ClientOf, cast: Cast) -> None:
    began = time.monotonic()
    answers = [knock(client_of(None), login=f"person{turn}@lumiere.example") for turn in range(TRIES)]
    happened("log_in_tries", len(answers))
    assert answers.count("wait") >= TRIES - at_most(FROM_ONE_ADDRESS, ADDRESS_SECONDS, began)
    assert answers.count("in") == 0


def test_one_person_tried_from_many_addresses_is_few_guesses(client_of: ClientOf, cast: Cast) -> None:
    began = time.monotonic()
    answers = [knock(client_of(None), address=f"198.51.{turn // 250}.{turn % 250}") for turn in range(TRIES)]
    happened("log_in_tries", len(answers))
    assert answers.count("wait") >= TRIES - at_most(FOR_ONE_PERSON, PERSON_SECONDS, began)
    assert answers.count("in") == 0


def test_not_even_the_right_password_helps_a_stranger_and_yet_the_person_comes_in(
    client_of: ClientOf, cast: Cast
) -> None:
    known = client_of(None)
    assert knock(known, PASSWORD, address="192.0.2.1") == "in"
    known.post("/accounts/logout/")
    for turn in range(FOR_ONE_PERSON):
        knock(client_of(None), address=f"198.51.100.{turn}")
    assert knock(client_of(None), PASSWORD, address="198.51.100.77") == "wait"
    assert knock(known, PASSWORD, address="192.0.2.1") == "in"


def test_whoever_waits_comes_in_by_a_new_password_as_the_sentence_says(client_of: ClientOf, cast: Cast) -> None:
    person, new = client_of(None), "a-new-long-password"
    for _ in range(FOR_ONE_PERSON + 1):
        knock(person)
    assert knock(person, PASSWORD) == "wait"
    person.post("/accounts/password/reset/", {"email": OWNER})
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert link
    form = person.get(link[0], follow=True).redirect_chain[-1][0]
    person.post(form, {"password1": new, "password2": new})
    assert knock(person, new) == "in"


def test_a_known_browser_guesses_as_few(client_of: ClientOf, cast: Cast) -> None:
    known = client_of(None)
    knock(known, PASSWORD)
    known.post("/accounts/logout/")
    began = time.monotonic()
    answers = [knock(known, address=f"198.51.100.{turn}") for turn in range(2 * FOR_ONE_PERSON)]
    assert answers.count("wrong") <= at_most(FOR_ONE_PERSON, PERSON_SECONDS, began)


@pytest.mark.parametrize("cookie", ["", "made.up", "of another person"])
def test_a_browser_is_known_by_a_cookie_that_we_signed_for_the_same_person(
    client_of: ClientOf, cast: Cast, cookie: str
) -> None:
    stranger = client_of(None)
    if cookie == "of another person":
        assert knock(stranger, PASSWORD, login=cast.stranger.user.email) == "in"
        stranger.post("/accounts/logout/")
    else:
        stranger.cookies[known_browsers.COOKIE] = cookie
    for turn in range(FOR_ONE_PERSON):
        knock(client_of(None), address=f"198.51.100.{turn}")
    assert knock(stranger, PASSWORD, address="198.51.100.77") == "wait"
