"""Pages for what went wrong: plain words, no stack trace, and shown even when the database is what is missing."""

import copy
import errno
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, RequestFactory, override_settings
from django.utils import translation

from palier.interfaces.ui import errors
from palier.interfaces.ui.middleware import RefusalMiddleware
from palier.kit.refusals import Refusal
from tests.limits import no_descriptor_left

UNREAD = copy.deepcopy(settings.TEMPLATES)
"""The same templates, of which none was opened yet."""


class NotToday(Refusal):
    code = "test.not_today"
    en = "Not today. Nothing was changed; come back tomorrow."
    fr = "Pas aujourd’hui. Rien n’a changé ; revenez demain."


@pytest.mark.django_db
def test_an_unknown_address_is_not_found_in_the_readers_language() -> None:
    answer = Client(headers={"Accept-Language": "fr"}).get("/nothing/here/")
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.content.decode()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What is called without a request's middleware speaks the thread's language."""
    with translation.override("en"):
        yield


def test_error_pages_ask_the_database_nothing() -> None:
    request = RequestFactory().get("/settings/")
    for page, status in [(errors.page_not_found, 404), (errors.permission_denied, 403), (errors.bad_request, 400)]:
        assert page(request, Exception()).status_code == status
    assert errors.server_error(request).status_code == 500


def test_a_database_that_does_not_answer_is_a_page_that_says_so() -> None:
    request = RequestFactory().get("/settings/")
    answer = RefusalMiddleware(lambda request: errors.unavailable(request)).process_exception(
        request, OperationalError("connection refused")
    )
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert "We will be back in a moment" in answer.content.decode()
    try:
        raise OperationalError
    except OperationalError:
        assert errors.server_error(request).status_code == 503


@pytest.mark.parametrize(
    "trouble", [MemoryError(), OSError(errno.EMFILE, "Too many open files"), OSError(errno.ENOSPC, "No space left")]
)
def test_a_machine_that_is_at_an_end_is_a_page_that_says_so(trouble: Exception) -> None:
    middleware = RefusalMiddleware(lambda request: errors.unavailable(request))
    answer = middleware.process_exception(RequestFactory().get("/settings/"), trouble)
    assert answer is not None
    assert answer.status_code == 503
    assert "We will be back in a moment" in answer.content.decode()


def test_where_no_page_can_be_opened_there_are_still_words() -> None:
    request = RequestFactory().get("/settings/")
    with no_descriptor_left(), override_settings(TEMPLATES=UNREAD):
        answer = errors.unavailable(request)
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert "No payment is made twice" in answer.content.decode()
    assert "Aucun paiement n’est effectué deux fois" in answer.content.decode()


def test_the_pages_are_there_before_they_are_needed() -> None:
    request = RequestFactory().get("/settings/")
    with override_settings(TEMPLATES=UNREAD):
        errors.prepare()
        with no_descriptor_left():
            answer = errors.server_error(request)
    assert (answer.status_code, "Something broke" in answer.content.decode()) == (500, True)


def test_other_exceptions_are_left_to_be_reported() -> None:
    middleware = RefusalMiddleware(lambda request: errors.unavailable(request))
    assert middleware.process_exception(RequestFactory().get("/"), ValueError()) is None


@pytest.mark.django_db
def test_a_refusal_that_no_view_expected_is_a_page_with_its_sentence() -> None:
    middleware = RefusalMiddleware(lambda request: errors.unavailable(request))
    answer = middleware.process_exception(RequestFactory().get("/"), NotToday())
    assert answer is not None
    assert answer.status_code == 409
    assert NotToday.en in answer.content.decode()
