"""GET /chat/suggest/: articles for what somebody is typing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene


@pytest.mark.parametrize(
    ("language", "typed"),
    [("en", "How do I upgrade my account to Team?"), ("fr", "Comment mettre à niveau mon compte ?")],
)
def test_an_article_that_may_answer_it(scene: Scene, client_of: ClientOf, language: str, typed: str) -> None:
    client = client_of(scene.cast.member, language=language)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/chat/suggest/", {"q": typed})
    assert len(captured) <= 3
    assert answer.headers["X-Chat"] == "suggestions"
    links = Page(answer).links
    assert f"/help/{language}/upgrade-your-account/" in links
    assert len(links) <= 3


def test_nothing_for_what_no_article_is_about_and_for_nobody(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.member)
    for typed in ("", "xyzzy qwrtp", "\0"):
        assert client.get("/chat/suggest/", {"q": typed}).status_code == 204
    assert client_of(None).get("/chat/suggest/", {"q": "upgrade"}).status_code == 302
